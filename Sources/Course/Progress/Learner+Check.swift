import Foundation
import MartletJSON
import MartletYAML

/// What a learner hands in.
public enum Submission: Sendable, Equatable {
  /// What is in the exercise's folder: `program.py` or `program.swift`, `answer.yaml`, `answer.txt`.
  case folder
  /// Texts from the command line: a value, or `name=value`, or a mapping.
  case texts([String])
  /// A file.
  case file(String)
  /// A program's text.
  case program(ProgramLanguage, String)
}

/// Who rates an explanation.
public enum ExplanationRating: Sendable {
  /// A model or a person, point by point; the exercise counts as passed if a model finds all of them.
  case byModel(@Sendable (ExplanationTask.Point, String) async throws -> Bool)
  /// The learner, point by point; the exercise counts as done.
  case byLearner(@Sendable (ExplanationTask.Point) -> Bool)
}

extension Learner {
  /// Checks an answer and remembers what came of it. An exercise that was passed before stays passed.
  ///
  /// - Parameters:
  ///   - submission: What is handed in.
  ///   - exercise: The exercise.
  ///   - seed: What a program's random cases are drawn from.
  ///   - rating: Who rates an explanation; nil leaves it to the learner, who is shown the points.
  /// - Throws: ``CourseError`` if the answer, the evidence or a program cannot be read or run, and what a model throws.
  public mutating func check(
    _ submission: Submission, _ exercise: Exercise, seed: UInt64 = .random(in: 0...999_999),
    rating: ExplanationRating? = nil
  ) async throws -> Verdict {
    var state = try begun(exercise)
    let verdict: Verdict
    switch exercise.task {
    case .program(let task):
      guard let (language, source) = try program(submission, exercise) else {
        return .refused("There is no program yet: program.py or program.swift in the exercise's folder.")
      }
      if course.scaffolds(of: exercise)[language] == source {
        verdict = .refused("The program is still the scaffold. Write the part that is left out.")
      } else {
        verdict = try task.check(source, language: language, seed: seed)
      }
    case .values(let task):
      let values = try values(submission, task, exercise)
      var evidence = Evidence(runs: try folder.runs(of: exercise, state), prediction: state.prediction)
      for file in task.files { evidence.files[file.path] = folder.text(file.path, of: exercise) }
      verdict = try task.check(values, evidence: evidence)
      if verdict.passed {
        state.answer = .object(JSONObject(values.sorted { $0.key < $1.key }.map { ($0, .string($1)) }))
      }
    case .explanation(let task):
      let text = try text(submission, exercise)
      verdict = try await check(text, task, rating)
      if verdict.isDone { state.answer = .string(text) }
    }
    state.attempts += 1
    if verdict.passed {
      state.status = .passed
    } else if verdict.isDone, state.status != .passed {
      state.status = .done
    }
    if verdict.isDone { state.finished = state.finished ?? Self.time() }
    try remember(state, exercise)
    return verdict
  }

  private func check(
    _ text: String, _ task: ExplanationTask, _ rating: ExplanationRating?
  ) async throws -> Verdict {
    // The lesson's own words explain nothing, nor do those of the course's other parts.
    if course.exercises.contains(where: { $0.text.contains(text.trimmed) }), !text.trimmed.isEmpty {
      return .refused("These are the lesson's words. Say it in your own.")
    }
    if let fault = task.fault(of: text) { return fault }
    switch rating {
    case .byModel(let judge):
      for point in task.rubric where try await !judge(point, text) {
        return .refused("The model does not find it answered: \(point.question)")
      }
      return .passed("The model finds each point of the rubric.")
    case .byLearner(let says):
      for point in task.rubric where !says(point) {
        return .refused("Then it is not finished: \(point.question)")
      }
      return .done("Done, by your own rating.")
    case nil:
      let points = task.rubric.map { "- \($0.point)" }.joined(separator: "\n")
      return Verdict(
        passed: false, isDone: true, message: "Done. Compare your text with the points of the rubric.",
        details: points)
    }
  }

  private func program(
    _ submission: Submission, _ exercise: Exercise
  ) throws(CourseError) -> (ProgramLanguage, String)? {
    switch submission {
    case .texts(let texts):
      // A program on the command line is Python.
      return (.python, texts.joined(separator: "\n"))
    case .program(let language, let text): return (language, text)
    case .file(let path):
      guard let language = ProgramLanguage.allCases.first(where: { path.hasSuffix(".\($0.rawValue)") }) else {
        throw .answer("\(path): A program is a file .py or .swift.")
      }
      return (language, try read(path))
    case .folder:
      let scaffolds = course.scaffolds(of: exercise)
      let programs = ProgramLanguage.allCases.compactMap { language in
        folder.text("program.\(language.rawValue)", of: exercise).map { (language, $0) }
      }
      return programs.first { scaffolds[$0.0] != $0.1 } ?? programs.first
    }
  }

  private func text(_ submission: Submission, _ exercise: Exercise) throws(CourseError) -> String {
    switch submission {
    case .texts(let texts): texts.joined(separator: "\n")
    case .file(let path): try read(path)
    case .folder: folder.text("answer.txt", of: exercise) ?? ""
    case .program: throw .answer("‘\(exercise.id)’ asks for a text, not for a program.")
    }
  }

  private func values(
    _ submission: Submission, _ task: ValueTask, _ exercise: Exercise
  ) throws(CourseError) -> [String: String] {
    switch submission {
    case .texts(let texts): try task.values(in: texts)
    case .file(let path): try ValueTask.values(inYAML: try read(path), path: path)
    case .program: throw .answer("‘\(exercise.id)’ asks for values, not for a program.")
    case .folder:
      try ValueTask.values(
        inYAML: folder.text("answer.yaml", of: exercise) ?? "",
        path: folder.folder(of: exercise).appending(path: "answer.yaml").path(percentEncoded: false))
    }
  }

  private func read(_ path: String) throws(CourseError) -> String {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .folder(path: path, problem: "The file cannot be read.")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw .folder(path: path, problem: "The file is not UTF-8.")
    }
    return text
  }
}

extension ValueTask {
  /// The values that texts of a command line state: `name=value`, a mapping in YAML, or the value of the only field.
  public func values(in texts: [String]) throws(CourseError) -> [String: String] {
    var values: [String: String] = [:]
    for text in texts {
      if let field = fields.first(where: { text.hasPrefix("\($0.name)=") }) {
        values[field.name] = String(text.dropFirst(field.name.count + 1))
      } else if case .object(let members)? = try? JSON(parsingYAML: text),
        members.keys.contains(where: { name in fields.contains { $0.name == name } })
      {
        for (name, value) in members { values[name] = AnswerValue.text(of: value) }
      } else if fields.count == 1, texts.count == 1 {
        values[fields[0].name] = text
      } else {
        throw .answer(
          "‘\(text)’ does not say which value it is. Write name=value, where the name is "
            + fields.map { "‘\($0.name)’" }.joined(separator: ", ") + ".")
      }
    }
    return values
  }

  static func values(inYAML text: String, path: String) throws(CourseError) -> [String: String] {
    do throws(YAMLError) {
      switch try JSON(parsingYAML: text) {
      case .null: return [:]
      case .object(let members):
        return Dictionary(members.map { ($0.key, AnswerValue.text(of: $0.value)) }) { $1 }
      default: break
      }
    } catch {
      throw .answer("\(path): \(error)")
    }
    throw .answer("\(path): An answer is lines of ‘name: value’.")
  }
}

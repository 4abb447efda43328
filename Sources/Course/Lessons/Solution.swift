import MartletJSON
import MartletYAML

/// A whole answer to an exercise: the reference solution, or a typical wrong one.
public struct Solution: Sendable {
  /// `solution`, or the name of a wrong answer.
  public let name: String
  /// What is answered.
  public let answer: Answer
  /// Commands of Martlet, as lists of words, that are run before.
  public let runs: [[String]]
  /// What is predicted before the commands are run.
  public let prediction: [String: String]

  /// What is answered.
  public enum Answer: Sendable {
    /// The fields' texts by their names.
    case values([String: String])
    /// A program.
    case program(ProgramLanguage, String)
    /// An explanation.
    case text(String)
  }

  fileprivate init(
    name: String, text: String, path: String, exercise: Exercise, otherwise solution: Solution?
  ) throws(CourseError) {
    self.name = name
    let value: JSON
    do throws(YAMLError) { value = try JSON(parsingYAML: text) } catch {
      throw .lesson(path: path, problem: "\(error)")
    }
    var header = try Header(value, path: path)
    if case .explanation = exercise.task {
      answer = .text(try header.text("answer"))
      runs = []
      prediction = [:]
    } else {
      guard let members = header.value("answer")?.objectValue else {
        throw header.fault("‘answer’ is no mapping.")
      }
      answer = .values(Self.texts(members))
      let prediction = header.value("predict")?.objectValue.map(Self.texts)
      self.prediction = prediction ?? solution?.prediction ?? [:]
      let lines = header.value("runs") == nil ? nil : try header.texts("runs")
      runs = lines.map { $0.map(CommandWords.split) } ?? solution?.runs ?? []
    }
    try header.finish()
  }

  fileprivate init(name: String, program: String, language: ProgramLanguage) {
    self.name = name
    answer = .program(language, program)
    runs = []
    prediction = [:]
  }

  private static func texts(_ members: JSONObject) -> [String: String] {
    Dictionary(members.map { ($0.key, AnswerValue.text(of: $0.value)) }) { $1 }
  }
}

extension Course {
  /// The reference solutions of an exercise: one, or one for each language.
  ///
  /// - Throws: ``CourseError`` if there is none, or it cannot be read.
  public func solutions(of exercise: Exercise) throws(CourseError) -> [Solution] {
    if exercise.kind == .code {
      let programs = programs(exercise.folder + "/solution")
      guard !programs.isEmpty else {
        throw .lesson(path: exercise.folder, problem: "solution.py or solution.swift is missing.")
      }
      return ProgramLanguage.allCases.compactMap { language in
        programs[language].map {
          Solution(name: "solution.\(language.rawValue)", program: $0, language: language)
        }
      }
    }
    let path = exercise.folder + "/solution.yaml"
    guard let text = source.files[path] else {
      throw .lesson(path: exercise.folder, problem: "solution.yaml is missing.")
    }
    return [try Solution(name: "solution", text: text, path: path, exercise: exercise, otherwise: nil)]
  }

  /// Typical wrong answers to an exercise.
  ///
  /// - Throws: ``CourseError`` if one cannot be read.
  public func wrongAnswers(to exercise: Exercise) throws(CourseError) -> [Solution] {
    var wrong: [Solution] = []
    let solution = exercise.kind == .code ? nil : try solutions(of: exercise).first
    for (name, text) in source.files(below: exercise.folder + "/wrong").sorted(by: { $0.key < $1.key }) {
      let path = exercise.folder + "/wrong/" + name
      if let language = ProgramLanguage.allCases.first(where: { name.hasSuffix(".\($0.rawValue)") }) {
        wrong.append(Solution(name: name, program: text, language: language))
      } else {
        wrong.append(
          try Solution(name: name, text: text, path: path, exercise: exercise, otherwise: solution))
      }
    }
    return wrong
  }

  /// Further files of the solution, by their paths in the exercise's folder.
  func solutionFiles(of exercise: Exercise) -> [String: String] {
    source.files(below: exercise.folder + "/solution")
  }
}

/// The words of a command line, as a shell would see them.
enum CommandWords {
  /// Splits at white space outside of quotes; a backslash outside of single quotes takes the next character as it is.
  static func split(_ line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in line {
      if isEscaped {
        word = (word ?? "") + String(character)
        isEscaped = false
      } else if character == "\\", quote != "'" {
        isEscaped = true
      } else if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character.isWhitespace {
        if let finished = word { words.append(finished) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let word { words.append(word) }
    return words
  }
}

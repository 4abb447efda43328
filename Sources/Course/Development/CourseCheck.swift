import Foundation
import MartletJSON

/// Holds a course to its rules: the form of its files, every solution, every wrong answer.
///
/// Lessons rot with the program that they are about; this is what notices it.
public struct CourseCheck: Sendable {
  /// The course.
  public let course: Course
  let recorder: CommandRecorder
  let scratch: URL

  /// What was found of one exercise.
  public struct Finding: Sendable {
    /// The exercise.
    public let exercise: Exercise
    /// Whether every reference solution passes; for an explanation, whether it has what the rubric asks for.
    public var solutionPasses = false
    /// Whether everything wrong was refused.
    public var wrongAnswersRefused = true
    /// What is wrong, sentence by sentence.
    public var problems: [String] = []
    /// How long it took, in seconds.
    public var seconds = 0.0

    /// `id`, `skill`, `day`, `kind`, `title`, `solution_passes`, `wrong_refused`, `problems`, `seconds`.
    public var json: JSON {
      [
        "id": .string(exercise.id), "skill": .string(exercise.skill), "day": JSON(exercise.day),
        "kind": .string(exercise.kind.rawValue), "title": .string(exercise.title),
        "solution_passes": .bool(solutionPasses), "wrong_refused": .bool(wrongAnswersRefused),
        "problems": .array(problems.map { .string($0) }), "seconds": JSON((seconds * 10).rounded() / 10),
      ]
    }
  }

  /// A check of a course.
  ///
  /// - Parameters:
  ///   - course: The course.
  ///   - recorder: Runs the commands that solutions name.
  ///   - scratch: A folder for learners' folders, which the caller removes.
  public init(_ course: Course, recorder: CommandRecorder, scratch: URL) {
    self.course = course
    self.recorder = recorder
    self.scratch = scratch
  }

  /// Looks at one exercise: works through it with the reference solution, and tries what must not pass.
  ///
  /// - Throws: `CancellationError`; everything else is a problem of the finding.
  public func check(_ exercise: Exercise) async throws -> Finding {
    let start = ContinuousClock.now
    var finding = Finding(exercise: exercise)
    finding.problems = CourseForm(course).problems(of: exercise)
    do {
      try await checkAnswers(exercise, &finding)
    } catch let error as CancellationError {
      throw error
    } catch {
      finding.problems.append("\(error)")
    }
    finding.seconds = (ContinuousClock.now - start) / .seconds(1)
    return finding
  }

  private func checkAnswers(_ exercise: Exercise, _ finding: inout Finding) async throws {
    let solutions = try course.solutions(of: exercise)
    var verdicts: [Verdict] = []
    var place: Learner?
    for solution in solutions {
      try Task.checkCancellation()
      var learner = try learner(solution.name, exercise)
      try prepare(&learner, solution, exercise)
      let verdict = try await learner.check(solution.answer.submission, exercise, seed: 1)
      if !(verdict.passed || verdict.isDone) {
        finding.problems.append("\(solution.name) is refused: \(verdict.message) \(verdict.details)".trimmed)
      }
      verdicts.append(verdict)
      place = learner
    }
    finding.solutionPasses = verdicts.allSatisfy(\.isDone)
    guard let place, let solution = solutions.first else { return }
    let wrong = try course.wrongAnswers(to: exercise)
    if wrong.isEmpty { finding.problems.append("There is no typical wrong answer: wrong/NAME.") }
    var hasEvidence: [[[String]]: Learner] = [solution.runs: place]
    for answer in wrong {
      try Task.checkCancellation()
      var learner = hasEvidence[answer.runs]
      if learner == nil || answer.prediction != solution.prediction {
        var other = try self.learner("wrong-" + answer.name, exercise)
        try prepare(&other, answer, exercise)
        learner = other
        if answer.prediction == solution.prediction { hasEvidence[answer.runs] = other }
      }
      if var learner {
        try await refuse(answer.answer.submission, "wrong/\(answer.name)", &learner, exercise, &finding)
      }
    }
    for (name, submission) in unearned(exercise) {
      try Task.checkCancellation()
      var learner = place
      try await refuse(submission, name, &learner, exercise, &finding)
    }
  }

  private func learner(_ name: String, _ exercise: Exercise) throws -> Learner {
    let folder = scratch.appending(path: exercise.id).appending(path: name)
    return try Learner(course: course, folder: LearnerFolder(folder))
  }

  /// Begins the exercise, predicts, and runs the commands.
  private func prepare(_ learner: inout Learner, _ solution: Solution, _ exercise: Exercise) throws {
    let language: ProgramLanguage =
      if case .program(let language, _) = solution.answer { language } else { .python }
    if exercise.kind == .code, course.scaffolds(of: exercise)[language] == nil {
      throw CourseError.lesson(path: exercise.folder, problem: "scaffold.\(language.rawValue) is missing.")
    }
    try learner.start(exercise, language: language)
    try copySolutionFiles(of: exercise, to: learner)
    let folder = learner.folder.folder(of: exercise)
    if !solution.prediction.isEmpty { try learner.predict(solution.prediction, exercise) }
    for words in solution.runs {
      try Task.checkCancellation()
      let run = try recorder.run(words, in: folder, with: ownPlaces(of: learner), showsComplaints: false)
      _ = try learner.record(run, exercise)
    }
  }

  func copySolutionFiles(of exercise: Exercise, to learner: Learner) throws {
    let folder = learner.folder.folder(of: exercise)
    for (name, text) in course.solutionFiles(of: exercise) {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
  }

  /// Where commands keep things: each learner has places of its own, so that nothing is there already.
  func ownPlaces(of learner: Learner) -> [String: String] {
    let home = learner.folder.url.path(percentEncoded: false)
    return ["XDG_DATA_HOME": home + "/data", "XDG_STATE_HOME": home + "/state", "MARTLET_LEARN": home]
  }

  private func refuse(
    _ submission: Submission, _ name: String, _ learner: inout Learner, _ exercise: Exercise,
    _ finding: inout Finding
  ) async throws {
    let verdict: Verdict
    do {
      verdict = try await learner.check(submission, exercise, seed: 2)
    } catch is CourseError {
      return
    }
    if verdict.isDone {
      finding.wrongAnswersRefused = false
      finding.problems.append("\(name) passes.")
    }
  }

  /// What passes in no exercise: nothing, the scaffold, a constant, the answers to other exercises.
  private func unearned(_ exercise: Exercise) -> [(String, Submission)] {
    var tries: [(String, Submission)] = [("an empty answer", .texts([""]))]
    let others = course.exercises.filter { $0.id != exercise.id }
    switch exercise.task {
    case .program(let task):
      for (language, scaffold) in course.scaffolds(of: exercise).sorted(by: {
        $0.key.rawValue < $1.key.rawValue
      }) {
        tries.append(("scaffold.\(language.rawValue)", .program(language, scaffold + "\n")))
      }
      let constant = task.examples.first?.output.serialized() ?? "{}"
      let printing = "import sys\nfor line in sys.stdin:\n    sys.stdout.write(r'''\(constant)''' + '\\n')\n"
      tries.append(("a constant", .program(.python, printing)))
      // Programs of others are processes: the neighbours', which are likest, are enough.
      for other in others where other.kind == .code && abs(other.day - exercise.day) < 8 {
        if let text = course.programs(other.folder + "/solution")[.python] {
          tries.append(("the solution of \(other.id)", .program(.python, text)))
        }
      }
    case .values(let task):
      for constant in ["0", "1", "yes", "a"] {
        tries.append(("‘\(constant)’ throughout", .texts(task.fields.map { "\($0.name)=\(constant)" })))
      }
      for other in others {
        guard case .values(let values)? = try? course.solutions(of: other).first?.answer else { continue }
        // The other's values, field for field: their names would be refused at once.
        let texts = zip(task.fields, values.sorted { $0.key < $1.key }).map { "\($0.name)=\($1.value)" }
        if texts.count == task.fields.count { tries.append(("the answer to \(other.id)", .texts(texts))) }
      }
    case .explanation:
      tries.append(("the lesson's text", .texts([exercise.text])))
      tries.append(
        (
          "one word again and again",
          .texts([Array(repeating: "attention", count: 60).joined(separator: " ")])
        ))
      for other in others {
        guard case .text(let text)? = try? course.solutions(of: other).first?.answer else { continue }
        tries.append(("the answer to \(other.id)", .texts([text])))
      }
    }
    return tries
  }
}

extension Solution.Answer {
  /// The answer as a learner hands it in.
  var submission: Submission {
    switch self {
    case .values(let values): .texts(values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
    case .text(let text): .texts([text])
    case .program(let language, let text):
      .program(language, text)
    }
  }
}

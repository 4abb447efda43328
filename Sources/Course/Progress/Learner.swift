import Foundation
import MartletJSON

/// Somebody who works through the course: the course, the folder, and what is remembered.
///
/// Each method that changes something has written it when it returns.
public struct Learner: Sendable {
  /// The course.
  public let course: Course
  /// Where the learner's files are.
  public let folder: LearnerFolder
  /// What is remembered.
  public private(set) var progress: CourseProgress

  /// A learner with what the folder remembers.
  ///
  /// - Throws: ``CourseError`` if the progress cannot be read.
  public init(course: Course, folder: LearnerFolder) throws(CourseError) {
    self.course = course
    self.folder = folder
    progress = try folder.progress()
  }

  /// The exercise that is current; nil before the first and after the last.
  public var current: Exercise? {
    progress.current.flatMap { id in course.exercises.first { $0.id == id } }
  }

  /// The first exercise, in the course's order and behind the current one, that is neither passed nor done nor skipped;
  /// where there is none, the first before it.
  public var next: Exercise? {
    let start = current.flatMap { current in course.exercises.firstIndex { $0.id == current.id } } ?? 0
    let order = course.exercises[start...] + course.exercises[..<start]
    return order.first { !isFinished($0) && status(of: $0) != .skipped }
      ?? order.first { !isFinished($0) }
  }

  /// How far an exercise is; nil if it was not begun.
  public func status(of exercise: Exercise) -> CourseProgress.Status? {
    progress.exercises[exercise.id]?.status
  }

  /// Whether an exercise is passed or done.
  public func isFinished(_ exercise: Exercise) -> Bool {
    let status = status(of: exercise)
    return status == .passed || status == .done
  }

  /// Makes an exercise the current one and gives its files to the learner; files that are there stay as they are.
  ///
  /// - Parameter language: The language of the scaffold, for a program.
  /// - Returns: The names of the files that were written.
  @discardableResult
  public mutating func start(_ exercise: Exercise, language: ProgramLanguage = .python) throws(CourseError)
    -> [String]
  {
    var files = course.files(of: exercise)
    switch exercise.task {
    case .program:
      let scaffolds = course.scaffolds(of: exercise)
      if let scaffold = scaffolds[language] {
        files["program.\(language.rawValue)"] = scaffold
      } else {
        throw .order(
          "‘\(exercise.id)’ has no scaffold in this language. It has: "
            + scaffolds.keys.map { "--language \($0)" }.sorted().joined(separator: ", ") + ".")
      }
    case .values(let task): files["answer.yaml"] = task.scaffold
    case .explanation: files["answer.txt"] = ""
    }
    let written = try folder.prepare(exercise, files: files)
    if progress.exercises[exercise.id]?.status == .skipped {
      progress.exercises[exercise.id]?.status = .started
    }
    progress.exercises[exercise.id] = progress.exercises[exercise.id] ?? CourseProgress.State()
    progress.current = exercise.id
    try folder.write(progress)
    return written
  }

  /// The next hint, or the last one again.
  ///
  /// - Returns: The hint, its number from 1, and how many there are.
  public mutating func hint(_ exercise: Exercise) throws(CourseError) -> (
    text: String, number: Int, count: Int
  ) {
    var state = try begun(exercise)
    state.hints = min(state.hints + 1, exercise.hints.count)
    try remember(state, exercise)
    return (exercise.hints[state.hints - 1], state.hints, exercise.hints.count)
  }

  /// Commits to a prediction. It is kept, and cannot be changed once a command was recorded.
  ///
  /// - Throws: ``CourseError/order(_:)`` if the exercise asks for none or evidence is there already, and
  ///   ``CourseError/answer(_:)`` if a value is missing or cannot be read.
  public mutating func predict(_ values: [String: String], _ exercise: Exercise) throws(CourseError) {
    let fields = exercise.valueTask?.fields.filter(\.isPredicted) ?? []
    guard !fields.isEmpty else { throw .order("‘\(exercise.id)’ asks for no prediction.") }
    var state = try begun(exercise)
    guard state.runs.isEmpty else {
      throw .order(
        "Commands were recorded already, and a prediction comes before them. ‘martlet learn reset \(exercise.id)’ "
          + "begins again.")
    }
    var prediction: [String: JSON] = [:]
    for field in fields {
      guard let text = values[field.name] else {
        throw .answer("The prediction lacks ‘\(field.name)’: \(field.question)")
      }
      prediction[field.name] = try AnswerValue.read(text, as: field.type)
    }
    if let unknown = values.keys.sorted().first(where: { name in !fields.contains { $0.name == name } }) {
      throw .answer(
        "‘\(unknown)’ is not predicted here: \(fields.map { "‘\($0.name)’" }.joined(separator: ", ")).")
    }
    state.prediction = prediction
    try remember(state, exercise)
  }

  /// Keeps a command as evidence.
  ///
  /// - Returns: The names of the runs of the exercise's header that it matches.
  public mutating func record(_ run: RecordedRun, _ exercise: Exercise) throws(CourseError) -> [String] {
    guard let task = exercise.valueTask else {
      throw .order(
        "‘\(exercise.id)’ takes no recorded commands; it is an exercise of kind ‘\(exercise.kind)’.")
    }
    try allowRecording(exercise)
    var state = try begun(exercise)
    state.runs.append(try folder.keep(run, number: state.runs.count + 1, of: exercise))
    try remember(state, exercise)
    return task.runs.filter { $0.matches(run) }.map(\.name)
  }

  /// Throws if a command cannot be recorded yet, since the exercise asks for a prediction first.
  public func allowRecording(_ exercise: Exercise) throws(CourseError) {
    let predicted = exercise.valueTask?.fields.filter(\.isPredicted) ?? []
    guard predicted.allSatisfy({ progress.exercises[exercise.id]?.prediction[$0.name] != nil }) else {
      throw .order(
        "Predict first: ‘martlet learn predict’. After the command is run, it would be no prediction.")
    }
  }

  /// Leaves an exercise out for now.
  public mutating func skip(_ exercise: Exercise) throws(CourseError) {
    guard !isFinished(exercise) else { throw .order("‘\(exercise.id)’ is finished already.") }
    var state = progress.exercises[exercise.id] ?? CourseProgress.State()
    state.status = .skipped
    if progress.current == exercise.id { progress.current = nil }
    try remember(state, exercise)
    progress.current = progress.current ?? next?.id
    try folder.write(progress)
  }

  /// Forgets an exercise. Its folder is moved aside, not deleted.
  ///
  /// - Returns: Where the folder is now.
  public mutating func reset(_ exercise: Exercise) throws(CourseError) -> URL? {
    let place = try folder.moveAway(exercise)
    progress.exercises[exercise.id] = nil
    try folder.write(progress)
    return place
  }

  /// Writes a finding down.
  public mutating func note(_ text: String) throws(CourseError) {
    progress.findings.append(
      CourseProgress.Finding(time: Self.time(), exercise: progress.current, text: text))
    try folder.write(progress)
  }

  func begun(_ exercise: Exercise) throws(CourseError) -> CourseProgress.State {
    progress.exercises[exercise.id] ?? CourseProgress.State()
  }

  mutating func remember(_ state: CourseProgress.State, _ exercise: Exercise) throws(CourseError) {
    progress.exercises[exercise.id] = state
    try folder.write(progress)
  }

  static func time() -> String { Date().formatted(.iso8601) }
}

extension ValueTask {
  /// The file that a learner fills in.
  var scaffold: String {
    fields.map { "# \($0.question)\n\($0.name):\n" }.joined(separator: "\n")
  }
}

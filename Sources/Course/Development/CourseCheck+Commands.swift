import Foundation

extension CourseCheck {
  /// Runs the commands that a lesson shows, in the exercise's folder, and compares what they print with what the lesson
  /// says.
  ///
  /// - Returns: What differs, or does not run.
  /// - Throws: `CancellationError`, and ``CourseError`` if a folder cannot be written.
  public func commandProblems(of exercise: Exercise) throws -> [String] {
    let commands = ConsoleCommand.commands(in: exercise.text)
    guard !commands.isEmpty else { return [] }
    let base = scratch.appending(path: exercise.id).appending(path: "commands")
    var learner = try Learner(course: course, folder: LearnerFolder(base))
    try learner.start(exercise)
    try copySolutionFiles(of: exercise, to: learner)
    var problems: [String] = []
    for command in commands {
      try Task.checkCancellation()
      let printed = try recorder.shell(
        command.line, in: learner.folder.folder(of: exercise), with: ownPlaces(of: learner))
      switch printed {
      case .failed(let status, let text):
        problems.append("‘\(command.line)’ ended with exit status \(status): \(text.suffix(400))")
      case .printed(let text):
        if let line = command.difference(from: text) {
          problems.append("‘\(command.line)’ does not print ‘\(line)’. It printed:\n\(text)")
        }
      }
    }
    return problems
  }
}

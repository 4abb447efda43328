import Foundation

extension CourseCheck {
  /// Runs the commands that a lesson shows, and takes the pictures that they draw: files that end in `.svg`.
  ///
  /// - Throws: ``CourseError`` if a command does not end well.
  public func pictures(of exercise: Exercise) throws -> [CourseBook.Picture] {
    let commands = ConsoleCommand.commands(in: exercise.text)
    guard let last = commands.lastIndex(where: { $0.line.contains(".svg") }) else { return [] }
    var learner = try Learner(
      course: course, folder: LearnerFolder(scratch.appending(path: exercise.id).appending(path: "pictures")))
    try learner.start(exercise)
    try copySolutionFiles(of: exercise, to: learner)
    let folder = learner.folder.folder(of: exercise)
    for command in commands[...last] {
      try Task.checkCancellation()
      if case .failed(let status, let text) = try recorder.shell(
        command.line, in: folder, with: ownPlaces(of: learner))
      {
        throw CourseError.program(
          "\(exercise.folder): ‘\(command.line)’ ended with exit status \(status): \(text.suffix(400))")
      }
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
      .sorted()
    return names.filter { $0.hasSuffix(".svg") }.compactMap { name in
      learner.folder.text(name, of: exercise).map { CourseBook.Picture(name: name, svg: $0) }
    }
  }
}

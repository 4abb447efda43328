/// Why a course, or a learner's folder, cannot be used.
public enum CourseError: Error, Equatable {
  /// A file of the course does not have the form that Course/README.md describes.
  case lesson(path: String, problem: String)
  /// The course has no exercise of that id. `nearest` is one that it may be meant for.
  case unknownExercise(String, nearest: String?)
  /// A file of the learner's folder cannot be read or written.
  case folder(path: String, problem: String)
  /// The file of the progress was written by something else, or by a later version.
  case progress(path: String, problem: String)
  /// An answer that cannot be read.
  case answer(String)
  /// A program that cannot be started.
  case program(String)
  /// What was asked for does not go with the exercise's kind or state; the text says what to do.
  case order(String)
}

extension CourseError: CustomStringConvertible {
  /// What was wrong, where, and what to do.
  public var description: String {
    switch self {
    case .lesson(let path, let problem): "\(path): \(problem)"
    case .unknownExercise(let id, let nearest):
      "The course has no exercise ‘\(id)’.\(nearest.map { " Did you mean ‘\($0)’?" } ?? "") ‘martlet learn list’ "
        + "shows all of them."
    case .folder(let path, let problem): "\(path): \(problem)"
    case .progress(let path, let problem):
      "\(path): \(problem). Move it away to begin again; nothing was changed."
    case .answer(let problem), .program(let problem), .order(let problem): problem
    }
  }
}

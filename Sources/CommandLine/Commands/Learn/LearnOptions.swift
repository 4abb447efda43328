import Foundation
import MartletCourse

/// What the commands of the course share.
enum LearnOptions {
  static let course = Parameter<String?>.option(
    "course", .path("FOLDER", completing: .folders), shownAs: "the built-in course",
    environment: "MARTLET_COURSE",
    help: "Read the course from a folder, such as a translation.")
  static let folder = Parameter<String?>.option(
    "folder", .path("FOLDER", completing: .folders), shownAs: "~/martlet-course",
    environment: "MARTLET_LEARN",
    help: "Where your programs, answers and progress are.")
  static let json = Parameter<Bool>.flag("json", help: "Print one JSON object.")
  static let exercise = Parameter<String?>.argument(
    "ID", .text("ID"),
    help: "The exercise; ‘martlet learn list’ shows them. The current one if none is named.")

  static let definitions = [folder.definition, course.definition]

  static func course(_ arguments: Arguments) throws -> Course {
    try Course(
      arguments[course].map { folder throws(CourseError) in try CourseSource(folder: folder) } ?? .builtIn)
  }

  static func learner(_ arguments: Arguments) throws -> Learner {
    let folder = URL(filePath: arguments[folder] ?? Places.course, directoryHint: .isDirectory)
    return try Learner(course: try course(arguments), folder: LearnerFolder(folder))
  }

  /// The exercise that is named, else the current one.
  static func exercise(_ arguments: Arguments, of learner: Learner) throws -> Exercise {
    if let id = arguments[exercise] { return try learner.course.exercise(id) }
    guard let current = learner.current else {
      throw UsageError(
        "No exercise is current.",
        advice: "‘martlet learn start’ begins the next one, ‘martlet learn list’ shows all.")
    }
    return current
  }
}

extension ExitStatus {
  init(for error: CourseError) {
    switch error {
    case .lesson, .progress: self = .badData
    case .unknownExercise, .answer, .order: self = .usage
    case .folder: self = .inputOutput
    case .program: self = .unavailable
    }
  }
}

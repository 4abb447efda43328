import MartletJSON
import MartletYAML

/// The course: skills in their order, and the exercises of each.
///
/// ```swift
/// let course = try Course()
/// let first = course.exercises[0]
/// ```
public struct Course: Sendable {
  /// The title.
  public let title: String
  /// The skills in their order.
  public let skills: [Skill]
  /// The practice projects.
  public let projects: [Project]
  /// All exercises in their order.
  public let exercises: [Exercise]
  let source: CourseSource

  /// Two weeks of the course.
  public struct Skill: Sendable, Equatable {
    /// What exercises call it.
    public let id: String
    /// Its folder within the course.
    public let folder: String
    /// The title.
    public let title: String
    /// The weeks, such as `1-2`.
    public let weeks: String
    /// What one learns.
    public let learn: String
  }

  /// A practice project.
  public struct Project: Sendable, Equatable {
    /// What exercises call it.
    public let id: String
    /// The title.
    public let title: String
  }

  /// Reads a course.
  ///
  /// - Parameter source: Its files; the built-in course if none are given.
  /// - Throws: ``CourseError`` with the first file that does not have the form that Course/README.md describes.
  public init(_ source: CourseSource = .builtIn) throws(CourseError) {
    self.source = source
    guard let text = source.files["course.yaml"] else {
      throw .folder(path: source.name, problem: "This is no folder of a course: course.yaml is missing.")
    }
    let value: JSON
    do throws(YAMLError) { value = try JSON(parsingYAML: text) } catch {
      throw .lesson(path: "course.yaml", problem: "\(error)")
    }
    var header = try Header(value, path: "course.yaml")
    title = try header.text("title")
    skills = try header.list("skills") { (header) throws(CourseError) in
      Skill(
        id: try header.text("id"), folder: try header.text("folder"), title: try header.text("title"),
        weeks: try header.text("weeks"), learn: try header.text("learn"))
    }
    projects = try header.list("projects") { (header) throws(CourseError) in
      Project(id: try header.text("id"), title: try header.text("title"))
    }
    try header.finish()
    var exercises: [Exercise] = []
    for (number, skill) in skills.enumerated() {
      let lessons = source.files.keys.filter {
        $0.hasPrefix(skill.folder + "/") && $0.hasSuffix("/lesson.md")
      }
      for path in lessons.sorted() {
        exercises.append(
          try Exercise(
            text: source.files[path] ?? "", folder: String(path.dropLast("/lesson.md".count)),
            skill: skill.id,
            skillNumber: number, projects: projects.map(\.id)))
      }
    }
    var ids: Set<String> = []
    for exercise in exercises where !ids.insert(exercise.id).inserted {
      throw .lesson(path: exercise.folder, problem: "Another exercise has the id ‘\(exercise.id)’, too.")
    }
    self.exercises = exercises
  }

  /// The exercise of an id.
  ///
  /// - Throws: ``CourseError/unknownExercise(_:nearest:)``.
  public func exercise(_ id: String) throws(CourseError) -> Exercise {
    if let exercise = exercises.first(where: { $0.id == id }) { return exercise }
    let parts = Set(id.split(separator: "-"))
    let nearest = exercises.map(\.id).max { left, right in
      parts.intersection(left.split(separator: "-")).count
        < parts.intersection(right.split(separator: "-")).count
    }
    let isNear = nearest.map { !parts.isDisjoint(with: $0.split(separator: "-")) } ?? false
    throw .unknownExercise(id, nearest: isNear ? nearest : nil)
  }

  /// The exercise behind another in the course's order; nil behind the last.
  public func exercise(after exercise: Exercise) -> Exercise? {
    guard let index = exercises.firstIndex(where: { $0.id == exercise.id }), index + 1 < exercises.count
    else {
      return nil
    }
    return exercises[index + 1]
  }

  /// The skill of an exercise.
  public func skill(of exercise: Exercise) -> Skill? { skills.first { $0.id == exercise.skill } }

  /// The files that an exercise gives to the learner, by their paths in the exercise's folder.
  public func files(of exercise: Exercise) -> [String: String] {
    source.files(below: exercise.folder + "/files")
  }

  /// The scaffolds of an exercise of kind `code`, by language.
  public func scaffolds(of exercise: Exercise) -> [ProgramLanguage: String] {
    programs(exercise.folder + "/scaffold")
  }

  /// Programs by a path without its ending.
  func programs(_ path: String) -> [ProgramLanguage: String] {
    var found: [ProgramLanguage: String] = [:]
    for language in ProgramLanguage.allCases {
      found[language] = source.files["\(path).\(language.rawValue)"]
    }
    return found
  }
}

/// A language in which exercises can be solved.
public enum ProgramLanguage: String, Sendable, CaseIterable {
  /// Python 3.
  case python = "py"
  /// Swift.
  case swift = "swift"
}

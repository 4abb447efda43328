import Foundation

/// The form of a course's files, beyond what reading them finds: stray files, links, numbers without a source.
struct CourseForm {
  let course: Course

  init(_ course: Course) { self.course = course }

  /// Files that belong to nothing, in the course as a whole.
  var problems: [String] {
    let known = Set(["README.md", "course.yaml"])
    return course.source.files.keys.sorted().compactMap { path in
      if known.contains(path) || course.exercises.contains(where: { path.hasPrefix($0.folder + "/") }) {
        return nil
      }
      return "\(path) belongs to no exercise."
    }
  }

  /// What is wrong with the files of an exercise.
  func problems(of exercise: Exercise) -> [String] {
    strayFiles(exercise) + brokenLinks(exercise) + repeatedTexts(exercise)
      + LessonNumbers(exercise).unsupported.map { "The text states \($0), which no command in it prints." }
  }

  private func strayFiles(_ exercise: Exercise) -> [String] {
    var known: Set<String> = ["lesson.md"]
    var folders = ["files/", "solution/"]
    if exercise.kind == .code {
      for language in ProgramLanguage.allCases {
        known.formUnion(["scaffold.\(language.rawValue)", "solution.\(language.rawValue)"])
      }
    } else {
      known.insert("solution.yaml")
    }
    folders.append("wrong/")
    return course.source.files(below: exercise.folder).keys.sorted().compactMap { name in
      known.contains(name) || folders.contains { name.hasPrefix($0) } ? nil : "\(name) is not known."
    }
  }

  /// Links within the course: to files of it, or to exercises by their id (`#id`).
  private func brokenLinks(_ exercise: Exercise) -> [String] {
    exercise.text.matches(of: #/\]\(([^)\s]+)\)/#).compactMap { match in
      let target = String(match.1)
      if target.contains("://") { return nil }
      if target.hasPrefix("#") {
        let id = String(target.dropFirst())
        return course.exercises.contains { $0.id == id } ? nil : "There is no exercise ‘\(id)’ to link to."
      }
      return course.source.files["\(exercise.folder)/\(target)"] == nil
        ? "The link to \(target) is broken." : nil
    }
  }

  private func repeatedTexts(_ exercise: Exercise) -> [String] {
    Set(exercise.hints).count == exercise.hints.count ? [] : ["Two hints are the same."]
  }
}

/// The decimal numbers that a lesson's prose states, and where they come from.
struct LessonNumbers {
  /// Numbers that stand in no console block, formula or header of the lesson.
  let unsupported: [String]

  init(_ exercise: Exercise) {
    var prose = ""
    var printed = ""
    var isInside = false
    for line in exercise.text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.trimmingPrefix(while: \.isWhitespace).hasPrefix("```") {
        isInside.toggle()
      } else if isInside {
        printed += line + "\n"
      } else {
        prose += line + "\n"
      }
    }
    let sources = [printed, exercise.formula?.numbers ?? "", exercise.learn, exercise.why].joined(
      separator: "\n")
    let known = Self.numbers(in: sources)
    let counts = Self.numbers(in: prose).filter { number in
      !known.contains { Self.isRounded($0, to: number) }
    }
    unsupported = Array(Set(counts)).sorted()
  }

  private static func numbers(in text: String) -> [String] {
    text.matches(of: #/-?\d+\.\d+/#).map { String($0.output) }
  }

  /// Whether a text is a number, with no more digits than another has.
  private static func isRounded(_ number: String, to text: String) -> Bool {
    guard let exact = Double(number), let stated = Double(text) else { return false }
    let digits = text.split(separator: ".").last?.count ?? 0
    return abs(abs(exact) - abs(stated)) <= 0.5 * pow(10, -Double(digits)) + 1e-9
  }
}

extension Course {
  /// What is wrong with the course's files as a whole: those that belong to nothing.
  public var problems: [String] { CourseForm(self).problems }
}

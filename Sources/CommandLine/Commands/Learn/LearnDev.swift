import Foundation
import MartletCourse
import MartletInspection
import MartletJSON

private let task = Parameter<LearnDevTask>.argument(
  "TASK", .choice("TASK"), default: .check, help: "What to do.")
private let only = Parameter<[String]>.options("only", .text("ID"), help: "Only this exercise.")
private let kinds = Parameter<[ExerciseKindChoice]>.options(
  "kind", .choice("KIND"), help: "Only exercises of this kind; programs need no model.")

private let commands = Parameter<Bool>.flag(
  "commands",
  help: "Run the commands that lessons show, too, and compare what they print with what the lessons say.")

private let output = Parameter<String?>.option(
  "output", short: "o", .path("FILE"), help: "Where ‘book’ writes the lessons, as a page of HTML.")
private let force = Parameter<Bool>.flag("force", help: "Replace the file that --output names.")

/// What can be done for those who write lessons.
enum LearnDevTask: String, CaseIterable, Sendable {
  case check
  case book
}

/// The kinds of exercises.
enum ExerciseKindChoice: String, CaseIterable, Sendable {
  case predict
  case experiment
  case code
  case explain
  case build
}

extension Command {
  /// For those who write lessons.
  static let learnDev: Command = Command(
    name: "learn dev",
    summary: "Check the course itself: for those who write lessons.",
    discussion: """
      ‘learn dev check’ works through each exercise with its reference solution, and tries what must not pass: typical \
      wrong answers, nothing, the scaffold, a constant, the answers to other exercises. It refuses a missing hint, a \
      double name, a stray file, a broken link, and a number in a lesson that no command in it prints. Everything \
      happens in a temporary folder; the models that exercises name have to be in the cache.

      ‘learn dev book’ writes the lessons as one page, with the pictures that their commands draw. Hints and key \
      insights are at its end.

      --json prints a list of objects: id, skill, day, kind, title, solution_passes, wrong_refused, problems, seconds.
      """,
    parameters: [
      task.definition, only.definition, kinds.definition, commands.definition, output.definition,
      force.definition,
      LearnOptions.course.definition,
      LearnOptions.json.definition,
    ],
    examples: [
      .init("martlet learn dev check", "The whole course:"),
      .init("martlet learn dev check --course Course --only cosine-similarity", "One exercise of a folder:"),
    ]
  ) { arguments, console in
    let course = try LearnOptions.course(arguments)
    var exercises = course.exercises
    if arguments.has(only) {
      exercises = try arguments[only].map { id throws(CourseError) in try course.exercise(id) }
    }
    if arguments.has(kinds) {
      exercises = exercises.filter { exercise in
        arguments[kinds].contains { $0.rawValue == exercise.kind.rawValue }
      }
    }
    let scratch = FileManager.default.temporaryDirectory.appending(
      path: "martlet-course-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    let recorder = try CommandRecorder.martlet(environment: [
      "MARTLET_STORE": "", "MARTLET_LOG": "off",
      "MARTLET_LEARN": scratch.path(percentEncoded: false) + "/learn",
    ])
    let check = CourseCheck(course, recorder: recorder, scratch: scratch)
    if arguments[task] == .book { return try writeBook(course, check, arguments, console) }
    if arguments.has(output) || arguments[force] {
      throw UsageError("--output and --force go with ‘learn dev book’.", advice: "‘check’ writes no file.")
    }
    let progress = ProgressBar("Checking", unit: .count("exercises"), console: console)
    var findings: [CourseCheck.Finding] = []
    for exercise in exercises {
      progress.update(done: findings.count, total: exercises.count)
      var finding = try await check.check(exercise)
      if arguments[commands] { finding.problems += try check.commandProblems(of: exercise) }
      findings.append(finding)
    }
    progress.finish()
    let strays = arguments.has(only) || arguments.has(kinds) ? [] : course.problems
    if arguments[LearnOptions.json] {
      try console.result(JSON.array(findings.map(\.json)).serialized() + "\n")
    } else {
      for finding in findings where !finding.problems.isEmpty {
        try console.result(console.style.bold(finding.exercise.id) + "\n")
        for problem in finding.problems { try console.prose("  \(printable(problem))\n", hanging: 4) }
      }
    }
    for stray in strays { console.warn(stray) }
    let faulty = findings.filter { !$0.problems.isEmpty }.count
    guard faulty == 0, strays.isEmpty else {
      throw ReportedFailure(.badData, "\(faulty) of \(findings.count) exercises have problems.")
    }
    console.note("\(findings.count) exercises: every solution passes, and nothing else does.\n")
  }

  private static func writeBook(
    _ course: Course, _ check: CourseCheck, _ arguments: Arguments, _ console: Console
  ) throws {
    guard let path = arguments[output] else {
      throw UsageError("--output is missing.", advice: "Name the page to write, such as -o course.html.")
    }
    try NewFile.check(path, replaces: arguments[force])
    let progress = ProgressBar("Drawing", unit: .count("exercises"), console: console)
    var pictures: [String: [CourseBook.Picture]] = [:]
    for (number, exercise) in course.exercises.enumerated() {
      progress.update(done: number, total: course.exercises.count)
      pictures[exercise.id] = try check.pictures(of: exercise)
    }
    progress.finish()
    var file = try NewFile(path, replaces: arguments[force])
    try file.append(CourseBook(course, pictures: pictures).html)
    try file.finish()
    console.note(printable("The book was written to \(path).\n"))
  }
}

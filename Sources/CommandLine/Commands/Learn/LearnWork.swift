import Foundation
import MartletCourse
import MartletJSON

private let language = Parameter<LearnLanguage>.option(
  "language", .choice("LANGUAGE"), default: .python, help: "The language of the scaffold, for a program.")
private let from = Parameter<String?>.option(
  "from", .text("ID"), help: "Begin at this exercise, wherever you are; the same as naming it.")
private let values = Parameter<[String]>.arguments(
  "NAME=VALUE", .text("NAME=VALUE"), minimum: 1,
  help: "What you expect; the value alone if only one is asked for.")
private let command = Parameter<[String]>.arguments(
  "COMMAND", .text("COMMAND"), minimum: 1, help: "A command of martlet with its options.")
private let exerciseOption = Parameter<String?>.option(
  "exercise", .text("ID"), shownAs: "the current one", help: "The exercise that it is about.")

/// The languages of scaffolds.
enum LearnLanguage: String, CaseIterable, Sendable {
  case python
  case swift

  var language: ProgramLanguage { self == .python ? .python : .swift }
}

extension Command {
  /// Begins an exercise.
  static let learnStart: Command = Command(
    name: "learn start",
    summary: "Begin an exercise: the next one, or any.",
    discussion: """
      Its files are written to a folder of its own; files that are there stay as they are, so it can be repeated. Any \
      exercise may be begun at any time.
      """,
    parameters: [LearnOptions.exercise.definition, from.definition, language.definition]
      + LearnOptions.definitions,
    examples: [
      .init("martlet learn start", "The next one:"),
      .init("martlet learn start --from cosine-similarity --language swift", "A certain one, in Swift:"),
    ]
  ) { arguments, console in
    var learner = try LearnOptions.learner(arguments)
    if arguments.has(from), arguments.has(LearnOptions.exercise) {
      throw UsageError("ID and --from exclude each other.", advice: "Both name the exercise to begin.")
    }
    let exercise: Exercise
    if let id = arguments[from] ?? arguments[LearnOptions.exercise] {
      exercise = try learner.course.exercise(id)
    } else if let next = learner.next {
      exercise = next
    } else {
      return try console.result("You have finished the course.\n")
    }
    let written = try learner.start(exercise, language: arguments[language].language)
    try console.prose(ExerciseText(exercise: exercise, learner: learner, style: console.style).lesson)
    let folder = learner.folder.folder(of: exercise).path(percentEncoded: false)
    console.note(
      printable(
        "Your folder: \(folder)" + (written.isEmpty ? "" : " (new: \(written.joined(separator: ", ")))"))
        + "\n")
  }

  /// Commits to an expectation.
  static let learnPredict: Command = Command(
    name: "learn predict",
    summary: "Say what you expect, before you run anything.",
    discussion: """
      A prediction that turns out wrong costs nothing: finding out why is the exercise. It can be changed until the \
      first command is recorded.
      """,
    parameters: [values.definition, exerciseOption.definition] + LearnOptions.definitions,
    examples: [.init("martlet learn predict nearest=\"boat ship\"", "An expectation:")]
  ) { arguments, console in
    var learner = try LearnOptions.learner(arguments)
    let exercise = try named(arguments, learner)
    guard let task = exercise.valueTask else {
      throw UsageError(
        "‘\(exercise.id)’ asks for no prediction.", advice: "‘martlet learn show’ says what it asks.")
    }
    let predicted = task.fields.filter(\.isPredicted)
    var given: [String: String] = [:]
    if predicted.count == 1, arguments[values].count == 1, !arguments[values][0].contains("=") {
      given[predicted[0].name] = arguments[values][0]
    } else {
      given = try task.values(in: arguments[values])
    }
    try learner.predict(given, exercise)
    console.note("Kept. Now run it: ‘martlet learn show’ says what.\n")
  }

  /// Records a command.
  static let learnRun: Command = Command(
    name: "learn run",
    summary: "Run a command and keep what it prints as evidence.",
    discussion: """
      It runs as you would run it, and once more with --json for the checks where the command knows that and is cheap; \
      commands that take long or change something run once, with --json. What they printed is in the folder runs/ of \
      the exercise. Options of ‘learn run’ itself come before the command.
      """,
    parameters: [command.definition, exerciseOption.definition] + LearnOptions.definitions,
    examples: [.init("martlet learn run similar apple pear lorry", "An experiment:")],
    endsOptionsAtArgument: true
  ) { arguments, console in
    var learner = try LearnOptions.learner(arguments)
    let exercise = try named(arguments, learner)
    var words = arguments[command]
    if words.first == "martlet" { words.removeFirst() }
    try learner.allowRecording(exercise)
    let here = URL(filePath: FileManager.default.currentDirectoryPath, directoryHint: .isDirectory)
    let run = try CommandRecorder.martlet().run(words, in: here, showsComplaints: true)
    let matched = try learner.record(run, exercise)
    try console.result(run.text.hasSuffix("\n") || run.text.isEmpty ? run.text : run.text + "\n")
    if matched.isEmpty {
      let wanted = (exercise.valueTask?.runs ?? []).map { "‘\($0.line) …’" }.joined(separator: ", ")
      console.warn("Recorded, but ‘\(exercise.id)’ asks for other commands: \(wanted).")
    } else {
      console.note("Recorded for \(exercise.id).\n")
    }
  }

  /// Helps.
  static let learnHint: Command = Command(
    name: "learn hint",
    summary: "Show the next hint.",
    discussion: "Hints go from a question to a nearly whole idea. The solution is not among them.",
    parameters: [LearnOptions.exercise.definition] + LearnOptions.definitions,
    examples: [.init("martlet learn hint", "The next one:")]
  ) { arguments, console in
    var learner = try LearnOptions.learner(arguments)
    let exercise = try LearnOptions.exercise(arguments, of: learner)
    let hint = try learner.hint(exercise)
    try console.prose("Hint \(hint.number) of \(hint.count): \(printable(hint.text))\n")
  }

  /// Leaves an exercise out.
  static let learnSkip: Command = Command(
    name: "learn skip",
    summary: "Leave an exercise out for now.",
    discussion:
      "It comes again when all others are finished. The next one becomes current, and is not begun yet.",
    parameters: [LearnOptions.exercise.definition] + LearnOptions.definitions,
    examples: [.init("martlet learn skip", "The current one:")]
  ) { arguments, console in
    var learner = try LearnOptions.learner(arguments)
    let exercise = try LearnOptions.exercise(arguments, of: learner)
    try learner.skip(exercise)
    let next = learner.next.map { " Next: \($0.id); ‘martlet learn start’ begins it." } ?? ""
    console.note("\(exercise.id) is left out for now.\(next)\n")
  }

  /// Begins an exercise again.
  static let learnReset: Command = Command(
    name: "learn reset",
    summary: "Forget an exercise, to do it again.",
    discussion: "Its folder is moved aside, not deleted.",
    parameters: [LearnOptions.exercise.definition] + LearnOptions.definitions,
    examples: [.init("martlet learn reset cosine-similarity", "Once more:")]
  ) { arguments, console in
    var learner = try LearnOptions.learner(arguments)
    let exercise = try LearnOptions.exercise(arguments, of: learner)
    let place = try learner.reset(exercise)
    let moved = place.map { " Your files are in \($0.path(percentEncoded: false))." } ?? ""
    console.note(printable("\(exercise.id) is as it was before you began.\(moved)\n"))
  }

  private static func named(_ arguments: Arguments, _ learner: Learner) throws -> Exercise {
    if let id = arguments[exerciseOption] { return try learner.course.exercise(id) }
    return try LearnOptions.exercise(arguments, of: learner)
  }
}

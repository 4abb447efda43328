import Foundation
import MartletCourse
import MartletEvaluation
import MartletJSON
import MartletLanguageModels

private let answers = Parameter<[String]>.options(
  "answer", .text("TEXT"), help: "Your answer, or one value of it as NAME=VALUE.")
private let file = Parameter<String?>.option(
  "file", .path("FILE"), shownAs: "those in the exercise's folder",
  help: "A file with your answer or program.")
private let seed = Parameter<UInt64?>.option(
  "seed", .unsigned(), shownAs: "drawn", help: "What the random cases of a program are drawn from.")
private let judge = Parameter<String?>.option(
  "judge", .text("MODEL", completing: .models(.generation)), shownAs: "yourself",
  help: "The model that rates an explanation, local or behind an API; a small one rates badly.")

extension Command {
  /// Checks an answer.
  static let learnCheck: Command = Command(
    name: "learn check",
    summary: "Check an answer to an exercise.",
    discussion: """
      Without --answer and --file it checks what is in the exercise's folder: program.py or program.swift, answer.yaml, \
      answer.txt. A wrong answer is told what it shows, and changes nothing. A program gets the lesson's examples, edge \
      cases and fifty random cases, and is compared with Martlet's own implementation.

      An explanation is rated by --judge point by point, else by yourself; then it counts as done, not as passed. --json \
      prints an object: id, passed, done, message, details. A wrong answer ends with exit code 1.
      """,
    parameters: [
      LearnOptions.exercise.definition, answers.definition, file.definition, judge.definition,
      seed.definition,
    ] + LearnOptions.definitions + [LearnOptions.json.definition],
    examples: [
      .init("martlet learn check", "What is in the current exercise's folder:"),
      .init(
        "martlet learn check word-similarity --answer nearest=\"boat ship\" --answer cosine=0.595", "Values:"),
      .init(
        "martlet learn check cosine-similarity --file program.py --json", "A program, for other programs:"),
    ]
  ) { arguments, console in
    var learner = try LearnOptions.learner(arguments)
    let exercise = try LearnOptions.exercise(arguments, of: learner)
    if arguments.has(answers), arguments.has(file) {
      throw UsageError("--answer and --file exclude each other.", advice: "Hand in one of them.")
    }
    if arguments.has(judge), exercise.kind != .explain {
      throw UsageError(
        "--judge rates explanations only.", advice: "‘\(exercise.id)’ is checked without a model.")
    }
    let submission: Submission =
      arguments[file].map { .file($0) } ?? (arguments.has(answers) ? .texts(arguments[answers]) : .folder)
    let rating = try rating(arguments, exercise, console)
    let drawn = arguments[seed] ?? UInt64.random(in: 0...999_999)
    let verdict = try await learner.check(submission, exercise, seed: drawn, rating: rating)
    if arguments[LearnOptions.json] {
      var object: JSONObject = ["id": .string(exercise.id)]
      for (key, value) in verdict.json.objectValue ?? [:] { object[key] = value }
      try console.result(JSON.object(object).serialized() + "\n")
    } else {
      try show(verdict, exercise, learner, console)
    }
    if !verdict.isDone { throw ReportedFailure(.unanswered, "\(exercise.id) is not passed yet.") }
  }

  private static func rating(
    _ arguments: Arguments, _ exercise: Exercise, _ console: Console
  ) throws -> ExplanationRating? {
    guard exercise.kind == .explain else { return nil }
    if let name = arguments[judge] {
      let model = try SubjectModel(name, precision: .fast, arguments).load(console)
      let judge = RubricJudge(model)
      return .byModel { point, text in
        try await judge.judge(text, to: point.question, by: point.point).isFulfilled ?? false
      }
    }
    guard isatty(STDIN_FILENO) == 1, console.outputIsTerminal else { return nil }
    return .byLearner { point in
      console.note("\(printable(point.point))\nDoes your text say so? [y/N] ")
      return ["y", "yes"].contains(readLine()?.lowercased())
    }
  }

  private static func show(
    _ verdict: Verdict, _ exercise: Exercise, _ learner: Learner, _ console: Console
  ) throws {
    let style = console.style
    let word =
      verdict.passed ? style.green("Passed.") : verdict.isDone ? style.green("Done.") : style.red("Not yet.")
    try console.prose("\(word) \(printable(verdict.message))\n")
    if !verdict.details.isEmpty { try console.prose(printable(verdict.details) + "\n") }
    guard verdict.isDone else { return console.note("‘martlet learn hint’ helps.\n") }
    try console.prose("\n\(style.bold("Key insight:")) \(printable(exercise.insight))\n")
    if !exercise.reading.isEmpty {
      try console.prose("Further reading: \(printable(exercise.reading.joined(separator: "; ")))\n")
    }
    let next =
      learner.next.map { "Next: \($0.title). ‘martlet learn start’ begins it." } ?? "That was the last one."
    console.note(printable("\n‘martlet learn solution’ shows a reference solution. \(next)\n"))
  }
}

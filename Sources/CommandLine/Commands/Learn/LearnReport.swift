import MartletCourse
import MartletJSON

private let finding = Parameter<String?>.argument(
  "TEXT", .text("TEXT"), help: "A finding to write down; without it the log is shown.")

extension Command {
  /// What was learned.
  static let learnReport: Command = Command(
    name: "learn report",
    summary: "Print what you have done and found, as Markdown.",
    discussion: "Each finished exercise with its key insight and your answer, then your log of findings.",
    parameters: LearnOptions.definitions,
    examples: [.init("martlet learn report > report.md", "To keep, or to show to others:")]
  ) { arguments, console in
    let learner = try LearnOptions.learner(arguments)
    let course = learner.course
    let finished = course.exercises.filter(learner.isFinished)
    var text = "# \(course.title)\n\n\(finished.count) of \(course.exercises.count) exercises finished.\n"
    for skill in course.skills {
      let own = finished.filter { $0.skill == skill.id }
      guard !own.isEmpty else { continue }
      text += "\n## \(skill.title)\n"
      for exercise in own {
        let state = learner.progress.exercises[exercise.id]
        text += "\n### \(exercise.title)\n\n\(exercise.insight)\n"
        if let answer = state?.answer { text += "\n\(Self.markdown(answer))\n" }
        let facts = [
          state?.finished?.prefix(10).description, state.map { "\($0.attempts) checks, \($0.hints) hints" },
        ]
        text += "\n*\(facts.compactMap(\.self).joined(separator: ", "))*\n"
      }
    }
    if !learner.progress.findings.isEmpty {
      text += "\n## Findings\n\n"
      for finding in learner.progress.findings {
        text += "- \(finding.time.prefix(10))\(finding.exercise.map { " (\($0))" } ?? ""): \(finding.text)\n"
      }
    }
    try console.result(printable(text))
  }

  /// A log of findings.
  static let learnLog: Command = Command(
    name: "learn log",
    summary: "Write a finding down, or show those written so far.",
    discussion: """
      Keep a log: what you expected, what came out, what you make of it. --json prints a list of objects: time, exercise, \
      text.
      """,
    parameters: [finding.definition] + LearnOptions.definitions + [LearnOptions.json.definition],
    examples: [
      .init("martlet learn log \"Word order hardly counts: 0.97 for cat and mat exchanged.\"", "A finding:"),
      .init("martlet learn log", "All of them:"),
    ]
  ) { arguments, console in
    var learner = try LearnOptions.learner(arguments)
    if let text = arguments[finding] {
      guard text.contains(where: { !$0.isWhitespace }) else {
        throw UsageError("The finding is empty.", advice: "Write a sentence, in quotes.")
      }
      try learner.note(text)
      return console.note("Written down.\n")
    }
    let findings = learner.progress.findings
    if arguments[LearnOptions.json] {
      let list = findings.map { finding -> JSON in
        [
          "time": .string(finding.time), "exercise": finding.exercise.map { .string($0) } ?? .null,
          "text": .string(finding.text),
        ]
      }
      return try console.result(JSON.array(list).serialized() + "\n")
    }
    if findings.isEmpty { return console.note("Nothing is written down yet.\n") }
    for finding in findings {
      let place = finding.exercise.map { " \($0)" } ?? ""
      try console.prose(
        "\(console.style.faint(finding.time.prefix(10) + place)) \(printable(finding.text))\n", hanging: 2)
    }
  }

  private static func markdown(_ answer: JSON) -> String {
    guard let members = answer.objectValue else { return "> " + (answer.stringValue ?? answer.serialized()) }
    return members.map { "- \($0.key): \($0.value.stringValue ?? $0.value.serialized())" }.joined(
      separator: "\n")
  }
}

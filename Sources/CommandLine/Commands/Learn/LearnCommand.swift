import Foundation
import MartletCourse
import MartletJSON

extension Command {
  /// The course.
  static let learn: Command = Command(
    name: "learn",
    summary: "Learn it all by doing: a course of twelve weeks, with exercises that are checked.",
    discussion: """
      Six skills of two weeks each: transformers, prompting, retrieval, vector search, fine-tuning, evaluation. Each \
      day has exercises: predict, experiment, write a program, explain, build. Without a command it says where you are \
      and what comes next.

      Your programs, answers and progress are in ~/martlet-course, or in the folder that --folder or MARTLET_LEARN \
      names. Nothing advances by itself: ‘learn check’ checks, ‘learn start’ goes on.
      """,
    parameters: LearnOptions.definitions,
    examples: [
      .init("martlet learn", "Where am I, and what is next?"),
      .init("martlet learn start", "Begin the next exercise:"),
      .init("martlet learn check", "Check it:"),
    ],
    subcommands: [
      .learnStart, .learnShow, .learnPredict, .learnRun, .learnHint, .learnCheck, .learnSolution, .learnSkip,
      .learnReset, .learnList, .learnProgress, .learnReport, .learnLog, .learnDev,
    ]
  ) { arguments, console in
    let learner = try LearnOptions.learner(arguments)
    let finished = learner.course.exercises.filter(learner.isFinished).count
    let style = console.style
    var text = style.bold(learner.course.title) + "\n"
    text += "\(finished) of \(learner.course.exercises.count) exercises finished.\n\n"
    if let current = learner.current, !learner.isFinished(current) {
      text += "Now:  \(title(current, style))\n"
      text +=
        "      ‘martlet learn show’ shows it, ‘martlet learn hint’ helps, ‘martlet learn check’ checks.\n"
    } else if let next = learner.next {
      text += "Next: \(title(next, style))\n"
      text += "      ‘martlet learn start’ begins it.\n"
    } else if !learner.course.exercises.isEmpty {
      text += "You have finished the course. ‘martlet learn report’ sums it up.\n"
    }
    try console.prose(text)
  }

  /// All exercises.
  static let learnList: Command = Command(
    name: "learn list",
    summary: "List the exercises, and which are passed.",
    discussion: """
      --json prints a list of objects: id, skill, day (of the course, 1 to 72), kind, title, passed, status (null, \
      started, skipped, done, passed), project and milestone where it belongs to one.
      """,
    parameters: LearnOptions.definitions + [LearnOptions.json.definition],
    examples: [.init("martlet learn list", "All of them:")]
  ) { arguments, console in
    let learner = try LearnOptions.learner(arguments)
    if arguments[LearnOptions.json] {
      let list = learner.course.exercises.map { $0.json(status: learner.status(of: $0)) }
      return try console.result(JSON.array(list).serialized() + "\n")
    }
    for skill in learner.course.skills {
      let exercises = learner.course.exercises.filter { $0.skill == skill.id }
      guard !exercises.isEmpty else { continue }
      try console.result(console.style.bold("\(skill.title) (weeks \(skill.weeks))") + "\n")
      let table = TextTable(
        headings: ["", "day", "id", "kind", "title"],
        rows: exercises.map {
          [mark(learner.status(of: $0)), "\($0.day)", $0.id, $0.kind.rawValue, printable($0.title)]
        }, rightAligned: [1])
      try console.result(table.text(console.style, width: console.resultWidth) + "\n")
    }
    if !learner.progress.exercises.isEmpty {
      console.note("✓ passed, ○ done by your own rating, – skipped, · begun\n")
    }
  }

  /// How far one is.
  static let learnProgress: Command = Command(
    name: "learn progress",
    summary: "Show how far you are, skill by skill.",
    discussion: """
      --json prints an object: exercises, passed, done, skipped, hints, attempts, and skills (id, exercises, finished).
      """,
    parameters: LearnOptions.definitions + [LearnOptions.json.definition],
    examples: [.init("martlet learn progress", "How far am I?")]
  ) { arguments, console in
    let learner = try LearnOptions.learner(arguments)
    let exercises = learner.course.exercises
    let states = exercises.compactMap { learner.progress.exercises[$0.id] }
    if arguments[LearnOptions.json] {
      let skills = learner.course.skills.map { skill -> JSON in
        let own = exercises.filter { $0.skill == skill.id }
        return [
          "id": .string(skill.id), "exercises": JSON(own.count),
          "finished": JSON(own.filter(learner.isFinished).count),
        ]
      }
      let object: JSON = [
        "exercises": JSON(exercises.count), "passed": JSON(states.filter { $0.status == .passed }.count),
        "done": JSON(states.filter { $0.status == .done }.count),
        "skipped": JSON(states.filter { $0.status == .skipped }.count),
        "hints": JSON(states.map(\.hints).reduce(0, +)),
        "attempts": JSON(states.map(\.attempts).reduce(0, +)),
        "skills": .array(skills),
      ]
      return try console.result(object.serialized() + "\n")
    }
    let table = TextTable(
      headings: ["skill", "", "finished", "weeks"],
      rows: learner.course.skills.map { skill in
        let own = exercises.filter { $0.skill == skill.id }
        let finished = own.filter(learner.isFinished).count
        return [skill.title, bar(finished, of: own.count), "\(finished)/\(own.count)", skill.weeks]
      }, rightAligned: [2])
    try console.result(table.text(console.style, width: console.resultWidth))
    let attempts = states.map(\.attempts).reduce(0, +)
    try console.result("\(attempts) checks, \(states.map(\.hints).reduce(0, +)) hints.\n")
  }
}

/// An exercise in a line.
func title(_ exercise: Exercise, _ style: Style) -> String {
  "\(style.bold(printable(exercise.title))) (\(exercise.id)), day \(exercise.day), \(exercise.kind.rawValue)"
}

private func mark(_ status: CourseProgress.Status?) -> String {
  switch status {
  case .passed: "✓"
  case .done: "○"
  case .skipped: "–"
  case .started: "·"
  case nil: " "
  }
}

private func bar(_ part: Int, of whole: Int) -> String {
  let filled = whole == 0 ? 0 : part * 12 / whole
  return String(repeating: "█", count: filled) + String(repeating: "░", count: 12 - filled)
}

extension Exercise {
  /// The exercise for programs.
  func json(status: CourseProgress.Status?) -> JSON {
    var object: JSONObject = [
      "id": .string(id), "skill": .string(skill), "day": JSON(day), "kind": .string(kind.rawValue),
      "title": .string(title), "passed": .bool(status == .passed),
      "status": status.map { .string($0.rawValue) } ?? .null,
    ]
    if let milestone {
      object["project"] = .string(milestone.project)
      object["milestone"] = JSON(milestone.number)
    }
    return .object(object)
  }
}

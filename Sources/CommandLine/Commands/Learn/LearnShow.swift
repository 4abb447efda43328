import MartletCourse

/// An exercise as learners read it.
struct ExerciseText {
  let exercise: Exercise
  let learner: Learner
  let style: Style

  /// The lesson.
  var lesson: String {
    var text = style.bold(printable(exercise.title)) + "\n"
    let skill = learner.course.skill(of: exercise)?.title ?? exercise.skill
    text += style.faint("\(skill), day \(exercise.day), \(exercise.kind.rawValue), \(exercise.id)") + "\n\n"
    text += "You learn: \(printable(exercise.learn))\nIt matters: \(printable(exercise.why))\n\n"
    text += markdown(exercise.text) + "\n"
    if let formula = exercise.formula {
      text += "\n" + style.bold("The formula") + "\n\(printable(formula.words))\n"
      text += "  \(printable(formula.notation))\n  \(printable(formula.numbers))\n"
    }
    return text + "\n" + task
  }

  /// What is to be done, step by step.
  var task: String {
    var text = style.bold("Your part") + "\n"
    let folder = learner.folder.folder(of: exercise).path(percentEncoded: false)
    switch exercise.task {
    case .program(let task):
      text +=
        "Each line of the input: \(printable(task.input))\nEach line of the output: \(printable(task.output))\n"
      for example in task.examples {
        text += "  \(example.input.serialized())\n  → \(example.output.serialized())\n"
      }
      text += "Write it in \(printable(folder))program.py (or .swift), then ‘martlet learn check’.\n"
    case .values(let task):
      var steps: [String] = []
      let predicted = task.fields.filter(\.isPredicted)
      if !predicted.isEmpty {
        steps.append(
          "Predict: martlet learn predict \(predicted.map { "\($0.name)=…" }.joined(separator: " "))"
            + predicted.map { "\n     \($0.name): \($0.question)" }.joined())
      }
      for run in task.runs {
        steps.append("Record: \(run.line) …" + (run.says.isEmpty ? "" : " (\(run.says))"))
      }
      for file in task.files { steps.append("Have a file \(file.path) in \(folder)") }
      steps.append(
        "State: martlet learn check \(task.fields.map { "--answer \($0.name)=…" }.joined(separator: " "))"
          + task.fields.map { "\n     \($0.name): \($0.question)" }.joined())
      for (number, step) in steps.enumerated() { text += "  \(number + 1). \(printable(step))\n" }
    case .explanation(let task):
      text +=
        "Write at least \(task.minimumWords) words in \(printable(folder))answer.txt, then ‘martlet learn check’.\n"
    }
    return text
  }

  /// Markdown for a terminal: headings and emphasis by the terminal's means, code as it is.
  private func markdown(_ text: String) -> String {
    var isInside = false
    return text.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line -> String? in
      if line.hasPrefix("```") {
        isInside.toggle()
        return nil
      }
      let line = printable(String(line))
      if isInside { return "    " + line }
      if line.hasPrefix("#") { return style.bold(String(line.drop { $0 == "#" || $0 == " " })) }
      return line.replacing("`", with: "").replacing("**", with: "")
    }.joined(separator: "\n")
  }
}

extension Command {
  /// An exercise.
  static let learnShow: Command = Command(
    name: "learn show",
    summary: "Show an exercise: the lesson, and what is asked.",
    discussion: "It changes nothing, so you can look ahead.",
    parameters: [LearnOptions.exercise.definition] + LearnOptions.definitions,
    examples: [.init("martlet learn show", "The current one:")]
  ) { arguments, console in
    let learner = try LearnOptions.learner(arguments)
    let exercise = try LearnOptions.exercise(arguments, of: learner)
    try console.prose(ExerciseText(exercise: exercise, learner: learner, style: console.style).lesson)
  }

  /// The reference solution.
  static let learnSolution: Command = Command(
    name: "learn solution",
    summary: "Show the reference solution of an exercise that you have finished.",
    discussion: """
      Your own solution may well be better. Before an exercise is finished there are hints only: ‘martlet learn hint’.
      """,
    parameters: [LearnOptions.exercise.definition] + LearnOptions.definitions,
    examples: [.init("martlet learn solution cosine-similarity", "How did others write it?")]
  ) { arguments, console in
    let learner = try LearnOptions.learner(arguments)
    let exercise = try LearnOptions.exercise(arguments, of: learner)
    guard learner.isFinished(exercise) else {
      throw UsageError(
        "‘\(exercise.id)’ is not finished.", advice: "‘martlet learn hint \(exercise.id)’ helps you on.")
    }
    for solution in try learner.course.solutions(of: exercise) {
      switch solution.answer {
      case .program(_, let text): try console.result(text)
      case .text(let text): try console.prose(text + "\n")
      case .values(let values):
        for words in solution.runs {
          try console.result(
            printable("$ martlet learn run " + words.map(shellQuoted).joined(separator: " ")) + "\n")
        }
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
          try console.result(printable("\(name): \(value)") + "\n")
        }
      }
    }
  }
}

private func shellQuoted(_ word: String) -> String {
  let isPlain = !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || "-_./=:,@+".contains($0) }
  return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}

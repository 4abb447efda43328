import MartletJSON
import MartletLanguageModels
import MartletPrompting

extension PreparationRequest {
  /// The prompts of a benchmark's rows.
  func prepare(_ definition: TaskDefinition, _ data: TaskData) throws(TaskError) -> Outcome {
    var outcome = Outcome()
    if shots > 0, definition.fewshotCount == 0 {
      outcome.warnings.append(
        "The task \(task.name) is made for no examples, and lm-evaluation-harness gives it none whatever is asked for; \(shots) make its scores incomparable."
      )
    }
    let split = definition.evaluatedSplit ?? "test"
    let rows = try completed(try self.rows(split, of: definition, in: data), definition, &outcome)
    let pool = shots > 0 ? try completed(try exampleRows(definition, data), definition, &outcome) : []
    let pools = Dictionary(try grouped(pool, definition).map { ($0 ?? "", $1) }) { $0 + $1 }
    for (group, members) in try grouped(rows, definition) {
      let examples = pools[group ?? ""] ?? []
      var sampler = ExampleSampler(
        try selected(examples, definition.examples), rule: definition.examples.sampler, task: task.name,
        seed: seed)
      for (index, row) in members.prefix(limit ?? .max).enumerated() {
        let example = try sampler.examples(shots, without: definition.excludesOwnRow ? row : nil)
        outcome.items.append(try item(row, index: index, group: group, examples: example, definition))
      }
    }
    outcome.recipe = [
      "split": .string(split), "generation": definition.generation.json,
      "sampler": .string(definition.examples.sampler.rawValue),
    ]
    return outcome
  }

  /// The rows of a split, under its own name or another that the task knows.
  private func rows(
    _ split: String, of definition: TaskDefinition, in data: TaskData
  ) throws(TaskError) -> [TaskRow] {
    let names = [split] + (definition.dataset.fileNames[split] ?? [])
    if let rows = names.lazy.compactMap({ data.splits[$0] }).first, !rows.isEmpty { return rows }
    if data.isSingleFile, split == definition.evaluatedSplit, let rows = data.splits.values.first,
      !rows.isEmpty
    {
      return rows
    }
    throw .missingSplit(task: task.name, split: split, names: names, given: data.splits.keys.sorted())
  }

  /// The rows that examples are taken from: the split that the task names, otherwise the first of those for training,
  /// validation and test that it has.
  private func exampleRows(_ definition: TaskDefinition, _ data: TaskData) throws(TaskError) -> [TaskRow] {
    let split =
      definition.fewshotSplit ?? definition.trainingSplit ?? definition.validationSplit
      ?? definition.testSplit
    return try rows(split ?? "train", of: definition, in: data)
  }

  /// The rows with the members that the task's templates read.
  private func completed(
    _ rows: [TaskRow], _ definition: TaskDefinition, _ outcome: inout Outcome
  ) throws(TaskError) -> [TaskRow] {
    guard let first = definition.forms.first else { return rows }
    var result: [TaskRow] = []
    result.reserveCapacity(rows.count)
    for row in rows {
      guard let form = definition.forms.first(where: { $0.fault(of: row) == nil }) else {
        // The fault of the form whose members the row has most of.
        let nearest = definition.forms.max { $0.presentMembers(of: row) < $1.presentMembers(of: row) }
        throw (nearest ?? first).fault(of: row) ?? row.error("", "has a form that is not known")
      }
      if let warning = form.warning, !outcome.warnings.contains(warning) { outcome.warnings.append(warning) }
      result.append(try form.completed(row))
    }
    return result
  }

  /// The rows that a task names as its examples.
  private func selected(
    _ rows: [TaskRow], _ examples: TaskDefinition.Examples
  ) throws(TaskError) -> [TaskRow] {
    var rows = rows
    if let (member, values) = examples.selection, shots > 0 {
      var chosen: [TaskRow] = []
      for value in values {
        guard let row = rows.first(where: { $0.object[member]?.isSame(as: value) == true }) else {
          throw .invalidRequest(
            "The task \(task.name) takes the row with \(member) \(value.serialized()) as an example, and it is missing."
          )
        }
        chosen.append(row)
      }
      rows = chosen
    }
    if let mark = examples.mark { for index in rows.indices { rows[index].object[mark] = true } }
    return rows
  }

  /// The rows by group, in the order of the task's file; one group without a name where it has none.
  private func grouped(
    _ rows: [TaskRow], _ definition: TaskDefinition
  ) throws(TaskError) -> [(String?, [TaskRow])] {
    guard let groups = definition.groups else { return [(nil, rows)] }
    var byGroup: [String: [TaskRow]] = [:]
    let known = Set(groups.categories.flatMap(\.groups))
    for row in rows {
      guard let name = row.object[groups.member]?.stringValue else {
        throw row.error(groups.member, "is missing")
      }
      guard known.contains(name) else { throw row.error(groups.member, "\(JSON.quoted(name)) is not known") }
      byGroup[name, default: []].append(row)
    }
    return groups.categories.flatMap(\.groups).compactMap { name in byGroup[name].map { (name, $0) } }
  }

  private func item(
    _ row: TaskRow, index: Int, group: String?, examples: [TaskRow], _ definition: TaskDefinition
  ) throws(TaskError) -> EvaluationItem {
    var turns = PromptTurns()
    if let description = definition.description { turns.describe(try description.string(in: row)) }
    for example in examples {
      turns.addExample(
        try definition.text.string(in: example), answer: try definition.answer(of: example),
        prefix: try definition.prefix?.string(in: example), targetDelimiter: definition.targetDelimiter,
        fewshotDelimiter: definition.fewshotDelimiter)
    }
    turns.addQuestion(
      try definition.text.string(in: row), prefix: try definition.prefix?.string(in: row),
      targetDelimiter: definition.targetDelimiter)
    let id = group.map { "\($0)/\(index)" } ?? row.object["task_id"]?.scalarText ?? String(index)
    let (prompt, gold, expected) = try asked(row, turns, definition)
    return EvaluationItem(
      id: id, group: group, document: row.object, prompt: prompt, replyPrefix: turns.prefix,
      expected: expected,
      gold: gold, place: row.place)
  }

  private func asked(
    _ row: TaskRow, _ turns: PromptTurns, _ definition: TaskDefinition
  ) throws(TaskError) -> (ItemPrompt, EvaluationItem.Gold, expected: String) {
    guard definition.outputType == .multipleChoice else {
      let reference = try definition.answer(of: row)
      let settings = definition.generation
      return (
        .generation(
          prompt(of: turns), stop: settings.until, maximumTokens: settings.maximumTokens,
          sampling: settings.sampling), .reference(reference), definition.shown(reference)
      )
    }
    let choices = try definition.choices(of: row)
    var delimiter = definition.targetDelimiter
    if isChat {
      let followsPrefix = turns.prefix.map { !PlainText.endsWithSpace($0) } ?? false
      if !followsPrefix { delimiter = "" }
    }
    let prompt = ItemPrompt.choices(context: prompt(of: turns), continuations: choices.map { delimiter + $0 })
    for case .trueProbability(let template) in definition.metrics {
      let labels = try definition.labels(template, of: row, count: choices.count)
      let right = zip(choices, labels).filter(\.1).map(\.0)
      return (prompt, .labels(labels), right.joined(separator: " or "))
    }
    let right = try definition.rightChoice(of: row, among: choices)
    let characters = choices.map(\.unicodeScalars.count)
    return (prompt, .choice(right, characters: characters), choices[right])
  }
}

extension JSON {
  /// A string, or a number's text.
  var scalarText: String? {
    if case .number(let number) = self { number.literal } else { stringValue }
  }
}

extension RowForm {
  /// How many of the members that it needs a row has.
  func presentMembers(of row: TaskRow) -> Int {
    needs.count { row.object.value(at: $0.path.split(separator: ".").map(String.init)) != nil }
  }
}

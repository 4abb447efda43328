import Foundation
import MartletEvaluation
import MartletJSON
import MartletLanguageModels

/// What lm-evaluation-harness made of rows; `Fixtures/make_tasks.py` writes it.
enum Fixture {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  static func tasks() throws -> JSON {
    try JSON(parsing: [UInt8](Data(contentsOf: folder.appending(path: "tasks.json"))))
  }

  /// Rows by split.
  static func data(_ json: JSON?) -> TaskData {
    var splits: [String: [JSONObject]] = [:]
    for (split, rows) in json?.objectValue ?? [:] {
      splits[split] = rows.arrayValue?.compactMap(\.objectValue) ?? []
    }
    return TaskData(splits)
  }

  /// Whether programs passed, by their text.
  static func programs(_ json: JSON?) -> [String: Bool] {
    var programs: [String: Bool] = [:]
    for entry in json?.arrayValue ?? [] {
      if let text = entry[0]?.stringValue, let passed = entry[1]?.boolValue { programs[text] = passed }
    }
    return programs
  }
}

/// A run of a task in the reference, compared with ours.
struct Comparison {
  let record: JSON
  let prepared: PreparedTask
  let programs: [String: Bool]
  /// What differs, as `item: what`.
  private(set) var differences: [String] = []
  private(set) var equal = 0
  private var results: [ItemResult] = []

  init(_ record: JSON, data: TaskData, programs: [String: Bool]) throws {
    self.record = record
    self.programs = programs
    let task = try EvaluationTask.builtIn(named: record["task"]?.stringValue ?? "")
    prepared = try PreparedTask(
      task, data: data, shots: record["shots"]?.intValue, chat: record["chat"]?.boolValue ?? false)
  }

  var title: String {
    let chat = record["chat"]?.boolValue == true ? ", chat" : ""
    return "\(prepared.task.name), \(prepared.shots)-shot\(chat)"
  }

  /// Compares all items and scores.
  mutating func run() async throws {
    let items = record["items"]?.arrayValue ?? []
    if items.count != prepared.items.count {
      differences.append("\(items.count) items and \(prepared.items.count)")
    }
    var byKey: [String: EvaluationItem] = [:]
    for (index, item) in prepared.items.enumerated() {
      byKey[item.group == nil ? "\(index)" : item.id] = item
    }
    for reference in items {
      let subtask = reference["subtask"]?.stringValue ?? ""
      let number = reference["doc_id"]?.intValue ?? -1
      let key = subtask.hasPrefix("mmlu_") ? "\(subtask.dropFirst(5))/\(number)" : "\(number)"
      guard let item = byKey[key] else {
        differences.append("\(subtask)/\(number): missing")
        continue
      }
      let before = differences.count
      try await compare(item, reference)
      if differences.count == before { equal += 1 }
    }
    compareScores()
  }

  private mutating func compare(_ item: EvaluationItem, _ reference: JSON) async throws {
    let contexts = reference["contexts"]?.arrayValue?.compactMap(\.stringValue) ?? []
    func differs(_ what: String, _ ours: String, _ theirs: String) {
      differences.append("\(item.id): \(what): \(JSON.quoted(ours)) and not \(JSON.quoted(theirs))")
    }
    let reply: ItemReply
    let prompt: Prompt
    switch item.prompt {
    case .choices(let context, let continuations):
      prompt = context
      let theirs = reference["continuations"]?.arrayValue?.compactMap(\.stringValue) ?? []
      if continuations != theirs { differs("continuations", "\(continuations)", "\(theirs)") }
      let logs = reference["log_likelihoods"]?.arrayValue?.compactMap(\.doubleValue) ?? []
      reply = .choices(logs.map { ContinuationScore(logLikelihood: $0, tokenCount: 1, isGreedy: false) })
    case .generation(let text, let stop, let maximumTokens, _):
      prompt = text
      let theirs = reference["generation"]
      let until = theirs?["until"]?.arrayValue?.compactMap(\.stringValue) ?? []
      if stop != until { differs("until", "\(stop)", "\(until)") }
      if maximumTokens != theirs?["max_gen_toks"]?.intValue ?? 256 {
        differs("max_gen_toks", "\(maximumTokens)", "")
      }
      reply = .outputs([reference["output"]?.stringValue ?? ""])
    }
    if contexts.count != 1 { differences.append("\(item.id): \(contexts.count) contexts") }
    let shown = Self.shown(prompt, prefix: item.replyPrefix)
    if !shown.utf8.elementsEqual((contexts.first ?? "").utf8) {
      differs("context", shown, contexts.first ?? "")
    }
    let programs = programs
    let result = try await prepared.result(of: item, reply: reply) { program in
      guard let passed = programs[program] else { throw UnknownProgram(text: program) }
      return passed
    }
    results.append(result)
    for (name, value) in reference["metrics"]?.objectValue ?? [:] {
      let ours = result.scores[name] ?? .nan
      if !(abs(ours - (value.doubleValue ?? .nan)) < 1e-12) { differs(name, "\(ours)", value.serialized()) }
    }
    if result.scores.count != reference["metrics"]?.objectValue?.count {
      differs("scores", "\(result.scores.keys.sorted())", reference["metrics"]?.serialized() ?? "")
    }
    for (name, value) in reference["filtered"]?.objectValue ?? [:] where value.stringValue != nil {
      let ours = result.extracted?[name] ?? ""
      if !ours.utf8.elementsEqual((value.stringValue ?? "").utf8) { differs(name, ours, value.serialized()) }
    }
  }

  private mutating func compareScores() {
    let scores = prepared.scores(of: results)
    var ours: [String: [String: ScoreSummary]] = [prepared.task.name: scores.overall]
    for group in scores.groups { ours["mmlu_\(group.name)"] = group.scores }
    for (name, values) in record["scores"]?.objectValue ?? [:] {
      for (key, value) in values.objectValue ?? [:] {
        let metric = key.replacing("_stderr", with: "")
        let summary = ours[name]?[metric]
        let mine = key.contains("_stderr") ? summary?.standardError : summary?.mean
        let same = value.isNull ? mine == nil : abs((mine ?? .nan) - (value.doubleValue ?? .nan)) < 1e-12
        if !same { differences.append("\(name) \(key): \(mine ?? .nan) and not \(value.serialized())") }
      }
    }
  }

  struct UnknownProgram: Error { let text: String }

  /// A prompt as the canned model records it.
  static func shown(_ prompt: Prompt, prefix: String?) -> String {
    switch prompt {
    case .text(let text): return text
    case .tokens: return ""
    case .messages(var messages, _):
      if let prefix { messages.append(.assistant(prefix)) }
      let list = messages.map { JSON.object(["role": .string($0.role), "content": .string($0.content)]) }
      let json: JSON = ["messages": .array(list), "add_generation_prompt": .bool(prefix == nil)]
      return json.serialized(style: .python)
    }
  }
}

import MartletJSON
import MartletLanguageModels

/// One item of a run as it is kept: what was asked, the row that it was made from, and what came of it.
public struct ItemRecord: Sendable {
  /// The item's place among the run's items, from 0.
  public let position: Int
  /// What the model was given.
  public let prompt: JSON
  /// The row.
  public let document: JSONObject
  /// What came of it.
  public let result: ItemResult

  /// An item with its result.
  public init(position: Int, item: EvaluationItem, result: ItemResult) {
    self.position = position
    self.result = result
    prompt = item.promptJSON
    document = item.document
  }

  /// An item from its parts.
  public init(position: Int, prompt: JSON, document: JSONObject, result: ItemResult) {
    self.position = position
    self.prompt = prompt
    self.document = document
    self.result = result
  }
}

extension EvaluationItem {
  /// The prompt for programs: `context` and `continuations`, or `prompt`, `until`, `max_gen_toks` and `temperature`. A
  /// prompt is a text, or a list of messages.
  var promptJSON: JSON {
    switch prompt {
    case .choices(let context, let continuations):
      return ["context": context.json, "continuations": .array(continuations.map { .string($0) })]
    case .generation(let prompt, let stop, let maximumTokens, let sampling):
      var members: JSONObject = [
        "prompt": prompt.json, "until": .array(stop.map { .string($0) }), "max_gen_toks": JSON(maximumTokens),
        "temperature": JSON(sampling.temperature),
      ]
      if let replyPrefix { members["gen_prefix"] = .string(replyPrefix) }
      return .object(members)
    }
  }
}

extension Prompt {
  /// A text, a list of messages, or a list of ids.
  var json: JSON {
    switch self {
    case .text(let text): .string(text)
    case .messages(let messages, _):
      .array(messages.map { ["role": .string($0.role), "content": .string($0.content)] })
    case .tokens(let ids): .array(ids.map { JSON(Int($0)) })
    }
  }
}

extension ItemRecord {
  /// The items of two runs that ask the same, in the order of the first. Numbers of items say nothing: files are edited and
  /// sorted.
  static func pairs(_ first: [ItemRecord], _ second: [ItemRecord]) -> [(ItemRecord, ItemRecord)] {
    var others = Dictionary(grouping: second.reversed(), by: \.question)
    return first.compactMap { record in others[record.question]?.popLast().map { (record, $0) } }
  }

  /// The row without what says which answer is right: that may be corrected from run to run.
  var question: String {
    var row = document
    for member in Expectation.kinds + Expectation.settings + ["answer", "assert", "id"] { row[member] = nil }
    return JSON.object(row).serialized()
  }
}

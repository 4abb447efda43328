import Foundation
import MartletJSON
import MartletLanguageModels

/// A prompt and its answer, as the log keeps them.
public struct LogEntry: Sendable, Equatable {
  /// Its number in the log; 0 before it is there.
  public var id: Int
  /// When the answer was complete.
  public var date: Date
  /// What asked: a command, or another program's name.
  public var source: String
  /// The model that answered.
  public var model: String
  /// What was asked: the whole conversation, or a text. The ids of a prompt of tokens are kept as their text `[…]`.
  public var prompt: Prompt
  /// What the person asked last, which lists show and searches look at.
  public var question: String
  /// What came back, as far as it came.
  public var answer: String
  /// Why the answer ended; nil where it was stopped before its end.
  public var finishReason: FinishReason?
  /// Tokens of the prompt and of the answer; nil where nobody counted them.
  public var tokenCounts: TokenCounts?
  /// Seconds from the request to the end.
  public var seconds: Double
  /// What a provider charged, in US dollars; nil where that is not known, and for models that run here.
  public var cost: Double?
  /// How it was asked: `temperature`, `seed`, `max_tokens`, `response_format` and others that are not the default.
  public var settings: JSONObject
  /// What a person wrote about it.
  public var note: String

  /// Tokens of a prompt and of its answer.
  public struct TokenCounts: Sendable, Equatable {
    /// Tokens of the prompt.
    public var prompt: Int
    /// Tokens of the answer.
    public var completion: Int

    /// Counts.
    public init(prompt: Int, completion: Int) { (self.prompt, self.completion) = (prompt, completion) }
  }

  /// A prompt with its answer. Without a `question` it is the last turn of the person, or the whole text.
  public init(
    id: Int = 0, date: Date = .now, source: String, model: String, prompt: Prompt, answer: String,
    question: String? = nil,
    finishReason: FinishReason?, tokenCounts: TokenCounts? = nil, seconds: Double, cost: Double? = nil,
    settings: JSONObject = [:], note: String = ""
  ) {
    self.id = id
    self.date = date
    self.source = source
    self.model = model
    self.prompt = prompt
    self.question = question ?? prompt.lastQuestion
    self.answer = answer
    self.finishReason = finishReason
    self.tokenCounts = tokenCounts
    self.seconds = seconds
    self.cost = cost
    self.settings = settings
    self.note = note
  }

  /// The entry for programs.
  public var json: JSON {
    var members: JSONObject = [
      "id": JSON(id), "date": .string(date.formatted(.iso8601)), "source": .string(source),
      "model": .string(model),
    ]
    for (key, value) in promptMembers { members[key] = value }
    members["question"] = .string(question)
    members["answer"] = .string(answer)
    members["finish_reason"] = finishReason.map { .string($0.rawValue) } ?? .null
    members["prompt_tokens"] = tokenCounts.map { JSON($0.prompt) } ?? .null
    members["completion_tokens"] = tokenCounts.map { JSON($0.completion) } ?? .null
    members["seconds"] = JSON(seconds)
    members["cost"] = cost.map { JSON($0) } ?? .null
    members["settings"] = .object(settings)
    members["note"] = .string(note)
    return .object(members)
  }

  /// The prompt as `prompt`, or as `messages` and `tools`.
  var promptMembers: JSONObject {
    switch prompt {
    case .text(let text): return ["prompt": .string(text)]
    case .tokens(let ids): return ["prompt": .string("\(ids)")]
    case .messages(let messages, let tools):
      var members: JSONObject = ["messages": .array(messages.map(\.json))]
      if let tools, tools != .null { members["tools"] = tools }
      return members
    }
  }
}

extension Prompt {
  /// What the person said last: the last turn of a conversation, or the whole text.
  var lastQuestion: String {
    switch self {
    case .text(let text): text
    case .messages(let messages, _):
      messages.last { $0.role == "user" }?.content ?? messages.last?.content ?? ""
    case .tokens(let ids): "\(ids)"
    }
  }

  /// Reads what ``LogEntry/promptMembers`` wrote.
  init?(logged members: JSONObject) {
    if let text = members["prompt"]?.stringValue {
      self = .text(text)
      return
    }
    guard let list = members["messages"]?.arrayValue else { return nil }
    let messages = list.compactMap(ChatMessage.init(logged:))
    guard messages.count == list.count else { return nil }
    self = .messages(messages, tools: members["tools"])
  }
}

extension ChatMessage {
  /// The turn as chat APIs write it.
  fileprivate var json: JSON {
    var members: JSONObject = ["role": .string(role), "content": hasContent ? .string(content) : .null]
    for key in extra.keys { members[key] = extra[key] }
    return .object(members)
  }

  fileprivate init?(logged json: JSON) {
    guard var members = json.objectValue, let role = members["role"]?.stringValue else { return nil }
    let content = members["content"]?.stringValue
    members["role"] = nil
    members["content"] = nil
    if let content {
      self.init(role: role, content: content, extra: members)
    } else {
      self.init(role: role, extra: members)
    }
  }
}

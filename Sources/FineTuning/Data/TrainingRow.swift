import MartletJSON
import MartletLanguageModels

/// What is wrong with a row: the end of a sentence that begins with its place.
struct RowProblem: Error, Equatable {
  let reason: String
}

/// A row of a file of examples, in one of the formats.
enum TrainingRow: Equatable {
  case completion(prompt: String, completion: String)
  case messages([ChatMessage], tools: JSON?)
  case instruction(String, input: String, output: String)
  case text(String)

  /// The formats, the first of whose members a row has is its own.
  enum Format: String, CaseIterable {
    case messages
    case completion = "prompt and completion"
    case instruction = "instruction, input and output"
    case text

    /// The members that the format reads.
    var members: [String] {
      switch self {
      case .messages: ["messages", "tools"]
      case .completion: ["prompt", "completion"]
      case .instruction: ["instruction", "input", "output"]
      case .text: ["text"]
      }
    }

    /// The members that a row must have.
    var required: [String] {
      switch self {
      case .messages: ["messages"]
      case .completion: ["prompt", "completion"]
      case .instruction: ["instruction", "output"]
      case .text: ["text"]
      }
    }
  }

  var format: Format {
    switch self {
    case .completion: .completion
    case .messages: .messages
    case .instruction: .instruction
    case .text: .text
    }
  }

  /// The row of an object. A member that is null counts as missing.
  init(_ object: JSONObject) throws(RowProblem) {
    func has(_ name: String) -> Bool { object[name].map { !$0.isNull } ?? false }
    guard let format = Format.allCases.first(where: { $0.required.allSatisfy(has) }) else {
      throw Self.incomplete(object.keys.filter(has))
    }
    switch format {
    case .messages: self = try Self.messages(object)
    case .completion:
      self = .completion(
        prompt: try Self.text("prompt", of: object),
        completion: try Self.nonEmpty("completion", of: object))
    case .instruction:
      self = .instruction(
        try Self.nonEmpty("instruction", of: object),
        input: has("input") ? try Self.text("input", of: object) : "",
        output: try Self.nonEmpty("output", of: object))
    case .text: self = .text(try Self.nonEmpty("text", of: object))
    }
  }

  /// The row of an object, beside the object.
  static func parse(_ object: JSONObject) -> Result<(row: TrainingRow, object: JSONObject), RowProblem> {
    do { return .success((try TrainingRow(object), object)) } catch { return .failure(error) }
  }

  /// A row that lacks what each format needs.
  private static func incomplete(_ names: [String]) -> RowProblem {
    for format in Format.allCases {
      let missing = format.required.filter { !names.contains($0) }
      if missing.count < format.required.count {
        let found = format.required.filter(names.contains)
        return RowProblem(
          reason: "the row has \(quoted(found)), but no \(quoted(missing))")
      }
    }
    let has = names.isEmpty ? "nothing" : "only \(quoted(names))"
    return RowProblem(
      reason:
        "a row needs \"prompt\" and \"completion\", or \"messages\", or \"instruction\" and \"output\", "
        + "or \"text\"; this one has \(has)")
  }

  private static func quoted(_ names: [String]) -> String {
    names.prefix(8).map { "\"\($0)\"" }.joined(separator: ", ") + (names.count > 8 ? ", …" : "")
  }

  private static func text(_ name: String, of object: JSONObject) throws(RowProblem) -> String {
    guard let value = object[name] else { throw RowProblem(reason: "the row has no \"\(name)\"") }
    guard let text = value.stringValue else {
      throw RowProblem(reason: "\"\(name)\" is not a text, but \(value.kind)")
    }
    return text
  }

  private static func nonEmpty(_ name: String, of object: JSONObject) throws(RowProblem) -> String {
    let text = try text(name, of: object)
    guard !text.isEmpty else { throw RowProblem(reason: "\"\(name)\" is empty") }
    return text
  }

  private static func messages(_ object: JSONObject) throws(RowProblem) -> TrainingRow {
    let messages: [ChatMessage]
    do { messages = try ChatMessage.messages(object["messages"] ?? .null) } catch {
      throw RowProblem(reason: String(error.problem.dropLast()))
    }
    guard !messages.isEmpty else { throw RowProblem(reason: "\"messages\" is empty") }
    guard messages.contains(where: { $0.role == "assistant" }) else {
      throw RowProblem(reason: "\"messages\" has no message of the role \"assistant\" to learn from")
    }
    let tools = object["tools"].flatMap { $0.isNull ? nil : $0 }
    guard tools?.arrayValue != nil || tools == nil else {
      throw RowProblem(reason: "\"tools\" is not a list, but \(tools?.kind ?? "null")")
    }
    return .messages(messages, tools: tools)
  }
}

import MartletJSON

extension ChatMessage {
  /// What is wrong with a list of messages: a sentence.
  package struct Malformed: Error, Equatable {
    package let problem: String
  }

  /// Messages in the form of the OpenAI API: a list of objects with "role" and "content"; further members are handed
  /// to the template. The content of an assistant's message that calls tools may be null.
  package static func messages(_ json: JSON) throws(Malformed) -> [ChatMessage] {
    guard let items = json.arrayValue else {
      throw Malformed(problem: "\"messages\" is not a list, but \(json.kind).")
    }
    var messages: [ChatMessage] = []
    for (index, item) in items.enumerated() {
      guard let object = item.objectValue, let message = message(object) else {
        throw Malformed(
          problem: "message \(index + 1) is not an object with the texts \"role\" and \"content\".")
      }
      messages.append(message)
    }
    return messages
  }

  private static func message(_ object: JSONObject) -> ChatMessage? {
    guard let role = object["role"]?.stringValue else { return nil }
    let extra = JSONObject(
      object.filter { $0.key != "role" && $0.key != "content" }.map { ($0.key, $0.value) })
    if let content = object["content"]?.stringValue {
      return ChatMessage(role: role, content: content, extra: extra)
    }
    let callsTools = role == "assistant" && object["tool_calls"]?.arrayValue?.isEmpty == false
    return callsTools && object["content"]?.isNull != false ? ChatMessage(role: role, extra: extra) : nil
  }
}

import JSON
import LanguageModels

extension ChatMessage {
  /// Messages in the form of the OpenAI API: a list of objects with "role" and "content"; further members are handed
  /// to the template.
  static func list(_ json: JSON) throws(InvalidValue) -> [ChatMessage] {
    guard let items = json.arrayValue else {
      throw InvalidValue(problem: "\"messages\" is not a list, but \(json.kind).")
    }
    var messages: [ChatMessage] = []
    for (index, item) in items.enumerated() {
      guard let object = item.objectValue, let role = object["role"]?.stringValue,
        let content = object["content"]?.stringValue
      else {
        throw InvalidValue(
          problem: "message \(index + 1) is not an object with the texts \"role\" and \"content\".")
      }
      let extra = JSONObject(
        object.filter { $0.key != "role" && $0.key != "content" }.map { ($0.key, $0.value) })
      messages.append(ChatMessage(role: role, content: content, extra: extra))
    }
    return messages
  }
}

extension InvalidValue: CustomStringConvertible {
  var description: String { problem }
}

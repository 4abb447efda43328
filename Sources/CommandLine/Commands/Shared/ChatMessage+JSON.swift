import MartletJSON
import MartletLanguageModels

extension ChatMessage {
  /// Messages in the form of the OpenAI API.
  static func list(_ json: JSON) throws(InvalidValue) -> [ChatMessage] {
    do { return try messages(json) } catch { throw InvalidValue(problem: error.problem) }
  }
}

extension InvalidValue: CustomStringConvertible {
  var description: String { problem }
}

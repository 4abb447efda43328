import Foundation
import MartletJSON
import MartletLanguageModels
import Testing

/// What transformers made of conversations; `Reference/chat.py` writes it.
enum ChatReference {
  static let tests = URL(filePath: #filePath).deletingLastPathComponent()

  static func read() throws -> JSON {
    try JSON(parsing: [UInt8](Data(contentsOf: tests.appending(path: "Reference/chat.json"))))
  }

  static func list(_ json: JSON?) throws -> [JSON] { try #require(json?.arrayValue) }

  static func messages(_ json: JSON?) throws -> [ChatMessage] {
    try list(json).map { message in
      let members = try #require(message.objectValue)
      let others = members.filter { $0.key != "role" && $0.key != "content" }
      let role = try #require(members["role"]?.stringValue)
      let extra = JSONObject(others.map { ($0.key, $0.value) })
      guard let content = members["content"]?.stringValue else {
        return ChatMessage(role: role, extra: extra)
      }
      return ChatMessage(role: role, content: content, extra: extra)
    }
  }
}

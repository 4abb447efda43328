import MartletJSON
import MartletVectorStore

/// Records, for people and for programs.
extension Record {
  /// The record as the commands print it: with its vector if that was asked for.
  func json(withEmbedding: Bool, _ more: [(String, JSON)] = []) -> JSON {
    var members: [(String, JSON)] = [("id", .string(id))] + more
    if withEmbedding { members.append(("embedding", .array(embedding.map { JSON($0) }))) }
    members += [
      ("document", document.map { .string($0) } ?? .null), ("metadata", metadata.json),
      ("uri", uri.map { .string($0) } ?? .null),
    ]
    return .object(JSONObject(members))
  }

  /// The record in a few lines.
  ///
  /// - Parameter remark: What stands beside its id.
  func text(_ style: Style, _ remark: String = "", withEmbedding: Bool) -> String {
    var text = style.bold(printable(id)) + (remark.isEmpty ? "" : "  " + style.faint(remark)) + "\n"
    if let document { text += "   \(printable(oneLine(Self.beginning(of: document, characters: 240))))\n" }
    if !metadata.isEmpty { text += "   \(style.faint(printable(metadata.json.serialized())))\n" }
    if let uri { text += "   \(style.faint(printable(uri)))\n" }
    if withEmbedding {
      let numbers = embedding.map { JSON($0).serialized() }.joined(separator: ", ")
      text += "   [\(numbers)]\n"
    }
    return text
  }

  private static func beginning(of text: String, characters: Int) -> String {
    let beginning = text.prefix(characters)
    return beginning.endIndex == text.endIndex ? text : beginning + "…"
  }
}

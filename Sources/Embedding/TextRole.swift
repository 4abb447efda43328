/// What a text is to an embedding model. Some are trained with a prompt before each kind of text (E5, Wang et al.
/// 2022, section 4: "query: " and "passage: "), and place texts wrongly without it.
public enum TextRole: String, Sendable, CaseIterable {
  /// A text among its like: no prompt.
  case plain
  /// What somebody looks for.
  case query
  /// What is looked through.
  case document

  /// Prompts under the names that model makers give them.
  static func prompts(_ stated: [String: String]) -> [TextRole: String] {
    var prompts: [TextRole: String] = [:]
    prompts[.query] = stated["query"]
    prompts[.document] = stated["document"] ?? stated["passage"] ?? stated["corpus"]
    return prompts
  }
}

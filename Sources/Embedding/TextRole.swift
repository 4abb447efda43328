import MartletCheckpoints

/// What a text is to an embedding model. Some are trained with a prompt before each kind of text (E5, Wang et al.
/// 2022, section 4: "query: " and "passage: "), and place texts wrongly without it.
public enum TextRole: String, Sendable, CaseIterable {
  /// A text among its like: the model's default prompt, which few have.
  case plain
  /// What somebody looks for.
  case query
  /// What is looked through.
  case document

  /// Prompts under the names that model makers give them.
  static func prompts(_ stated: [String: String], default name: String? = nil) -> [TextRole: String] {
    var prompts: [TextRole: String] = [:]
    prompts[.plain] = name.flatMap { stated[$0] }
    prompts[.query] = stated["query"]
    prompts[.document] = stated["document"] ?? stated["passage"] ?? stated["corpus"]
    return prompts
  }
}

extension SentenceEmbeddingConfiguration {
  /// The prompts that the checkpoint states.
  var promptsByRole: [TextRole: String] { TextRole.prompts(prompts, default: defaultPrompt) }
}

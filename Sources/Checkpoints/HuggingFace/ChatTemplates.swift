import JSON

/// A model's chat templates: one that is the default, and further ones by name (`tool_use`, `rag`).
public struct ChatTemplates: Sendable, Equatable {
  /// The template that is used when none is asked for by name.
  public var standard: String?
  /// The other templates, by their names.
  public var named: [String: String]

  /// Templates, none by default.
  public init(standard: String? = nil, named: [String: String] = [:]) {
    self.standard = standard
    self.named = named
  }

  /// Takes over what is missing here from `other`.
  mutating func fill(from other: ChatTemplates) {
    if standard == nil { standard = other.standard }
    named.merge(other.named) { mine, _ in mine }
  }

  /// A `chat_template` member: one text, or a list of names with texts.
  init(_ value: JSON?, file: String) throws(CheckpointError) {
    self.init()
    switch value {
    case nil, .null?: return
    case .string(let text)?: standard = text
    case .array(let list)?:
      for entry in list {
        guard let name = entry["name"]?.stringValue, let text = entry["template"]?.stringValue else {
          throw Self.malformed(file, "a template of the list has no name or no text")
        }
        if name == "default" { standard = text } else { named[name] = text }
      }
    default: throw Self.malformed(file, "it is neither a text nor a list of templates")
    }
  }

  private static func malformed(_ file: String, _ problem: String) -> CheckpointError {
    .malformed(file: file, field: "chat_template", offset: nil, problem: problem)
  }

  /// The templates of a folder: `chat_template.jinja`, `chat_template.json` or `tokenizer_config.json`.
  init(_ folder: ModelFolder, tokenizerConfiguration: JSONObject?) throws(CheckpointError) {
    self.init(standard: try folder.text("chat_template.jinja"))
    let file = "chat_template.json"
    if let members = try folder.members(file) {
      fill(from: try ChatTemplates(members["chat_template"], file: folder.path(of: file)))
    }
    fill(
      from: try ChatTemplates(
        tokenizerConfiguration?["chat_template"], file: folder.path(of: "tokenizer_config.json")))
  }

  /// The templates of a GGUF file: `tokenizer.chat_template`, and `tokenizer.chat_template.NAME` for others.
  init(_ metadata: GGUFMetadata) throws(CheckpointError) {
    let key = "tokenizer.chat_template"
    self.init(standard: try metadata.string(key))
    for name in metadata.keys where name.hasPrefix(key + ".") {
      named[String(name.dropFirst(key.count + 1))] = try metadata.string(name)
    }
    if standard == nil { standard = named.removeValue(forKey: "default") }
  }
}

import MartletJSON

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

  /// Whether there is no template at all.
  public var isEmpty: Bool { standard == nil && named.isEmpty }

  /// The template for a conversation: the one of the name `tool_use`, where there is one and the model is given tools,
  /// else the standard one. transformers' `get_chat_template` chooses so.
  public func template(forTools: Bool) -> String? { forTools ? named["tool_use"] ?? standard : standard }

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

  /// The templates of a folder. As in transformers, files of templates stand in place of all that
  /// `tokenizer_config.json` says: `chat_template.jinja` with `additional_chat_templates/NAME.jinja`, then
  /// `chat_template.json`, which older processors wrote.
  init(_ folder: ModelFolder, tokenizerConfiguration: JSONObject?) throws(CheckpointError) {
    self.init(standard: try folder.text("chat_template.jinja"))
    try readAdditional(of: folder)
    let file = "chat_template.json"
    if isEmpty, let members = try folder.members(file) {
      self = try ChatTemplates(members["chat_template"], file: folder.path(of: file))
    }
    if isEmpty {
      self = try ChatTemplates(
        tokenizerConfiguration?["chat_template"], file: folder.path(of: "tokenizer_config.json"))
    }
  }

  private mutating func readAdditional(of folder: ModelFolder) throws(CheckpointError) {
    let additional = ModelFolder(path: folder.path(of: "additional_chat_templates"))
    guard FileSystem.isFolder(additional.path) else { return }
    let ending = ".jinja"
    for file in try additional.names(endingIn: ending) {
      let name = String(file.dropLast(ending.count))
      if name == "default" {
        standard = try additional.text(file)
      } else {
        named[name] = try additional.text(file)
      }
    }
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

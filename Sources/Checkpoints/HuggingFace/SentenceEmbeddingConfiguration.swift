import JSON

/// How a model's hidden states become one vector for a text (sentence-transformers' `modules.json`).
public struct SentenceEmbeddingConfiguration: Sendable, Equatable {
  /// How the tokens' hidden states become one.
  public enum Pooling: String, Sendable, Equatable {
    /// Their mean.
    case mean
    /// The first token's, [CLS].
    case firstToken = "cls"
    /// The last token's.
    case lastToken = "last"
    /// The largest value of each dimension.
    case maximum = "max"
  }

  /// How the tokens' hidden states become one.
  public var pooling: Pooling
  /// Whether the vector is scaled to length 1.
  public var normalizes: Bool
  /// The most tokens of a text that count, [CLS] and [SEP] among them; what goes beyond is cut.
  public var maximumSequenceLength: Int
  /// Texts that the makers put before a query, a document and so on, by name (`query`, `passage`).
  public var prompts: [String: String]
  /// The name of the prompt that goes before texts of which nothing else is said; nil for none.
  public var defaultPrompt: String?
  /// Whether the checkpoint says all this, or it is what sentence-transformers assumes where nothing is said.
  public var isStated: Bool

  /// A configuration.
  public init(
    pooling: Pooling, normalizes: Bool, maximumSequenceLength: Int, prompts: [String: String] = [:],
    defaultPrompt: String? = nil, isStated: Bool = true
  ) {
    self.pooling = pooling
    self.normalizes = normalizes
    self.maximumSequenceLength = maximumSequenceLength
    self.prompts = prompts
    self.defaultPrompt = defaultPrompt
    self.isStated = isStated
  }

  /// The configuration of a folder; nil where it is no encoder and has no `modules.json`.
  /// - Throws: ``CheckpointError`` for modules that Martlet does not have, since without them the vectors are others.
  static func reading(
    _ folder: ModelFolder, model: JSONObject, tokenizer: JSONObject?
  ) throws(CheckpointError) -> SentenceEmbeddingConfiguration? {
    let length = try maximumLength(folder, model: model, tokenizer: tokenizer)
    guard let modules = try folder.json("modules.json") else {
      guard model["model_type"]?.stringValue == "bert" else { return nil }
      return .init(pooling: .mean, normalizes: false, maximumSequenceLength: length, isStated: false)
    }
    var result = SentenceEmbeddingConfiguration(
      pooling: .mean, normalizes: false, maximumSequenceLength: length)
    for module in modules.arrayValue ?? [] {
      let type = module["type"]?.stringValue ?? ""
      switch type.split(separator: ".").last {
      case "Transformer": continue
      case "Normalize": result.normalizes = true
      case "Pooling": result.pooling = try pooling(folder, path: module["path"]?.stringValue ?? "")
      default:
        throw .unsupported(
          file: folder.path(of: "modules.json"), what: "The module \(type) is not one that Martlet has",
          advice: "Choose another embedding model: without the module the vectors would be wrong.")
      }
    }
    let stated = try folder.members("config_sentence_transformers.json") ?? [:]
    for (name, text) in stated["prompts"]?.objectValue ?? [:] { result.prompts[name] = text.stringValue }
    result.defaultPrompt = stated["default_prompt_name"]?.stringValue
    return result
  }

  private static func maximumLength(
    _ folder: ModelFolder, model: JSONObject, tokenizer: JSONObject?
  ) throws(CheckpointError) -> Int {
    let positions = model["max_position_embeddings"]?.intValue ?? 512
    let sentence = try folder.members("sentence_bert_config.json") ?? [:]
    if let key = ["query_length", "document_length"].first(where: { sentence[$0]?.intValue != nil }) {
      throw .unsupported(
        file: folder.path(of: "sentence_bert_config.json"), what: "It sets a limit of its own by \(key)",
        advice: "Choose another embedding model: one limit for all texts is what Martlet has.")
    }
    let stated =
      sentence["max_seq_length"]?.intValue ?? tokenizer?["model_max_length"]?.intValue ?? positions
    return stated > 0 ? min(stated, positions) : positions
  }

  private static func pooling(_ folder: ModelFolder, path: String) throws(CheckpointError) -> Pooling {
    let file = path.isEmpty ? "config.json" : "\(path)/config.json"
    guard !path.split(separator: "/").contains(".."), let members = try folder.members(file) else {
      throw .notFound("\(folder.path(of: file)) is missing", advice: "Fetch the model again.")
    }
    let modes = poolingModes(members)
    guard modes.count == 1, let pooling = poolings[modes[0]] else {
      throw .unsupported(
        file: folder.path(of: file),
        what: modes.isEmpty
          ? "It names no way of pooling" : "Pooling by \(modes.joined(separator: " and ")) is not built",
        advice: "Choose another embedding model.")
    }
    guard members["include_prompt"]?.boolValue != false else {
      throw .unsupported(
        file: folder.path(of: file), what: "It leaves prompts out of the pooling (include_prompt is false)",
        advice: "Choose another embedding model: with its prompts pooled the vectors would be wrong.")
    }
    return pooling
  }

  /// The ways of pooling that are built, by their names in sentence-transformers.
  private static let poolings: [String: Pooling] = [
    "cls": .firstToken, "mean": .mean, "max": .maximum, "lasttoken": .lastToken,
  ]

  /// The names of the ways of pooling: sentence-transformers from 6 on states them, earlier versions have a truth
  /// value for each.
  private static func poolingModes(_ members: JSONObject) -> [String] {
    if let mode = members["pooling_mode"] {
      return mode.stringValue.map { [$0] } ?? mode.arrayValue?.compactMap(\.stringValue) ?? []
    }
    let flags = [
      "pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean", "pooling_mode_max_tokens": "max",
      "pooling_mode_lasttoken": "lasttoken", "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
      "pooling_mode_weightedmean_tokens": "weightedmean",
    ]
    return members.compactMap { key, value in value.boolValue == true ? flags[key] : nil }
  }

  /// The configuration of a GGUF encoder: `{architecture}.pooling_type`.
  static func reading(
    _ file: GGUFFile, model: JSONObject
  ) throws(CheckpointError) -> SentenceEmbeddingConfiguration? {
    let architecture = try file.architecture()
    let type = try file.metadata.integer("\(architecture).pooling_type")
    guard architecture == "bert" || type != nil else { return nil }
    let pooling: Pooling
    switch type {
    case nil, 1: pooling = .mean
    case 2: pooling = .firstToken
    case 3: pooling = .lastToken
    default:
      throw .unsupported(
        file: file.path, what: "Its \(architecture).pooling_type is \(type ?? 0): it is no embedding model",
        advice: "Choose one with 1 (mean), 2 (CLS) or 3 (last token).")
    }
    // GGUF does not say whether vectors are normalized; llama.cpp always does it.
    return .init(
      pooling: pooling, normalizes: true,
      maximumSequenceLength: model["max_position_embeddings"]?.intValue ?? 512, isStated: type != nil)
  }
}

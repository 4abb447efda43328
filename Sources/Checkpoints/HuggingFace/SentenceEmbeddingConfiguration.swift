import MartletJSON

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
  /// Whether texts are lower-cased before the tokenizer sees them, whatever its own rules are.
  public var lowercases = false
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
    _ folder: ModelFolder, model: JSONObject, tokenizer: JSONObject?, warnings: inout [String]
  ) throws(CheckpointError) -> SentenceEmbeddingConfiguration? {
    let sentence = try transformerFile(of: folder)
    let length = maximumLength(sentence?.members ?? [:], model: model, tokenizer: tokenizer)
    guard let modules = try folder.json("modules.json") else {
      guard model["model_type"]?.stringValue == "bert" else { return nil }
      return .init(pooling: .mean, normalizes: false, maximumSequenceLength: length, isStated: false)
    }
    var result = SentenceEmbeddingConfiguration(
      pooling: .mean, normalizes: false, maximumSequenceLength: length)
    if let sentence {
      try checkTransformer(sentence, warnings: &warnings)
      result.lowercases = sentence.members["do_lower_case"]?.boolValue == true
    }
    try result.readModules(modules.arrayValue ?? [], folder, model: model, warnings: &warnings)
    if let file = try FileMembers("config_sentence_transformers.json", of: folder) {
      try result.readModelFile(file, warnings: &warnings)
    }
    return result
  }

  /// The modules in their order: a transformer, pooling, and perhaps normalization.
  private mutating func readModules(
    _ modules: [JSON], _ folder: ModelFolder, model: JSONObject, warnings: inout [String]
  ) throws(CheckpointError) {
    var (transforms, pools) = (false, false)
    for (index, module) in modules.enumerated() {
      let type = module["type"]?.stringValue ?? ""
      let path = module["path"]?.stringValue ?? ""
      let name = type.hasPrefix("sentence_transformers.") ? type.split(separator: ".").last : nil
      switch name {
      case "Transformer" where index == 0 && path.isEmpty: transforms = true
      case "Pooling" where !pools:
        pooling = try Self.pooling(folder, path: path, model: model, warnings: &warnings)
        pools = true
      // Before the pooling there is no vector to normalize.
      case "Normalize":
        if let file = try Self.configuration(of: folder, path: path) {
          try Self.checkNormalize(file, warnings: &warnings)
        }
        normalizes = pools
      // Drops numbers in training only.
      case "Dropout": continue
      default:
        let place = path.isEmpty ? "" : " (\(path))"
        throw .unsupported(
          file: folder.path(of: "modules.json"),
          what: "The module \(type)\(place) in place \(index + 1) is not one that Martlet has",
          advice: "Choose another embedding model: without the module the vectors would be wrong.")
      }
    }
    guard transforms, pools else {
      throw .unsupported(
        file: folder.path(of: "modules.json"),
        what: "It names no module \(transforms ? "Pooling" : "Transformer")",
        advice: "Choose another embedding model.")
    }
  }

  private static func maximumLength(
    _ sentence: JSONObject, model: JSONObject, tokenizer: JSONObject?
  ) -> Int {
    let positions = model["max_position_embeddings"]?.intValue ?? 512
    let stated =
      sentence["max_seq_length"]?.intValue ?? tokenizer?["model_max_length"]?.intValue ?? positions
    return stated > 0 ? min(stated, positions) : positions
  }

  /// A module's own configuration; nil where it has none.
  private static func configuration(
    of folder: ModelFolder, path: String
  ) throws(CheckpointError) -> FileMembers? {
    guard !path.isEmpty, !path.split(separator: "/").contains("..") else { return nil }
    return try FileMembers("\(path)/config.json", of: folder)
  }

  private static func pooling(
    _ folder: ModelFolder, path: String, model: JSONObject, warnings: inout [String]
  ) throws(CheckpointError) -> Pooling {
    let file = "\(path)/config.json"
    guard let configuration = try configuration(of: folder, path: path) else {
      throw .notFound("\(folder.path(of: file)) is missing", advice: "Fetch the model again.")
    }
    try checkPooling(configuration, model: model, warnings: &warnings)
    let members = configuration.members
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
    _ file: GGUFModel, model: JSONObject
  ) throws(CheckpointError) -> SentenceEmbeddingConfiguration? {
    let architecture = try file.architecture()
    let type = try file.metadata.integer("\(architecture).pooling_type")
    // 0 means none, 4 a score for two texts: neither makes an embedder of a model that generates.
    guard architecture == "bert" || ![nil, 0, 4].contains(type) else { return nil }
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

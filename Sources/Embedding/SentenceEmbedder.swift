import MartletCheckpoints
import MartletTensors
import MartletTokenizers
import MartletTransformers

/// Turns texts into vectors whose nearness is nearness of meaning, as sentence-transformers does (Reimers and
/// Gurevych 2019): an encoder, pooling over its tokens, and unit length where the model asks for that.
///
/// ```swift
/// let embedder = try SentenceEmbedder(checkpoint, name: "all-minilm-l6-v2", device: Device())
/// let vectors = try embedder.embed(["a martlet never lands"]).map(\.vector)
/// ```
public struct SentenceEmbedder: Sendable {
  /// What people call the model.
  public let name: String
  /// The length of a vector.
  public let dimension: Int
  /// The most tokens of a text that are read, [CLS] and [SEP] among them.
  public let maximumTokens: Int
  /// With what numbers the model computes.
  public let precision: Precision
  /// Text to ids.
  public let tokenizer: Tokenizer
  /// What the makers put before texts, by ``TextRole``; most models have none.
  public let prompts: [TextRole: String]
  /// The languages that the model knows, by their ISO 639-1 codes; empty where that is not known, or they are many.
  public let languages: [String]

  /// What is odd about the model's files, such as settings that are not known: a sentence each.
  public let warnings: [String]

  /// What tells this model's weights from those of another model or revision; see `Checkpoint.fingerprint()`.
  public let fingerprint: String

  private let pace = BatchPace()
  private let encoder: any Encoder
  private let pooling: SentenceEmbeddingConfiguration.Pooling
  private let dense: [DenseProjection]
  private let normalizes: Bool

  /// Loads an embedding model.
  /// - Parameters:
  ///   - checkpoint: The model's files.
  ///   - name: What people call it.
  ///   - precision: `.float32` is the exact path, `.int8` the fast one.
  ///   - prompts: What goes before texts; nil takes what the checkpoint says.
  ///   - languages: Those that the model knows, where the caller knows them.
  ///   - device: Where its weights live and texts are embedded.
  /// - Throws: `ModelError`, `TokenizerError`, or ``EmbeddingError`` where the model generates text, or a dense layer's
  ///   file is damaged.
  public init(
    _ checkpoint: Checkpoint, name: String, precision: Precision = .float32,
    prompts: [TextRole: String]? = nil, languages: [String] = [], device: Device
  ) throws {
    self.name = name
    self.precision = precision
    guard checkpoint.sentenceEmbedding != nil || !PretrainedModels.decoders.contains(checkpoint.architecture)
    else { throw EmbeddingError.generatingModel(name: name) }
    warnings = try PretrainedModels.warnings(checkpoint)
    tokenizer = try checkpoint.makeTokenizer()
    fingerprint = try checkpoint.fingerprint()
    encoder = try PretrainedModels.loadEncoder(checkpoint, precision: precision, device: device)
    let settings = checkpoint.sentenceEmbedding
    // Its few numbers are computed exactly in any case.
    dense = try (settings?.dense ?? []).map { try DenseProjection($0, precision: .float32, device: device) }
    dimension = settings?.dense.last?.outputs ?? encoder.shape.width
    self.prompts = prompts ?? settings?.promptsByRole ?? [:]
    self.languages = languages
    maximumTokens = min(
      settings?.maximumSequenceLength ?? encoder.shape.context,
      encoder.shape.context)
    pooling = settings?.pooling ?? .mean
    normalizes = settings?.normalizes ?? true
  }

  /// The tokens that a text takes, without [CLS] and [SEP].
  public func countTokens(_ text: String) -> Int { tokenizer.countTokens(text) }

  /// One text's vector.
  public struct Embedding: Sendable, Equatable {
    /// The vector: ``SentenceEmbedder/dimension`` values.
    public var vector: [Float]
    /// The tokens that were read, those of the prompt and special ones among them.
    public var tokenCount: Int
    /// The tokens that there were.
    public var uncutTokenCount: Int
    /// Whether the text was longer than ``SentenceEmbedder/maximumTokens`` and was cut there.
    public var isTruncated: Bool { tokenCount < uncutTokenCount }
  }

  /// The vectors of `texts`, in their order.
  ///
  /// Texts of like length go through the model together, end to end and without padding.
  /// - Parameters:
  ///   - texts: Texts of any length; one beyond ``maximumTokens`` is cut there.
  ///   - role: What the texts are; the model's prompt for it is put before them.
  /// - Throws: `ModelError` where a weight cannot be read from its file any more, or where tokenizer and weights do not
  ///   belong together; `CancellationError`, within a batch's time, where the task is cancelled.
  public func embed(_ texts: [String], as role: TextRole = .plain) throws -> [Embedding] {
    let prompt = prompts[role] ?? ""
    // Special tokens written in the text are recognised, as sentence-transformers does.
    let encoded = texts.map {
      tokenizer.encode(prompt + $0, addSpecialTokens: true, parseSpecialTokens: true)
    }
    let inputs = encoded.map { truncate($0) }
    var vectors = [[Float]](repeating: [], count: texts.count)
    let order = inputs.indices.sorted { inputs[$0].count < inputs[$1].count }
    var next = order.startIndex
    while next < order.endIndex {
      try Task.checkCancellation()
      let group = Self.group(order[next...], inputs, tokensPerBatch: pace.tokensPerBatch)
      next = group.endIndex
      let embedded = try pace.measuring { try vectorsOfGroup(group.map { inputs[$0] }) }
      for (index, vector) in zip(group, embedded) { vectors[index] = vector }
    }
    return texts.indices.map { index in
      Embedding(
        vector: vectors[index], tokenCount: inputs[index].count, uncutTokenCount: encoded[index].count)
    }
  }

  /// Cuts a text's ids at the model's limit, keeping the last one: the separator.
  private func truncate(_ ids: [TokenID]) -> [TokenID] {
    guard ids.count > maximumTokens, let separator = ids.last else { return ids }
    return ids.prefix(maximumTokens - 1) + [separator]
  }

  /// As many of the next texts as make one packed batch.
  private static func group(
    _ rest: ArraySlice<Int>, _ inputs: [[TokenID]], tokensPerBatch: Int
  ) -> ArraySlice<Int> {
    var tokens = 0
    let end = rest.firstIndex { index in
      tokens += inputs[index].count
      return tokens > tokensPerBatch
    }
    return rest[rest.startIndex..<max(end ?? rest.endIndex, rest.startIndex + 1)]
  }

  private func vectorsOfGroup(_ inputs: [[TokenID]]) throws -> [[Float]] {
    var batch = PackedBatch()
    for ids in inputs { batch.append(ids) }
    let hidden = try encoder.hiddenStates(of: batch)
    var pooled = pooling.pool(hidden, batch.sequences.map(\.rows))
    for layer in dense { pooled = layer(pooled) }
    if normalizes { pooled = pooled.normalizedRows() }
    return (0..<pooled.rows).map { pooled[row: $0] }
  }
}

import MartletCheckpoints
import MartletTensors
import MartletTransformers

/// What a model is made of, read from its files' headers: no weight is loaded, so that it takes no time, also for a model
/// that is too large for this machine or of an architecture that does not run.
public struct ModelAnatomy: Sendable {
  /// The model's files.
  public let checkpoint: Checkpoint
  /// What kind of model it is here.
  public let kind: Kind
  /// Why the model does not run; nil where it does.
  public let obstacle: String?
  /// What is odd about the model's files: a sentence each.
  public let warnings: [String]
  /// The tensors, in the order of the files.
  public let tensors: [Tensor]
  /// The parameters. A matrix that serves twice, as embedding and as head, counts once.
  public let parameterCount: Int
  /// Whether the output head is the token embedding.
  public let tiesHead: Bool
  /// The parts that tensors belong to, with their parameters and bytes; a head that repeats the embedding is in none.
  public let parts: [(part: ModelPart, tensors: Int, parameters: Int, bytes: Int)]
  /// What the weights take in each type, the largest first.
  public let memory: [WeightMemory]

  /// Kinds of models.
  public enum Kind: String, Sendable {
    /// It continues text.
    case decoder
    /// It sees a text whole.
    case encoder
    /// Its architecture is not known.
    case unknown
  }

  /// One tensor.
  public struct Tensor: Sendable, Equatable {
    /// Its name, as Hugging Face's checkpoints call it.
    public let name: String
    /// Its name in the file.
    public let nameInFile: String
    /// Its sizes in PyTorch's order.
    public let shape: [Int]
    /// How its values are stored.
    public let format: StorageFormat
    /// How many values it has.
    public let parameters: Int
    /// The bytes that it takes in its file.
    public let bytes: Int
    /// The part of the model that it belongs to.
    public let part: ModelPart
    /// Whether it holds the token embedding a second time.
    public let isRepeated: Bool
  }

  /// One of the sizes of a model.
  public struct Size: Sendable, Equatable {
    /// The member of a `config.json`: `hidden_size`.
    public let key: String
    /// For people: "width".
    public let name: String
    /// How large.
    public let value: Int
  }

  /// Reads what the headers of a model's files say.
  public init(_ checkpoint: Checkpoint) {
    self.checkpoint = checkpoint
    let architecture = checkpoint.architecture
    kind =
      PretrainedModels.decoders.contains(architecture)
      ? .decoder : PretrainedModels.encoders.contains(architecture) ? .encoder : .unknown
    let repeats = checkpoint.repeatsEmbedding
    tensors = checkpoint.tensors.tensors.map { tensor in
      Tensor(
        name: tensor.name, nameInFile: tensor.nameInFile, shape: tensor.shape, format: tensor.format,
        parameters: tensor.elementCount, bytes: tensor.byteRange.count,
        part: ModelPart(ofTensor: tensor.name), isRepeated: repeats && tensor.name == checkpoint.headName)
    }
    parameterCount = checkpoint.parameterCount
    // An encoder has a head only where it was trained on masked words.
    let hasHead = kind != .encoder || EncoderHead.heads(of: checkpoint).contains(.maskedLanguage)
    tiesHead = hasHead && (repeats || checkpoint.configuration["tie_word_embeddings"]?.boolValue == true)
    let counted = tensors.filter { !$0.isRepeated }
    parts = ModelPart.allCases.compactMap { part in
      let own = counted.filter { $0.part == part }
      guard !own.isEmpty else { return nil }
      return (
        part, own.count, own.reduce(0) { $0 + $1.parameters }, own.reduce(0) { $0 + $1.bytes }
      )
    }
    let repeated = Set(tensors.filter(\.isRepeated).map(\.name))
    let descriptions = checkpoint.tensors.tensors.filter { !repeated.contains($0.name) }
    memory = StorageFormat.allCases.map { WeightMemory($0, descriptions) }
      .sorted { ($1.bytes, $0.format.rawValue) < ($0.bytes, $1.format.rawValue) }
    if kind == .unknown {
      let known = (PretrainedModels.decoders + PretrainedModels.encoders).joined(separator: ", ")
      (obstacle, warnings) = (
        "Martlet does not run the architecture \(architecture); it runs \(known).", checkpoint.warnings
      )
    } else {
      do throws(ModelError) {
        (warnings, obstacle) = (
          try PretrainedModels.warnings(checkpoint), checkpoint.tensors.unevenLayers.first
        )
      } catch {
        (warnings, obstacle) = (checkpoint.warnings, error.description)
      }
    }
  }

  /// The sizes that the configuration states, for people and by their keys.
  public var sizes: [Size] {
    let names = [
      ("hidden_size", "width"), ("num_hidden_layers", "layers"), ("num_attention_heads", "heads"),
      ("num_key_value_heads", "key/value heads"), ("head_dim", "width of a head"),
      ("intermediate_size", "feed-forward"), ("vocab_size", "vocabulary"),
    ]
    return names.compactMap { key, name in
      checkpoint.configuration[key]?.intValue.map { Size(key: key, name: name, value: $0) }
    }
  }

  /// The bytes of a key/value cache in half precision: for a token, and for a full context; nil where the model has none or
  /// the configuration does not say.
  public var cacheBytes: (perToken: Int, full: Int)? {
    guard kind != .encoder, let each = checkpoint.cacheBytesPerToken, let context = checkpoint.contextLength
    else { return nil }
    let (full, overflow) = each.multipliedReportingOverflow(by: context)
    return overflow ? nil : (each, full)
  }
}

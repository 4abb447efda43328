import MartletCheckpoints
import MartletJSON
import MartletTensors
import MartletTokenizers

/// A model that has learned nothing: the shape that a `config.json` describes, with weights as transformers draws them when
/// it makes such a model. Training begins with it.
///
/// Matrices and embeddings are normal numbers with the deviation `initializer_range`, those of GPT-2 that add to what
/// passes through its layers with that over √(2 · layers); biases are 0 and the weights of norms 1. The same seed gives
/// the same weights.
///
/// ```swift
/// let members = try Checkpoint.configurationMembers(ofFile: "config.json")
/// let initial = try InitialModel(configuration: members, tokenizer: tokenizer, seed: 1)
/// let model = try initial.makeTransformer(device: Device())
/// try initial.write(to: "model-folder")
/// ```
public struct InitialModel: Sendable {
  /// The members of `config.json`, completed.
  public let configuration: JSONObject
  /// The architecture, by its `model_type`.
  public let architecture: String
  /// What is odd about the configuration, such as settings that are not known: a sentence each.
  public let warnings: [String]
  private let entries: [InitialTensors.Entry]
  private let settings: Configuration
  private let seed: UInt64

  /// The `model_type` of each architecture that can begin so.
  public static var architectures: [String] { InitialTensors.classes.keys.sorted() }

  /// A model of the shape that a configuration describes.
  /// - Parameters:
  ///   - members: The members of a `config.json`. `vocab_size` and the ids of the tokens that begin and end texts may be
  ///     left out where there is a tokenizer.
  ///   - tokenizer: The model's tokenizer; nil leaves the configuration as it is.
  ///   - seed: What the weights are drawn by.
  /// - Throws: ``ModelError`` where the architecture cannot begin so, a setting is not followed or impossible, or the
  ///   tokenizer has more tokens than the model has rows.
  public init(
    configuration members: JSONObject, tokenizer: Tokenizer? = nil, seed: UInt64 = 0
  ) throws(ModelError) {
    guard let architecture = members["model_type"]?.stringValue else {
      throw .invalidConfiguration(key: "model_type", problem: "is missing")
    }
    guard let className = InitialTensors.classes[architecture] else {
      throw .unsupportedArchitecture(architecture, known: Self.architectures)
    }
    var members = members
    if members["architectures"] == nil { members["architectures"] = [.string(className)] }
    members["dtype"] = nil
    members["torch_dtype"] = "float32"
    // Phi 3's class has a token of its own for that, which small vocabularies lack.
    if architecture == "phi3", members["pad_token_id"] == nil { members["pad_token_id"] = .null }
    if let tokenizer { Self.complete(&members, tokenizer) }
    let resolved = Checkpoint.configuration(from: members)
    warnings = try ConfigurationKeys(resolved, architecture: architecture).check()
    settings = Configuration(members: resolved)
    entries = try InitialTensors(architecture, settings).entries
    let rows = try settings.positive("vocab_size")
    if let tokenizer, tokenizer.vocabularySize > rows {
      throw .invalidConfiguration(
        key: "vocab_size", problem: "is \(rows), and the tokenizer has \(tokenizer.vocabularySize) tokens")
    }
    (configuration, self.architecture, self.seed) = (members, architecture, seed)
  }

  private static func complete(_ members: inout JSONObject, _ tokenizer: Tokenizer) {
    if members["vocab_size"] == nil { members["vocab_size"] = JSON(tokenizer.vocabularySize) }
    // Without them transformers takes those of the model that the architecture is named after.
    let special = tokenizer.special
    for (key, id) in [("bos_token_id", special.bos ?? special.eos), ("eos_token_id", special.eos)]
    where members[key] == nil {
      members[key] = id.map { JSON(Int($0)) } ?? .null
    }
  }

  /// How many numbers the weights are.
  public var parameterCount: Int { entries.reduce(0) { $0 + $1.count } }

  /// The tensors' names and shapes, in the order of the architecture.
  public var tensors: [(name: String, shape: [Int])] { entries.map { ($0.name, $0.shape) } }

  /// The model, in memory.
  /// - Throws: ``ModelError`` where the configuration is impossible.
  public func makeTransformer(device: Device) throws(ModelError) -> any CausalTransformer {
    try PretrainedModels.decoder(
      architecture, Weights(InitialTensorSource(self), precision: .float32, device: device), settings)
  }

  /// Writes `config.json` and `model.safetensors` into a folder, which is made where it is missing. With the files of a
  /// tokenizer beside them it is a model that Martlet and transformers load.
  /// - Throws: `CheckpointError` where a file cannot be written.
  public func write(to folder: String) throws(CheckpointError) {
    try FileSystem.makeFolder(folder)
    let weights = "\(folder)/model.safetensors"
    do throws(CheckpointError) {
      try writeWeights(to: weights + ".partial", shownAs: weights)
      try FileSystem.rename(weights + ".partial", to: weights)
    } catch {
      try? FileSystem.remove(weights + ".partial")
      throw error
    }
    try OutputFile.write(
      JSON.object(configuration).serialized(pretty: true) + "\n", to: "\(folder)/config.json")
  }

  private func writeWeights(to path: String, shownAs shownPath: String) throws(CheckpointError) {
    var file = try OutputFile(path, shownPath: shownPath)
    try file.write(
      SafetensorsHeader.bytes(
        entries.map {
          (name: $0.name, format: StorageFormat.float32, shape: $0.shape, byteCount: 4 * $0.count)
        }))
    for entry in entries {
      try file.write(values(of: entry).withUnsafeBytes { Array($0) })
    }
  }

  /// The values of a tensor.
  func values(of entry: InitialTensors.Entry) -> [Float] {
    switch entry.values {
    case .zeros: return [Float](repeating: 0, count: entry.count)
    case .ones: return [Float](repeating: 1, count: entry.count)
    case .normal(let deviation, let zeroRow):
      var numbers = NormalNumbers(seed: seed, name: entry.name)
      var values = (0..<entry.count).map { _ in numbers.next() * deviation }
      if let zeroRow, let columns = entry.shape.last {
        for index in zeroRow * columns..<(zeroRow + 1) * columns { values[index] = 0 }
      }
      return values
    }
  }

  /// The entries, for the source of tensors.
  var all: [InitialTensors.Entry] { entries }
}

/// The tensors of a model that has learned nothing, in memory.
private struct InitialTensorSource: TensorSource {
  let tensors: [TensorDescription]
  private let places: [String: Int]
  private let values: [[Float]]

  init(_ model: InitialModel) {
    tensors = model.all.map {
      TensorDescription(
        name: $0.name, shape: $0.shape, format: .float32, byteRange: 0..<4 * $0.count)
    }
    places = Dictionary(uniqueKeysWithValues: model.all.enumerated().map { ($1.name, $0) })
    values = model.all.map { model.values(of: $0) }
  }

  func description(of name: String) -> TensorDescription? { places[name].map { tensors[$0] } }

  func withBytes<R>(of name: String, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
    guard let place = places[name] else { throw ModelError.missingTensor(name) }
    return try values[place].withUnsafeBytes(body)
  }

  func discardPages(of name: String) {}
}

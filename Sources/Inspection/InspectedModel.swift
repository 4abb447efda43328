import MartletCheckpoints
import MartletTensors
import MartletTokenizers
import MartletTransformers

/// A model that is opened to be looked into: a decoder or an encoder with its tokenizer.
///
/// ```swift
/// let model = try InspectedModel(checkpoint, name: "all-minilm-l6-v2", device: Device())
/// let text = try model.text("The cat sat on the mat")
/// let states = try model.hiddenStates(of: text, layers: .last)
/// ```
public struct InspectedModel: Sendable {
  /// What people call the model.
  public let name: String
  /// Text to ids and back.
  public let tokenizer: Tokenizer
  /// The model's sizes.
  public let shape: ModelShape
  /// What is odd about the model's files, such as settings that are not known: a sentence each.
  public let warnings: [String]

  let network: Network

  enum Network: Sendable {
    case decoder(any CausalTransformer)
    case encoder(any Encoder)
  }

  /// Loads a model.
  /// - Parameters:
  ///   - checkpoint: The model's files.
  ///   - name: What people call it.
  ///   - precision: With what numbers it computes; float32 computes what the files say.
  ///   - device: Where its weights live and texts are computed.
  /// - Throws: `ModelError` for an architecture or a setting that is not supported, `CheckpointError` or
  ///   `TokenizerError` where a file cannot be read.
  public init(_ checkpoint: Checkpoint, name: String, precision: Precision = .float32, device: Device) throws
  {
    self.name = name
    if PretrainedModels.decoders.contains(checkpoint.architecture) {
      network = .decoder(
        try PretrainedModels.loadDecoder(checkpoint, precision: precision, device: device))
    } else if PretrainedModels.encoders.contains(checkpoint.architecture) {
      network = .encoder(
        try PretrainedModels.loadEncoder(checkpoint, precision: precision, device: device))
    } else {
      throw ModelError.unsupportedArchitecture(
        checkpoint.architecture, known: PretrainedModels.decoders + PretrainedModels.encoders)
    }
    shape =
      switch network {
      case .decoder(let model): model.shape
      case .encoder(let model): model.shape
      }
    tokenizer = try checkpoint.makeTokenizer()
    warnings = try PretrainedModels.warnings(checkpoint)
  }

  private init(_ other: InspectedModel, _ network: Network) {
    (name, tokenizer, shape, warnings) = (other.name, other.tokenizer, other.shape, other.warnings)
    self.network = network
  }

  /// The same model with adapters in place of those that it has.
  /// - Throws: `AdapterError` where an adapter was made for another model, or two replace one weight.
  public func adapted(by adapters: [ScaledAdapter]) throws(AdapterError) -> InspectedModel {
    switch network {
    case .decoder(let model): InspectedModel(self, .decoder(try model.adapted(by: adapters)))
    case .encoder(let model): InspectedModel(self, .encoder(try model.adapted(by: adapters)))
    }
  }

  /// The numbers of the hidden states: 0 is the embedding as it enters the first layer.
  public var hiddenStateLayers: ClosedRange<Int> { 0...shape.layers }
  /// The numbers of the layers that attend, counted from 0.
  public var attentionLayers: ClosedRange<Int> { 0...shape.layers - 1 }
  /// The numbers of a layer's heads, counted from 0.
  public var attentionHeads: ClosedRange<Int> { 0...shape.heads - 1 }

  /// A text as the model sees it.
  /// - Parameters:
  ///   - text: The text. Special tokens that are written in it are recognised, as transformers does.
  ///   - addsSpecialTokens: Whether the tokens that the model wants around a text are added: `[CLS]` and `[SEP]`, or one
  ///     that begins a text.
  /// - Throws: ``InspectionError/emptyText`` or ``InspectionError/textTooLong(tokens:limit:model:)``.
  public func text(_ text: String, addsSpecialTokens: Bool = true) throws(InspectionError) -> InspectedText {
    let inspected = InspectedText(text, tokenizer, addsSpecialTokens: addsSpecialTokens)
    guard !inspected.tokens.isEmpty else { throw .emptyText }
    guard inspected.tokens.count <= shape.context else {
      throw .textTooLong(tokens: inspected.tokens.count, limit: shape.context, model: name)
    }
    return inspected
  }

  /// The most bytes of activations that one call keeps.
  static let mostBytes = 4 << 30

  /// Refuses to keep more than memory holds, before a forward pass begins.
  func check(_ what: String, floats: [Int]) throws(InspectionError) {
    let bytes = floats.reduce(MemoryLayout<Float>.size) { product, factor in
      let (bytes, overflow) = product.multipliedReportingOverflow(by: factor)
      return overflow ? .max : bytes
    }
    guard bytes <= Self.mostBytes else { throw .tooLarge(what: what, bytes: bytes, maximum: Self.mostBytes) }
  }

  /// One forward pass over a text.
  /// - Returns: The last hidden states, after the final norm: tokens × width.
  func run(_ text: InspectedText, _ recorder: ActivationRecorder?) throws -> Tensor {
    try run(PackedBatch(text.ids), recorder)
  }

  /// One forward pass over the texts of a batch.
  func run(_ batch: PackedBatch, _ recorder: ActivationRecorder?) throws -> Tensor {
    switch network {
    case .decoder(let model): return try model.hiddenStates(of: batch, recorder: recorder)
    case .encoder(let model): return try model.hiddenStates(of: batch, segmentIDs: nil, recorder: recorder)
    }
  }
}

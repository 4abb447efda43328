import MartletCheckpoints
import MartletTensors
import MartletTokenizers
import MartletTransformers

/// Says which words the masks of a text hide, as transformers' pipeline `fill-mask` does.
///
/// ```swift
/// let filler = try MaskFiller(checkpoint, device: Device())
/// let masks = try filler.fill("The capital of France is [MASK].", count: 5)
/// ```
public struct MaskFiller: Sendable {
  /// Text to ids.
  public let tokenizer: Tokenizer
  /// The mask as texts write it, such as `[MASK]` or `<mask>`.
  public let maskToken: String
  /// What is odd about the model's files: a sentence each.
  public let warnings: [String]
  private let model: MaskedLanguageModel
  private let mask: TokenID

  /// Loads a checkpoint with a head for masked words.
  /// - Throws: `CheckpointError`, `TokenizerError` or `ModelError`, the latter also where there is no such head;
  ///   ``ClassificationError/noMaskToken`` where the tokenizer knows no mask.
  public init(_ checkpoint: Checkpoint, precision: Precision = .float32, device: Device) throws {
    warnings = try PretrainedModels.warnings(checkpoint)
    model = try MaskedLanguageModel(checkpoint, precision: precision, device: device)
    tokenizer = try checkpoint.makeTokenizer()
    let found = tokenizer.special.mask ?? tokenizer.id(of: "[MASK]") ?? tokenizer.id(of: "<mask>")
    guard let mask = found, let token = tokenizer.token(mask) else { throw ClassificationError.noMaskToken }
    (self.mask, maskToken) = (mask, token)
  }

  /// A word that may stand in a mask's place.
  public struct Candidate: Sendable, Equatable {
    /// Its number in the vocabulary.
    public var id: TokenID
    /// The token as the vocabulary spells it.
    public var token: String
    /// What the head gives it.
    public var logit: Float
    /// Its share of all words.
    public var probability: Float
  }

  /// One mask of a text.
  public struct Mask: Sendable, Equatable {
    /// The mask's place among the tokens of the text, special ones counted, from 0.
    public var position: Int
    /// The most probable words, best first.
    public var candidates: [Candidate]
  }

  /// The most probable words for each mask of `text`, each mask given all the others.
  /// - Parameters:
  ///   - text: A text that holds ``maskToken`` at least once.
  ///   - count: How many words are wanted for each mask.
  /// - Throws: ``ClassificationError/noMask(token:)``, and `ModelError.beyondContext` for a text that is too long.
  public func fill(_ text: String, count: Int) throws -> [Mask] {
    var input = EncoderBatch()
    input.append(text, tokenizer)
    let positions = input.batch.tokens.indices.filter { input.batch.tokens[$0] == mask }
    guard !positions.isEmpty else { throw ClassificationError.noMask(token: maskToken) }
    let hidden = try model.encoder.hiddenStates(
      of: input.batch, segmentIDs: input.segmentIDs, recorder: nil)
    let logits = model.logits(of: hidden.gatherRows(positions))
    return try positions.enumerated().map { row, position in
      Mask(position: position, candidates: try candidates(logits[row: row], count: count))
    }
  }

  private func candidates(_ logits: [Float], count: Int) throws(ClassificationError) -> [Candidate] {
    try ClassificationError.check(logits)
    let probabilities = ClassifierScoring.exclusive.scores(logits)
    return logits.indices.largest(count) { logits[$0] }.map { index in
      Candidate(
        id: TokenID(index), token: tokenizer.token(TokenID(index)) ?? "", logit: logits[index],
        probability: probabilities[index])
    }
  }
}

extension Collection {
  /// The `count` elements of the largest values, largest first; of equals the first.
  func largest(_ count: Int, _ value: (Element) -> Float) -> [Element] {
    Array(
      enumerated().sorted { a, b in
        let (left, right) = (value(a.element), value(b.element))
        return left == right ? a.offset < b.offset : left > right
      }.prefix(count).map(\.element))
  }
}

import MartletCheckpoints
import MartletTensors
import MartletTokenizers
import MartletTransformers

/// Says what a text is: an encoder with a head that classifies texts, pairs of texts, or the tokens of a text.
///
/// ```swift
/// let classifier = try TextClassifier(checkpoint, device: Device())
/// let labels = try classifier.classify("I like swifts.")
/// ```
public struct TextClassifier: Sendable {
  /// Text to ids.
  public let tokenizer: Tokenizer
  /// What the head tells apart, in the order of its outputs.
  public let labels: [String]
  /// Whether each token gets a label, not the text as a whole.
  public let classifiesTokens: Bool
  /// What is odd about the model's files: a sentence each.
  public let warnings: [String]
  private let head: Head

  private enum Head: Sendable {
    case texts(SequenceClassifier)
    case tokens(TokenClassifier)
    case nextSentence(NextSentencePredictor)
  }

  /// Loads a checkpoint with a head that classifies. One that has none but BERT's for next sentences tells apart whether
  /// the second text follows the first.
  /// - Throws: `CheckpointError`, `TokenizerError` or `ModelError`, the latter also where there is no such head.
  public init(_ checkpoint: Checkpoint, precision: Precision = .float32, device: Device) throws {
    warnings = try PretrainedModels.warnings(checkpoint)
    let heads = EncoderHead.heads(of: checkpoint)
    if heads.contains(.tokenClassification) {
      let model = try TokenClassifier(checkpoint, precision: precision, device: device)
      (head, labels, classifiesTokens) = (.tokens(model), model.labels, true)
    } else if heads.contains(.nextSentence), !heads.contains(.sequenceClassification) {
      let model = try NextSentencePredictor(checkpoint, precision: precision, device: device)
      (head, labels, classifiesTokens) = (.nextSentence(model), ["follows", "does not follow"], false)
    } else {
      let model = try SequenceClassifier(checkpoint, precision: precision, device: device)
      (head, labels, classifiesTokens) = (.texts(model), model.labels, false)
    }
    tokenizer = try checkpoint.makeTokenizer()
  }

  /// A label with what speaks for it.
  public struct Label: Sendable, Equatable {
    /// The label's name.
    public var label: String
    /// The score: a probability, or of a model with one label the logit itself.
    public var score: Float
    /// What the head gives it.
    public var logit: Float
  }

  /// The labels of a text, or of a pair of texts, best first.
  /// - Parameters:
  ///   - text: The text.
  ///   - second: The second one of a pair; nil for one text.
  /// - Throws: ``ClassificationError/pair(isNeeded:)``, and `ModelError.beyondContext` for a text that is too long.
  public func classify(_ text: String, _ second: String? = nil) throws -> [Label] {
    var input = EncoderBatch()
    if let second {
      input.append(text, second, tokenizer, context: Int.max)
    } else {
      input.append(text, tokenizer)
    }
    let logits: [Float]
    let scores: [Float]
    switch head {
    case .texts(let model):
      logits = try model.logits(of: input.batch, segmentIDs: input.segmentIDs)[row: 0]
      scores = model.scoring.scores(logits)
    case .nextSentence(let model):
      guard second != nil else { throw ClassificationError.pair(isNeeded: true) }
      logits = try model.logits(of: input.batch, segmentIDs: input.segmentIDs)[row: 0]
      scores = ClassifierScoring.exclusive.scores(logits)
    case .tokens: throw ClassificationError.pair(isNeeded: false)
    }
    try ClassificationError.check(logits)
    return logits.indices.largest(labels.count) { scores[$0] }.map {
      Label(label: labels[$0], score: scores[$0], logit: logits[$0])
    }
  }

  /// A token with its label.
  public struct Token: Sendable, Equatable {
    /// The token as the vocabulary spells it.
    public var token: String
    /// The Unicode scalars of the text that it stands for; empty for special tokens.
    public var scalarRange: Range<Int>
    /// The best label.
    public var label: Label
  }

  /// The best label of each token of a text, special tokens left out.
  /// - Throws: ``ClassificationError/pair(isNeeded:)`` where the head classifies whole texts, and
  ///   `ModelError.beyondContext` for a text that is too long.
  public func classifyTokens(of text: String) throws -> [Token] {
    guard case .tokens(let model) = head else { throw ClassificationError.pair(isNeeded: false) }
    let encoded = tokenizer.encodeWithOffsets(text, addSpecialTokens: true, parseSpecialTokens: true)
    let logits = try model.logits(of: PackedBatch(encoded.ids))
    return try encoded.ids.indices.compactMap { index in
      guard !encoded.scalarRanges[index].isEmpty else { return nil }
      let values = logits[row: index]
      try ClassificationError.check(values)
      let scores = ClassifierScoring.exclusive.scores(values)
      let best = values.indices.largest(1) { values[$0] }[0]
      return Token(
        token: encoded.tokens[index], scalarRange: encoded.scalarRanges[index],
        label: Label(label: labels[best], score: scores[best], logit: values[best]))
    }
  }
}

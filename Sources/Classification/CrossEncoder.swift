import MartletCheckpoints
import MartletLanguageModels
import MartletTensors
import MartletTokenizers
import MartletTransformers

/// Scores how well passages answer a query, reading each with the query at once (Nogueira and Cho 2019), as
/// sentence-transformers' `CrossEncoder` does.
///
/// It sees more than vectors of the two can tell, and cannot prepare passages beforehand: it is for the best passages that
/// a search has found.
public struct CrossEncoder: Reranker {
  /// What people call the model.
  public let name: String
  /// The most tokens that query and passage may have together, special ones among them.
  public let maximumTokens: Int
  /// What is odd about the model's files: a sentence each.
  public let warnings: [String]
  private let tokenizer: Tokenizer
  private let model: SequenceClassifier

  /// Loads a classifier with one label.
  /// - Throws: `CheckpointError`, `TokenizerError` or `ModelError`, the latter also where there is no such head;
  ///   ``ClassificationError/notAReranker(labels:)`` where it has several labels.
  public init(_ checkpoint: Checkpoint, name: String, precision: Precision = .float32, device: Device) throws
  {
    self.name = name
    warnings = try PretrainedModels.warnings(checkpoint)
    model = try SequenceClassifier(checkpoint, precision: precision, device: device)
    guard model.labels.count == 1 else { throw ClassificationError.notAReranker(labels: model.labels) }
    tokenizer = try checkpoint.makeTokenizer()
    maximumTokens = model.encoder.shape.context
  }

  /// The logits of `passages`, in their order. Of a pair beyond ``maximumTokens`` the longer text is cut.
  /// - Throws: `ModelError` where tokenizer and weights do not belong together; `CancellationError`, within a batch's
  ///   time, where the task is cancelled.
  public func scores(of passages: [String], for query: String) throws -> [RelevanceScore] {
    var scores: [RelevanceScore] = []
    var index = 0
    while index < passages.count {
      try Task.checkCancellation()
      var input = EncoderBatch()
      while index < passages.count, input.batch.tokens.count < Self.tokensPerBatch {
        input.append(query, passages[index], tokenizer, context: maximumTokens)
        index += 1
      }
      let logits = try model.logits(of: input.batch, segmentIDs: input.segmentIDs)
      try ClassificationError.check(logits.values)
      scores += input.cutTokens.enumerated().map { RelevanceScore(Double(logits[row: $0][0]), cutTokens: $1) }
    }
    return scores
  }

  /// As many tokens as keep their activations in the processor's cache.
  private static let tokensPerBatch = 512
}

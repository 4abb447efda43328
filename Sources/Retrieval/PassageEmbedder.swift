import MartletEmbedding
import MartletVectorStore

/// What a `Library` embeds passages and questions with: an `EmbeddingFunction` that also says how much it reads, and
/// what the nearness of its vectors means.
public protocol PassageEmbedder: EmbeddingFunction {
  /// The tokens of a text, without those that the embedder adds.
  func countTokens(_ text: String) -> Int
  /// The most tokens of a passage, without those that the embedder adds, of which it reads all.
  var passageTokenLimit: Int { get }
  /// The languages that it knows, as codes of ISO 639-1; empty where it does not say.
  var languages: [String] { get }
  /// The `Evidence.strength` from which on the documents seem to hold an answer: cosines of one model cannot be compared
  /// with those of another, so that each has its own.
  var evidenceThreshold: Double { get }
  /// What a person should know of its files, a sentence each.
  var warnings: [String] { get }
}

/// Collections embed texts with a model.
extension SentenceEmbedder: PassageEmbedder {
  /// The model's name, the fingerprint of its weights, and how it computes.
  public var identity: EmbedderIdentity {
    EmbedderIdentity(
      name: name, revision: fingerprint, maximumTokens: maximumTokens,
      precision: precision == .float32 ? "float32" : "fast")
  }

  /// The vectors of texts that are kept.
  public func embeddings(ofDocuments texts: [String]) throws -> [TextEmbedding] {
    try embed(texts, as: .document).map { TextEmbedding($0.vector, isTruncated: $0.isTruncated) }
  }

  /// The vectors of texts that are looked for.
  public func embeddings(ofQueries texts: [String]) throws -> [TextEmbedding] {
    try embed(texts, as: .query).map { TextEmbedding($0.vector, isTruncated: $0.isTruncated) }
  }

  /// The limit without the embedder's own special tokens and prompt.
  public var passageTokenLimit: Int {
    max(1, maximumTokens - tokenizer.encode(prompts[.document] ?? "", addSpecialTokens: true).count)
  }

  /// What was measured with all-minilm-l6-v2 (docs/answers.md). For other models it is not measured.
  public var evidenceThreshold: Double { 0.76 }
}

import MartletEmbedding
import MartletVectorStore

/// Collections embed texts with a model.
extension SentenceEmbedder: EmbeddingFunction {
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
}

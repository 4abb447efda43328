/// What makes vectors of texts for a collection: a model, or anything else that gives like texts like vectors.
///
/// The store itself knows of no models. A collection remembers the identity of what embedded its texts, and refuses
/// another one.
public protocol EmbeddingFunction: Sendable {
  /// What tells its vectors from others'.
  var identity: EmbedderIdentity { get }
  /// The numbers of each vector.
  var dimension: Int { get }
  /// The vectors of texts that are kept, in their order.
  func embeddings(ofDocuments texts: [String]) throws -> [TextEmbedding]
  /// The vectors of texts that are looked for, in their order. Some models tell the two apart.
  func embeddings(ofQueries texts: [String]) throws -> [TextEmbedding]
}

extension EmbeddingFunction {
  /// Those of documents: most models embed both alike.
  public func embeddings(ofQueries texts: [String]) throws -> [TextEmbedding] {
    try embeddings(ofDocuments: texts)
  }
}

/// The vector of a text.
public struct TextEmbedding: Sendable, Equatable {
  /// The vector.
  public var vector: [Float]
  /// Whether only the beginning of the text was read.
  public var isTruncated: Bool

  /// Creates one.
  public init(_ vector: [Float], isTruncated: Bool = false) {
    self.vector = vector
    self.isTruncated = isTruncated
  }
}

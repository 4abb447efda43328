/// Vectors of texts, words or tokens, with what they stand for.
public struct LabelledVectors: Sendable, Equatable {
  /// What the vectors stand for, in their order.
  public let labels: [String]
  /// The vectors, all of one length.
  public let vectors: [[Float]]
  /// How the vectors were made, in a few words for people: "sentence embeddings".
  public let origin: String

  /// Vectors with a label each.
  /// - Precondition: There are as many labels as vectors, and all vectors have one length.
  public init(labels: [String], vectors: [[Float]], origin: String) {
    precondition(labels.count == vectors.count, "as many labels as vectors")
    precondition(Set(vectors.map(\.count)).count <= 1, "vectors of one length")
    (self.labels, self.vectors, self.origin) = (labels, vectors, origin)
  }
}

/// What vectors stand for.
public enum VectorLevel: String, Sendable, CaseIterable {
  /// A whole text.
  case text
  /// A word of a text, which the rest of the text has a say in.
  case word
  /// A token of a text.
  case token
}

import MartletEmbedding
import MartletPrompting

/// How near predictions are to their references in meaning: the cosine of the angle between their embeddings.
///
/// A score says how alike two texts are, not whether one is right: "It is open on Monday" and "It is closed on Monday"
/// are near. Use it beside a score that looks at words.
///
/// ```swift
/// let embedder = try SentenceEmbedder.open(named: "all-minilm-l6-v2", device: Device())
/// let similarity = EmbeddingSimilarity(embedder)
/// let scores = try similarity.scores(of: ["A bird."], references: [["A swift.", "The rent is due."]])
/// ```
public struct EmbeddingSimilarity: Sendable {
  private let embeddings: TextEmbeddings

  /// - Parameter embeddings: Gives one vector for each text, in their order and all of one length.
  public init(_ embeddings: @escaping TextEmbeddings) {
    self.embeddings = embeddings
  }

  /// Embeds with a sentence embedder, without a prompt in front of the texts.
  public init(_ embedder: SentenceEmbedder) {
    self.init(embedder.textEmbeddings)
  }

  /// The cosine of each prediction with the nearest of its references, from -1 to 1.
  /// - Parameters:
  ///   - predictions: The texts that are scored.
  ///   - references: What each of them may be like, one text at least.
  /// - Throws: ``JudgingError``, or what embedding throws.
  public func scores(of predictions: [String], references: [[String]]) throws -> [Double] {
    guard predictions.count == references.count else {
      throw JudgingError.counts(predictions: predictions.count, references: references.count)
    }
    if let index = references.firstIndex(where: \.isEmpty) { throw JudgingError.noReference(index) }
    let texts = Array(Set(predictions + references.joined())).sorted()
    guard !texts.isEmpty else { return [] }
    let vectors = try embeddings(texts)
    guard vectors.count == texts.count else {
      throw JudgingError.embeddings(problem: "there are \(vectors.count) of \(texts.count) texts")
    }
    let lengths = Set(vectors.map(\.count))
    guard lengths.count == 1 else {
      throw JudgingError.embeddings(
        problem: "their lengths are \(lengths.sorted().map(String.init).joined(separator: ", "))")
    }
    var directions: [String: [Double]] = [:]
    for (text, vector) in zip(texts, vectors) {
      let values = vector.map(Double.init)
      let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard norm > 0, norm.isFinite else { throw JudgingError.noDirection(text: text) }
      directions[text] = values.map { $0 / norm }
    }
    return zip(predictions, references).map { prediction, references in
      let own = directions[prediction] ?? []
      let cosines = references.map { reference in
        zip(own, directions[reference] ?? []).reduce(0) { $0 + $1.0 * $1.1 }
      }
      return min(1, max(-1, cosines.max() ?? 0))
    }
  }
}

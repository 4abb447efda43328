import MartletCheckpoints
import MartletEmbedding
import MartletTensors

/// A model as a source of vectors for texts, words and tokens.
///
/// The vector of a text is the model's own sentence embedding where it is an embedder and no layer is named; else the mean
/// of the text's tokens in a layer. The vector of a word is the mean of the tokens that stand for it.
public struct VectorModel: Sendable {
  /// What the vectors stand for.
  public let level: VectorLevel
  /// What is odd about the model's files: a sentence each.
  public let warnings: [String]

  private let source: Source
  private let addsSpecialTokens: Bool

  private enum Source: Sendable {
    case embedder(SentenceEmbedder)
    case layer(InspectedModel, LayerSelection)
  }

  /// Loads a model.
  /// - Parameters:
  ///   - checkpoint: The model's files.
  ///   - name: What people call it.
  ///   - level: What the vectors are to stand for.
  ///   - layer: The number of a hidden state; nil is the sentence embedding where the model has one, else the last layer.
  ///   - addsSpecialTokens: Whether texts get the tokens that the model wants around them. Sentence embeddings need them.
  ///   - precision: With what numbers the model computes.
  ///   - device: Where its weights live and texts are computed.
  /// - Throws: Whatever keeps the model from being loaded; ``InspectionError/noSuchLayer(_:layers:)``.
  public init(
    _ checkpoint: Checkpoint, name: String, level: VectorLevel = .text, layer: Int? = nil,
    addsSpecialTokens: Bool = true, precision: Precision = .float32, device: Device
  ) throws {
    (self.level, self.addsSpecialTokens) = (level, addsSpecialTokens)
    if level == .text, layer == nil, addsSpecialTokens, checkpoint.sentenceEmbedding != nil {
      let embedder = try SentenceEmbedder(checkpoint, name: name, precision: precision, device: device)
      (source, warnings) = (.embedder(embedder), embedder.warnings)
    } else {
      let model = try InspectedModel(checkpoint, name: name, precision: precision, device: device)
      let layers = layer.map(LayerSelection.only) ?? .last
      _ = try layers.layers(in: model.hiddenStateLayers)
      (source, warnings) = (.layer(model, layers), model.warnings)
    }
  }

  /// The vectors of texts, or of the words or tokens of all of them, in their order.
  /// - Parameters:
  ///   - texts: The texts.
  ///   - progress: Called after each group of texts with how many are done.
  /// - Throws: ``InspectionError`` where a text is empty or too long; `CancellationError` where the task is cancelled.
  public func vectors(
    of texts: [String], progress: (_ done: Int) -> Void = { _ in }
  ) throws -> LabelledVectors {
    var labels: [String] = []
    var vectors: [[Float]] = []
    switch source {
    case .embedder(let embedder):
      for start in stride(from: 0, to: texts.count, by: Self.groupSize) {
        let group = Array(texts[start..<min(texts.count, start + Self.groupSize)])
        for embedding in try embedder.embed(group) {
          guard !embedding.isTruncated else {
            throw InspectionError.textTooLong(
              tokens: embedding.uncutTokenCount, limit: embedder.maximumTokens, model: embedder.name)
          }
          vectors.append(embedding.vector)
        }
        progress(start + group.count)
      }
      return LabelledVectors(labels: texts, vectors: try Self.finite(vectors), origin: origin)
    case .layer(let model, let layers):
      let layer = try layers.layers(in: model.hiddenStateLayers).last ?? model.shape.layers
      var (group, tokens) = ([InspectedText](), 0)
      for (index, text) in texts.enumerated() {
        let inspected = try model.text(text, addsSpecialTokens: addsSpecialTokens)
        group.append(inspected)
        tokens += inspected.tokens.count
        guard tokens >= Self.tokensTogether || index == texts.count - 1 else { continue }
        try Task.checkCancellation()
        for (text, states) in zip(group, try model.states(of: group, layer: layer)) {
          add(states, of: text, to: &labels, &vectors)
        }
        (group, tokens) = ([], 0)
        progress(index + 1)
      }
      return LabelledVectors(labels: labels, vectors: try Self.finite(vectors), origin: origin)
    }
  }

  /// Enough for packed batches, little enough to show progress.
  private static let groupSize = 64
  /// The activations of so many tokens stay in the processor's cache.
  private static let tokensTogether = 512

  private func add(
    _ states: Tensor, of text: InspectedText, to labels: inout [String], _ vectors: inout [[Float]]
  ) {
    switch level {
    case .text:
      labels.append(text.text)
      vectors.append(states.meanOfRows(in: [0..<states.rows])[row: 0])
    case .word:
      for word in text.words {
        labels.append(word.text)
        let rows = states.gatherRows(word.tokens)
        vectors.append(rows.meanOfRows(in: [0..<rows.rows])[row: 0])
      }
    case .token:
      for (index, token) in text.tokens.enumerated() {
        labels.append(token.piece)
        vectors.append(states[row: index])
      }
    }
  }

  private static func finite(_ vectors: [[Float]]) throws(InspectionError) -> [[Float]] {
    guard vectors.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { throw .notFinite(what: "A vector") }
    return vectors
  }

  /// How the vectors are made, in a few words: "sentence embeddings", "words: means of their tokens in layer 6".
  public var origin: String {
    switch source {
    case .embedder: return "sentence embeddings"
    case .layer(let model, let layers):
      let number =
        switch layers {
        case .only(let number): number
        case .all, .last: model.shape.layers
        }
      let layer = number == model.shape.layers ? "the last layer (\(number))" : "layer \(number)"
      switch level {
      case .text: return "means of each text's tokens in \(layer)"
      case .word: return "means of each word's tokens in \(layer)"
      case .token: return "tokens in \(layer)"
      }
    }
  }
}

extension VectorModel {
  /// The most vectors that are compared each with each.
  public static let mostCompared = 2000

  /// How near texts, or the words or tokens of all of them, are to each other.
  /// - Throws: ``InspectionError`` where a text is empty or too long, or there are fewer than two or too many to compare.
  public func similarity(of texts: [String]) throws -> Similarity {
    let vectors = try vectors(of: texts)
    let (count, what) = (vectors.labels.count, "\(level.rawValue)s to compare")
    guard count >= 2 else { throw InspectionError.tooFew(what: what, count: count, minimum: 2) }
    guard count <= Self.mostCompared else {
      throw InspectionError.tooMany(what: what, count: count, maximum: Self.mostCompared)
    }
    return Similarity(vectors)
  }
}

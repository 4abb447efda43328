import MartletCheckpoints
import MartletTensors

/// How the hidden states of a text's tokens become one vector (sentence-transformers, `models/Pooling.py`).
enum Pooling: Sendable {
  case mean
  case firstToken

  init(_ pooling: SentenceEmbeddingConfiguration.Pooling) throws(EmbeddingError) {
    switch pooling {
    case .mean: self = .mean
    case .firstToken: self = .firstToken
    case .lastToken, .maximum: throw .unsupportedPooling(pooling.rawValue)
    }
  }

  /// One row a sequence.
  func pool(_ hidden: Tensor, _ sequences: [Range<Int>]) -> Tensor {
    switch self {
    case .mean: hidden.meanOfRows(in: sequences)
    case .firstToken: hidden.gatherRows(sequences.map(\.lowerBound))
    }
  }
}

/// Why a model cannot embed.
public enum EmbeddingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The model pools in a way that is not built.
  case unsupportedPooling(String)
  /// The model of this name continues texts and makes no vectors of them.
  case generatingModel(name: String)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .unsupportedPooling(let name):
      "The model pools its tokens by \"\(name)\"; only mean and cls pooling are supported."
    case .generatingModel(let name):
      "\(name) is a generating model; embedding needs an embedding model, such as all-minilm-l6-v2."
    }
  }
}

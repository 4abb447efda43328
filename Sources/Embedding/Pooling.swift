import MartletCheckpoints
import MartletTensors

extension SentenceEmbeddingConfiguration.Pooling {
  /// One row a sequence (sentence-transformers, `models/Pooling.py`).
  func pool(_ hidden: Tensor, _ sequences: [Range<Int>]) -> Tensor {
    switch self {
    case .mean: return hidden.meanOfRows(in: sequences)
    case .firstToken: return hidden.gatherRows(sequences.map(\.lowerBound))
    case .lastToken: return hidden.gatherRows(sequences.map { $0.upperBound - 1 })
    case .maximum: return hidden.maximumOfRows(in: sequences)
    case .meanOfSquareRoot:
      return hidden.meanOfRows(in: sequences).scaledRows(by: sequences.map { Float($0.count).squareRoot() })
    case .weightedMean: return hidden.positionWeightedMeanOfRows(in: sequences)
    }
  }
}

/// Why a model cannot embed.
public enum EmbeddingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The model of this name continues texts and makes no vectors of them.
  case generatingModel(name: String)
  /// A dense layer's file has not what its configuration says.
  case damagedDenseLayer(file: String, problem: String)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .generatingModel(let name):
      "\(name) is a generating model; embedding needs an embedding model, such as all-minilm-l6-v2."
    case .damagedDenseLayer(let file, let problem):
      "\(file) does not fit its configuration: \(problem). Fetch the model again."
    }
  }
}

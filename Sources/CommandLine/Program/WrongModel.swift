import MartletEmbedding
import MartletGeneration
import MartletInspection

/// A model that the command cannot use, since it was made for something else: told in the command's words.
struct WrongModel: Error, CustomStringConvertible, Sendable, Equatable {
  let description: String

  /// The error of a library that says so; nil for other errors.
  init?(_ error: any Error, command: String) {
    switch error {
    case EmbeddingError.generatingModel(let name):
      description = """
        \(name) is a generating model; \(command) needs an embedding model, such as \
        \(ModelParameters.defaultEmbedder).
        """
    case GenerationError.embeddingModel(let name), InspectionError.noNextToken(let name):
      description = """
        \(name) is an embedding model; \(command) needs a generating model, such as \
        \(ModelParameters.defaultAnswerer).
        """
    default: return nil
    }
  }
}

import MartletCheckpoints
import MartletTransformers

/// Whether this version has commands for a model. The catalogue also names models that can only be pulled.
enum ModelSupport {
  /// Why no command runs a model of this architecture, made for this purpose; nil where one does.
  static func obstacle(architecture: String, purpose: String?) -> String? {
    switch purpose {
    case "generation": PretrainedModels.decoders.contains(architecture) ? nil : text(architecture)
    case "embedding", "masked-language-model", "reranking":
      PretrainedModels.encoders.contains(architecture) ? nil : text(architecture)
    case nil:
      (PretrainedModels.decoders + PretrainedModels.encoders).contains(architecture)
        ? nil : text(architecture)
    case let purpose?: "no command for \(purpose) yet"
    }
  }

  /// Why no command runs the model whose files these are; nil where one does.
  static func obstacle(_ checkpoint: Checkpoint, purpose: String?) -> String? {
    if let obstacle = obstacle(architecture: checkpoint.architecture, purpose: purpose) { return obstacle }
    do throws(ModelError) {
      _ = try PretrainedModels.warnings(checkpoint)
      return nil
    } catch {
      return error.description
    }
  }

  private static func text(_ architecture: String) -> String { "\(architecture) models do not run yet" }
}

extension CatalogueEntry {
  /// Why no command runs the model; nil where one does.
  var obstacle: String? { ModelSupport.obstacle(architecture: architecture, purpose: purpose) }
}

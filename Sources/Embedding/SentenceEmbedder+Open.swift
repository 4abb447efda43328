import Foundation
import MartletCheckpoints
import MartletTensors

extension SentenceEmbedder {
  /// Opens what `-m` names: a model of the catalogue that has been pulled, a GGUF file, or a Hugging Face folder.
  ///
  /// The catalogue's prompts and languages hold where the checkpoint states none; a path becomes absolute, so that the
  /// name finds the same model again from anywhere.
  /// - Throws: `CheckpointError`, `ModelError`, `TokenizerError` or ``EmbeddingError``.
  public static func open(
    named name: String, cache: ModelCache = ModelCache(), precision: Precision = .float32, device: Device
  ) throws -> SentenceEmbedder {
    let location = try ModelLocation(name, cache: cache, catalogue: cache.catalogue())
    let checkpoint = try Checkpoint.open(location.path(in: cache))
    let stated = checkpoint.sentenceEmbedding?.promptsByRole ?? [:]
    switch location {
    case .catalogue(let entry):
      return try SentenceEmbedder(
        checkpoint, name: entry.name, precision: precision,
        prompts: TextRole.prompts(entry.prompts).merging(stated) { _, stated in stated },
        languages: entry.languages.isEmpty ? checkpoint.languages : entry.languages, device: device)
    case .path(let path):
      return try SentenceEmbedder(
        checkpoint, name: URL(filePath: path).standardized.path(percentEncoded: false), precision: precision,
        languages: checkpoint.languages, device: device)
    }
  }
}

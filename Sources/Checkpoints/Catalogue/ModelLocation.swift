/// What `-m` names: a model of the catalogue, a GGUF file, or a Hugging Face folder.
public enum ModelLocation: Sendable, Equatable {
  /// A model of the catalogue.
  case catalogue(CatalogueEntry)
  /// A file or folder.
  case path(String)

  /// Tells names from paths: what has a slash or ends in .gguf is a path, then the catalogue counts, then the cache,
  /// then what lies in the working folder.
  /// - Throws: ``CheckpointError/notFound(_:advice:)`` with the nearest names of the catalogue.
  public init(_ name: String, cache: ModelCache, catalogue: Catalogue) throws(CheckpointError) {
    if name.hasSuffix(".gguf") || (name.contains("/") && catalogue.find(name) == nil) {
      self = .path(name)
    } else if let entry = catalogue.find(name) {
      self = .catalogue(entry)
    } else if !name.isEmpty, !name.hasPrefix("."), FileSystem.isFolder("\(cache.root)/\(name)") {
      self = .path("\(cache.root)/\(name)")
    } else if FileSystem.size(name) != nil || FileSystem.isFolder(name) {
      self = .path(name)
    } else {
      self = .catalogue(try catalogue.entry(named: name))
    }
  }

  /// The model's path on disk.
  /// - Throws: ``CheckpointError/notFound(_:advice:)`` that names `martlet pull` where the model is not there yet.
  public func path(in cache: ModelCache) throws(CheckpointError) -> String {
    switch self {
    case .path(let path): return path
    case .catalogue(let entry):
      guard cache.isInstalled(entry) else {
        throw .notFound(
          "The model \(entry.name) has not been pulled", advice: "Run `martlet pull \(entry.name)` first.")
      }
      return cache.path(of: entry)
    }
  }
}

extension Checkpoint {
  /// Opens what `-m` names: a model of the catalogue that has been pulled, a GGUF file, or a Hugging Face folder.
  public static func open(
    named name: String, cache: ModelCache = ModelCache()
  ) throws(CheckpointError) -> Checkpoint {
    try open(ModelLocation(name, cache: cache, catalogue: cache.catalogue()).path(in: cache))
  }
}

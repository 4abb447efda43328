import JSON
import VectorStore

extension HTTPError {
  /// An error of the layers below, with the name and status that Chroma gives it.
  init(chroma error: any Error) {
    switch error {
    case let error as HTTPError: self = error
    case let error as JSONError: self = .invalid("Failed to parse the request body as JSON: \(error)")
    case let error as FilterError: self = .invalid("Invalid where clause: \(error)")
    case let error as VectorStoreError: self.init(chroma: error)
    default: self = .fault("\(error)")
    }
  }

  private init(chroma error: VectorStoreError) {
    switch error {
    case .wrongDimension(_, let expected, let found):
      self = .invalid("Collection expecting embedding with dimension of \(expected), got \(found)")
    case .unusableVector, .nothingToEmbed, .unusableMetadata, .invalidName, .wrongEmbedder, .noEmbedder,
      .recordExists:
      self = .invalid(error.description)
    case .noSuchCollection(let name, _): self = .notFound("Collection [\(name)] does not exist")
    case .collectionDropped(let name): self = .notFound("Collection [\(name)] does not exist")
    case .noSuchNamespace(let name): self = .notFound("Database [\(name)] not found")
    case .collectionExists(let name): self.init(status: 409, message: "Collection [\(name)] already exists")
    case .namespaceExists(let name): self.init(status: 409, message: "[\(name)] already exists")
    case .timeLimit:
      // Sent again as it is, the request would come to the same end.
      self = .misshapen("\(error) (--max-seconds allows for no more.)")
    case .outOfMemory, .busyWriter: self.init(status: 503, message: error.description)
    default: self = .fault(error.description)
    }
  }
}

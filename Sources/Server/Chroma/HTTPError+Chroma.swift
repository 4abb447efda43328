import MartletJSON
import MartletVectorStore

extension HTTPError {
  /// An error of the layers below, with the name and status that Chroma gives it.
  init(chroma error: any Error) {
    switch error {
    case let error as HTTPError: self = error
    case let error as JSONError: self = .invalid("Failed to parse the request body as JSON: \(error)")
    case let error as FilterError: self = .invalid("Invalid where clause: \(error)")
    case let error as VectorStoreError: self.init(chroma: error)
    default: self = .fault("The server failed.", detail: "\(error)")
    }
  }

  private init(chroma error: VectorStoreError) {
    switch error {
    case .wrongDimension(_, let expected, let found):
      self = .invalid("Collection expecting embedding with dimension of \(expected), got \(found)")
    case .unusableVector, .nothingToEmbed, .unusableMetadata, .invalidName, .wrongEmbedder, .noEmbedder,
      .recordExists, .wrongDistance, .impossibleDimension, .sourcesNameTaken:
      self = .invalid(error.description)
    case .noSuchCollection(let name, _), .collectionDropped(let name):
      self = .notFound("Collection [\(name)] does not exist")
    case .noSuchNamespace(let name): self = .notFound("Database [\(name)] not found")
    case .collectionExists(let name): self.init(status: 409, message: "Collection [\(name)] already exists")
    case .namespaceExists(let name): self.init(status: 409, message: "[\(name)] already exists")
    case .timeLimit:
      // Sent again as it is, the request would come to the same end.
      self = .misshapen("\(error) (--max-seconds allows for no more.)")
    case .tooManyRecords: self.init(status: 422, message: error.description)
    case .outOfMemory: self.init(status: 503, message: error.description)
    // The others name files of this machine, or quote SQL: only the log does.
    case .busyWriter:
      self.init(
        status: 503, message: "Another process is writing to the database. Try again later.",
        headers: ["Retry-After": "5"], detail: error.description)
    case .diskFull:
      self.init(
        status: 507, message: "The server's disk is full. Nothing of this request was kept.",
        detail: error.description)
    case .noPermission, .readOnly:
      self = .fault("The server may not use its database's files.", detail: error.description)
    case .damagedRecord, .damaged, .lostTransactions, .notADatabase:
      self = .fault("The server's database is damaged.", detail: error.description)
    case .missing, .newerFormat, .system, .backupExists, .backupFolderNotEmpty, .backupInsideStore, .replaced,
      .noKernels,
      .wrongEmbeddingCount:
      self = .fault("The server's database failed.", detail: error.description)
    }
  }
}

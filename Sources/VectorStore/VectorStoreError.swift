#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What went wrong in the vector store, in words for the person who asked.
public enum VectorStoreError: Error, Sendable, Equatable, CustomStringConvertible {
  /// There is no database in the folder.
  case missing(path: String)
  /// Another process, or another part of this one, has the database open for writing.
  case busyWriter(path: String)
  /// The database was opened for reading only.
  case readOnly
  /// The system does not let this user read or write a file or folder of the database.
  case noPermission(path: String)
  /// The file was written by a newer Martlet: its format version, and the newest that this one reads.
  case newerFormat(path: String, found: Int, supported: Int)
  /// The file is no database of Martlet's.
  case notADatabase(path: String, detail: String)
  /// SQLite found its file damaged.
  case damaged(path: String, detail: String)
  /// Transactions that were kept are not there any more: the write-ahead log was damaged or deleted.
  case lostTransactions(path: String, kept: Int, found: Int, mark: String)
  /// The files of the database were deleted, or replaced by others, while it was open for writing.
  case replaced(path: String)
  /// A record's bytes are not those that were written.
  case damagedRecord(collection: String, id: String, part: String)
  /// The disk, or the quota on it, is full. Nothing of the transaction was kept.
  case diskFull(path: String)
  /// Another refusal of the system or of SQLite, in its own words.
  case system(path: String, detail: String)
  /// There is no collection of that name.
  case noSuchCollection(name: String, existing: [String])
  /// The collection was dropped after it was opened.
  case collectionDropped(name: String)
  /// There is no tenant, or no database of a tenant, of that name.
  case noSuchNamespace(String)
  /// There is a tenant, or a database of a tenant, of that name already.
  case namespaceExists(String)
  /// There is a collection of that name already.
  case collectionExists(name: String)
  /// The collection that the sources of documents would be kept in is somebody's own.
  case sourcesNameTaken(collection: String, name: String)
  /// A collection's name must have 1 to 512 characters, none of them a control character.
  case invalidName(String)
  /// A vector does not have as many numbers as the collection's.
  case wrongDimension(collection: String, expected: Int, found: Int)
  /// The collection compares its vectors in another way.
  case wrongDistance(collection: String, expected: Distance, found: Distance)
  /// Vectors have at least one number, and so many at most that SQLite can hold them.
  case impossibleDimension(Int)
  /// The collection was made with another embedder, whose vectors mean something else.
  case wrongEmbedder(collection: String, expected: String, found: String)
  /// An embedding function gave another number of vectors than it was given texts.
  case wrongEmbeddingCount(embedder: String, expected: Int, found: Int)
  /// The collection's vectors were not made by an embedder of Martlet's, so that texts cannot be compared with them.
  case noEmbedder(collection: String)
  /// A vector holds a number that is infinite or none, or is all zeros where the store needs a direction for the distance.
  case unusableVector(id: String, reason: String)
  /// A record has neither a vector nor a text that one could be made of.
  case nothingToEmbed(id: String)
  /// A record's metadata cannot be kept.
  case unusableMetadata(id: String, key: String, reason: String)
  /// There is a database already where a backup was to be written.
  case backupExists(path: String)
  /// There are other files where a backup was to be written.
  case backupFolderNotEmpty(path: String)
  /// A backup's folder is in the store's own.
  case backupInsideStore(path: String)
  /// The deadline of a search has passed.
  case timeLimit(seconds: Double)
  /// The system has no more memory.
  case outOfMemory(bytes: Int)
  /// A collection holds as many records as an index can number.
  case tooManyRecords(collection: String)
  /// `add` found the id in the collection already; `upsert` replaces.
  case recordExists(id: String)
  /// MARTLET_SIMD names kernels that this processor does not run.
  case noKernels

  /// What was wrong, where, and what to do next.
  public var description: String {
    switch self {
    case .missing(let path):
      "There is no store in \(path). Make one with `martlet index PATH…` or `martlet db create NAME`, or name another with "
        + "--store."
    case .busyWriter(let path):
      "Another process has the store \(path) open for writing. Wait until it ends. If it is martlet serve, write through "
        + "it: --store http://127.0.0.1:8000"
    case .readOnly: "The database was opened for reading only."
    case .noPermission(let path):
      "\(path): permission denied. Have its owner let you use it, or name another folder with --store."
    case .newerFormat(let path, let found, let supported):
      "The database in \(path) has format \(found); this version of Martlet reads up to \(supported). "
        + "Use a newer Martlet, or another --store."
    case .notADatabase(let path, let detail):
      "\(path) is not a database of Martlet's (\(detail)). Name another folder with --store."
    case .damaged(let path, let detail):
      "The database \(path) is damaged: \(detail). Restore it from a backup, or delete it and index again."
    case .lostTransactions(let path, let kept, let found, let mark):
      "The database in \(path) has lost transactions \(found + 1) to \(kept), which were kept: its write-ahead log was "
        + "damaged or deleted. Restore it from a backup; to go on with what is left, delete \(mark)."
    case .replaced(let path):
      "The database in \(path) was deleted or replaced while it was being written, so the new data is lost. Check what "
        + "is in that folder now, then run the command again."
    case .damagedRecord(let collection, let id, let part):
      "The \(part) of record \(id) in collection \(collection) is damaged: its checksum does not match. "
        + "Restore the database from a backup, or delete it and index again."
    case .diskFull(let path):
      "The disk that holds \(path) is full. Nothing was lost; make room and run the command again."
    case .system(let path, let detail): "\(path): \(detail)"
    case .noSuchCollection(let name, let existing):
      existing.isEmpty
        ? "There is no collection named \(name), nor any other. Make one with `martlet index PATH…`."
        : "There is no collection named \(name). There are: \(existing.joined(separator: ", "))."
    case .collectionDropped(let name): "The collection \(name) was dropped in the meantime."
    case .noSuchNamespace(let name): "There is no tenant or database named \(name)."
    case .namespaceExists(let name): "There is a tenant or database named \(name) already."
    case .collectionExists(let name): "There is a collection named \(name) already."
    case .sourcesNameTaken(let collection, let name):
      """
      The file list of collection \(collection) belongs in a collection named \(name), but that name is taken by one with \
      other contents. Choose another collection for the documents.
      """
    case .invalidName(let name):
      "\"\(name)\" cannot name a collection: names have 1 to 512 characters and no control characters."
    case .wrongDimension(let collection, let expected, let found):
      "Collection \(collection) holds vectors of \(expected) numbers; this one has \(found)."
    case .wrongDistance(let collection, let expected, let found):
      "Collection \(collection) uses the distance \(expected.rawValue), which cannot be changed; \(found.rawValue) was "
        + "requested."
    case .impossibleDimension(let found):
      "Vectors of \(found) numbers cannot be kept; they have from 1 to "
        + "\(CollectionInfo.possibleDimensions.upperBound) numbers."
    case .wrongEmbedder(let collection, let expected, let found):
      "Collection \(collection) was embedded with \(expected), and vectors of \(found) cannot be compared with "
        + "those. Use that embedder, or index into another --collection."
    case .wrongEmbeddingCount(let embedder, let expected, let found):
      "The embedder \(embedder) gave \(found) vectors for \(expected) texts."
    case .noEmbedder(let collection):
      "Collection \(collection) was filled with vectors from elsewhere: no embedder is known for it, so texts cannot be "
        + "compared with them. Query it with vectors (`martlet db query --embedding`)."
    case .unusableVector(let id, let reason): "The vector of record \(id) \(reason)."
    case .nothingToEmbed(let id): "Record \(id) has neither a vector nor a document to embed."
    case .unusableMetadata(let id, let key, let reason): "The metadata \"\(key)\" of record \(id) \(reason)."
    case .backupExists(let path): "\(path) is there already. Name a new folder for the backup."
    case .backupFolderNotEmpty(let path):
      "The folder \(path) is not empty. Name a new folder for the backup, such as \(path)/martlet."
    case .backupInsideStore(let path):
      "The folder \(path) is inside the store, and would be lost with it. Name a folder elsewhere for the backup."
    case .timeLimit(let seconds):
      "The search was given up after \(seconds.formatted) seconds. Ask for less: fewer conditions on texts, a filter on "
        + "metadata beside them, fewer vectors or records at a time."
    case .outOfMemory(let bytes): "The system has no memory for another \(bytes) bytes."
    case .tooManyRecords(let collection):
      "Collection \(collection) is full: an index numbers 2,147,483,648 records."
    case .recordExists(let id): "There is a record \(id) already."
    case .noKernels: "MARTLET_SIMD names kernels that this processor does not run; unset it."
    }
  }
}

extension Double {
  /// Without a fraction where there is none.
  fileprivate var formatted: String { Int(exactly: self).map { "\($0)" } ?? "\(self)" }
}

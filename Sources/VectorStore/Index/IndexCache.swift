import MartletSQLite

/// The indexes of a database's collections, each made when it is first needed, and brought to the state that is read.
final class IndexCache: Sendable {
  let folder: String
  let mode: Database.Mode
  private let known = Locked<[Int64: Entry]>([:])
  /// Who makes an index holds this, so that it is made once.
  private let making = Locked(())
  private let messages = Locked<[String]>([])
  /// Collections whose snapshot turned out to be damaged after it was opened.
  private let distrusted = Locked<Set<Int64>>([])
  /// Collections of some of whose vectors remainders keep too little.
  private let wantsFloats = Locked<Set<Int64>>([])

  /// An index, and which vectors on disk belong to it.
  struct Entry {
    let index: CollectionIndex
    var generation: UInt64
  }

  init(folder: String, mode: Database.Mode) {
    self.folder = folder
    self.mode = mode
  }

  /// What went wrong with the caches on disk and was put right, since the last call.
  func takeWarnings() -> [String] {
    messages.withLock { messages in
      defer { messages = [] }
      return messages
    }
  }

  func files(of info: CollectionInfo) -> IndexFiles { IndexFiles(folder: folder, number: info.number) }

  // MARK: Reading

  /// Runs `search` on the collection's index and then `read` on the database, both in one and the same state.
  ///
  /// - Parameters:
  ///   - needsMetadata: Whether the search looks at `CollectionIndex.metadata`.
  ///   - search: Gets nil where the collection has no vector yet. Called with the index's lock held for reading.
  func read<Found, Result>(
    _ collection: CollectionInfo, _ readers: ReaderPool<VectorStoreError>, needsMetadata: Bool = false,
    search: (CollectionIndex?, StoreConnection) throws -> Found,
    then read: (Found, StoreConnection, CollectionInfo) throws -> Result
  ) throws -> Result {
    var failures = 0
    while true {
      do {
        if let result = try attempt(collection, readers, needsMetadata, search, read) { return result }
      } catch is DamagedIndex {
        failures += 1
        guard failures < 3 else {
          throw VectorStoreError.damaged(
            path: files(of: collection).snapshot, detail: "it cannot be rebuilt")
        }
        warn(
          "The index of collection \(collection.configuration.name) on disk was damaged; it is being rebuilt."
        )
        distrusted.withLock { _ = $0.insert(collection.number) }
        forget(collection, removingFiles: true)
      }
    }
  }

  /// Runs `search` without a look at the database, where the index is known to show the transaction `sequence`; nil
  /// otherwise.
  func search<Found>(
    _ collection: CollectionInfo, asOf sequence: Int, _ body: (CollectionIndex) throws -> Found
  ) throws -> Found? {
    guard let index = entry(of: collection)?.index else { return nil }
    return try index.lock.reading { index.state?.sequence == sequence ? try body(index) : nil }
  }

  /// Nil where another reader brought the index to a later state meanwhile.
  private func attempt<Found, Result>(
    _ collection: CollectionInfo, _ readers: ReaderPool<VectorStoreError>, _ needsMetadata: Bool,
    _ search: (CollectionIndex?, StoreConnection) throws -> Found,
    _ read: (Found, StoreConnection, CollectionInfo) throws -> Result
  ) throws -> Result? {
    try readers.read { connection in
      let sequence = try connection.integer("SELECT value FROM meta WHERE key = 'sequence'") ?? 0
      if let (found, info) = try searchKnown(collection, asOf: sequence, needsMetadata, connection, search) {
        return try read(found, connection, info)
      }
      guard let info = try CollectionInfo.numbered(collection.number, connection) else {
        throw VectorStoreError.collectionDropped(name: collection.configuration.name)
      }
      guard let dimension = info.configuration.dimension else {
        return try read(try search(nil, connection), connection, info)
      }
      let target = CollectionIndex.State(sequence: sequence, epoch: info.epoch)
      while true {
        let index = try index(of: info, dimension: dimension, asOf: target)
        let found: Found? = try index.lock.reading {
          guard index.state == target, !needsMetadata || index.metadata != nil else { return nil }
          return try search(index, connection)
        }
        if let found { return try read(found, connection, info) }
        guard try update(index, connection, info, to: target, needsMetadata) else { return nil }
      }
    }
  }

  /// What most searches come to: the index shows the state that is read already, and knows its collection.
  private func searchKnown<Found>(
    _ collection: CollectionInfo, asOf sequence: Int, _ needsMetadata: Bool, _ connection: StoreConnection,
    _ search: (CollectionIndex?, StoreConnection) throws -> Found
  ) throws -> (Found, CollectionInfo)? {
    guard let index = entry(of: collection)?.index else { return nil }
    return try index.lock.reading {
      guard index.state?.sequence == sequence, !needsMetadata || index.metadata != nil else { return nil }
      return (try search(index, connection), index.info)
    }
  }

  /// False where the index is ahead of what the connection reads.
  private func update(
    _ index: CollectionIndex, _ connection: StoreConnection, _ info: CollectionInfo,
    to target: CollectionIndex.State,
    _ needsMetadata: Bool
  ) throws -> Bool {
    try index.lock.writing {
      if let state = index.state, state.sequence > target.sequence { return false }
      if index.state != target, try !index.refresh(connection, info, to: target) {
        if index.rowsLose { noteWantsFloats(info) }
        forget(info, removingFiles: false)
        return true
      }
      if needsMetadata { try index.loadMetadata(connection, info) }
      return true
    }
  }

  // MARK: Making

  private func index(
    of info: CollectionInfo, dimension: Int, asOf target: CollectionIndex.State
  ) throws -> CollectionIndex {
    if let entry = known.withLock({ $0[info.number] }) { return entry.index }
    return try making.withLock { _ in
      if let entry = known.withLock({ $0[info.number] }) { return entry.index }
      let made = try open(info, dimension: dimension, asOf: target)
      known.withLock { $0[info.number] = made }
      return made.index
    }
  }

  private func open(
    _ info: CollectionInfo, dimension: Int, asOf target: CollectionIndex.State
  ) throws(VectorStoreError) -> Entry {
    let files = files(of: info)
    if distrusted.withLock({ $0.contains(info.number) }) { return try fresh(info, dimension: dimension) }
    switch try IndexSnapshot.read(files, info, dimension: dimension, forWriting: mode == .readWrite) {
    case .index(let index, let generation):
      // One from which the changes cannot be followed is as good as none.
      let isOfUse = index.vectors.form == .floats || !wantsFloats(info)
      if isOfUse, let state = index.state, state.epoch == target.epoch, state.sequence <= target.sequence {
        return Entry(index: index, generation: generation)
      }
    case .damaged(let reason):
      warn(
        "The snapshot of collection \(info.configuration.name)'s index cannot be used: \(reason). It is being rebuilt "
          + "from the records.")
    case .none: break
    }
    return try fresh(info, dimension: dimension)
  }

  /// An index without a record.
  func fresh(_ info: CollectionInfo, dimension: Int) throws(VectorStoreError) -> Entry {
    let vectors = try VectorFile(dimension: dimension)
    return Entry(
      index: try CollectionIndex(info: info, dimension: dimension, vectors: vectors), generation: 0)
  }

  /// Whether the vectors of a collection are known to need whole floats.
  func wantsFloats(_ info: CollectionInfo) -> Bool { wantsFloats.withLock { $0.contains(info.number) } }

  /// A vector came of which remainders keep too little.
  func noteWantsFloats(_ info: CollectionInfo) { wantsFloats.withLock { _ = $0.insert(info.number) } }

  func entry(of info: CollectionInfo) -> Entry? { known.withLock { $0[info.number] } }

  /// Puts an index in the place of another; those who use the other one end with it.
  func replace(_ info: CollectionInfo, with entry: Entry) { known.withLock { $0[info.number] = entry } }

  func setGeneration(_ generation: UInt64, of info: CollectionInfo) {
    known.withLock { $0[info.number]?.generation = generation }
  }

  /// All collections that have an index in memory.
  var numbers: [Int64] { known.withLock { Array($0.keys) } }

  /// A snapshot was written that is as good as the index.
  func trust(_ info: CollectionInfo) { distrusted.withLock { _ = $0.remove(info.number) } }

  private func forget(_ info: CollectionInfo, removingFiles: Bool) {
    known.withLock { $0[info.number] = nil }
    if removingFiles, mode == .readWrite { files(of: info).remove(keeping: nil) }
  }

  /// The collection is gone, and so is what was made of it.
  func drop(_ info: CollectionInfo) { forget(info, removingFiles: true) }

  func warn(_ message: String) {
    messages.withLock { messages in if !messages.contains(message) { messages.append(message) } }
  }
}

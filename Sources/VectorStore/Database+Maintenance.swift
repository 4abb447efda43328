import FoundationEssentials

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What a database takes on disk, and what of it is in use.
public struct DatabaseStatistics: Sendable, Equatable {
  /// Bytes of SQLite's file.
  public var fileBytes: Int
  /// Of these, bytes in pages that nothing is in.
  public var freeBytes: Int
  /// Bytes of the write-ahead log.
  public var logBytes: Int
  /// The collections in the order of their names.
  public var collections: [CollectionStatistics]

  /// Bytes in files that nothing is in any more: free pages, and slots of records that are gone.
  public var deadBytes: Int { freeBytes + collections.reduce(0) { $0 + $1.deadIndexBytes } }
  /// All bytes on disk.
  public var totalBytes: Int { fileBytes + logBytes + collections.reduce(0) { $0 + $1.indexBytes } }
}

/// What a collection holds, and what its index takes.
public struct CollectionStatistics: Sendable, Equatable {
  /// Its name.
  public var name: String
  /// Where its name is unique.
  public var namespace: Namespace
  /// How many records there are.
  public var recordCount: Int
  /// The numbers of each vector; nil where none is known yet.
  public var dimension: Int?
  /// Bytes of the index's files: the graph's snapshot, and the vectors for exact distances.
  public var indexBytes: Int
  /// Of these, about so many belong to records that are gone.
  public var deadIndexBytes: Int
  /// Bytes of memory that searches take once the index is in memory: codes, links and keys. What filters ask of the
  /// metadata comes on top; the vectors for exact distances are mapped from their file, and no memory of the process.
  public var memoryBytes: Int
  /// Places in the index, or in its snapshot where it is not in memory, those of records that are gone among them.
  public var slotCount: Int
  /// Of these, how many the graph holds; searches compare with the others one by one.
  public var linkedCount: Int
}

extension Database {
  /// What the database takes on disk.
  public func statistics() throws -> DatabaseStatistics {
    try readers.read { connection in
      func pragma(_ name: String) throws(VectorStoreError) -> Int {
        try connection.integer("PRAGMA \(name)") ?? 0
      }
      let pageSize = try pragma("page_size")
      return DatabaseStatistics(
        fileBytes: try pragma("page_count") * pageSize, freeBytes: try pragma("freelist_count") * pageSize,
        logBytes: sizeOfFile(connection.path + "-wal"),
        collections: try CollectionInfo.all(connection).map { try statistics(of: $0, connection) })
    }
  }

  private func statistics(of info: CollectionInfo, _ connection: StoreConnection) throws
    -> CollectionStatistics
  {
    let records = try connection.integer("SELECT count(*) FROM records_\(info.number)") ?? 0
    let files = indexes.files(of: info)
    let bytes = files.names.reduce(0) { $0 + sizeOfFile(path + "/" + $1) }
    let index = indexes.entry(of: info)?.index
    let (slots, alive, linked) =
      index.map { index in index.lock.reading { (index.count, index.aliveCount, index.graph.linked) } }
      ?? IndexSnapshot.counts(files).map { ($0.slots, min(records, $0.slots), $0.linked) } ?? (0, 0, 0)
    let memory = info.configuration.dimension.map {
      CollectionIndex.memory(dimension: $0, distance: info.configuration.distance, slots: max(slots, records))
    }
    return CollectionStatistics(
      name: info.configuration.name, namespace: info.configuration.namespace, recordCount: records,
      dimension: info.configuration.dimension, indexBytes: bytes,
      deadIndexBytes: slots > 0 ? bytes / slots * (slots - alive) : 0, memoryBytes: memory ?? 0,
      slotCount: slots,
      linkedCount: linked)
  }

  /// Gives the space of what is gone back to the disk: SQLite's file is written anew without its free pages, and so are
  /// the indexes that have empty slots. Needs as much free space as the database takes.
  public func compact() throws {
    try withWriter { connection in
      for info in try CollectionInfo.all(connection) {
        // The full-text index keeps what it knew of deleted texts until its parts are merged.
        try connection.execute("INSERT INTO words_\(info.number) (words_\(info.number)) VALUES ('optimize')")
      }
      try connection.execute("PRAGMA auto_vacuum = INCREMENTAL; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
    }
    for info in try readers.read({ try CollectionInfo.all($0) }) {
      try upkeep.finish(info.number, renewing: true)
    }
  }

  /// Writes a copy of the database, as it is at one moment, into a folder that is made for it. Others may read and write
  /// meanwhile. The indexes are left out: they are rebuilt when the copy is used.
  ///
  /// - Throws: `VectorStoreError.backupExists` where the folder holds a database already, `backupFolderNotEmpty` where
  ///   it holds anything else.
  public func backup(to folder: String) throws {
    // Inside the store it would go with it.
    let place = URL(filePath: folder).standardized.path + "/"
    guard !place.hasPrefix(URL(filePath: path).standardized.path + "/") else {
      throw VectorStoreError.backupInsideStore(path: folder)
    }
    try makeFolder(folder)
    let target = folder + "/" + Self.fileName
    guard try !fileExists(target) else { throw VectorStoreError.backupExists(path: target) }
    let unfinished = target + ".unfinished"
    // What a killed backup has left.
    unlink(unfinished)
    guard try isEmptyFolder(folder) else { throw VectorStoreError.backupFolderNotEmpty(path: folder) }
    do {
      try readers.withConnection { try $0.run("VACUUM INTO ?", .text(unfinished)) }
      try synchronize(unfinished)
      guard rename(unfinished, target) == 0 else {
        throw VectorStoreError.refusal(path: target, number: errno)
      }
      try synchronize(folder)
    } catch {
      unlink(unfinished)
      throw error
    }
  }

  /// Gives free pages back to the disk where they have become a good part of the file. The transaction before is kept,
  /// whatever comes of it.
  func reclaim(_ connection: StoreConnection) {
    do throws(VectorStoreError) { try giveBackFreePages(connection) } catch {
      indexes.warn("Free space could not be given back to the disk: \(error)")
    }
  }

  private func giveBackFreePages(_ connection: StoreConnection) throws(VectorStoreError) {
    let free = try connection.integer("PRAGMA freelist_count") ?? 0
    let pages = try connection.integer("PRAGMA page_count") ?? 0
    let pageSize = try connection.integer("PRAGMA page_size") ?? 0
    guard free * pageSize > Self.keptFreeBytes, free > pages / 4 else { return }
    // Each call of the statement moves one page; the rows that it gives are empty.
    try connection.execute("PRAGMA incremental_vacuum")
    emptyLog(connection)
  }
}

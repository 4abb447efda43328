import MartletKernels
import MartletSQLite
import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Keeps the indexes of large collections in good shape while their database is open for writing: a thread of its own
/// takes in what was written, links it into the graph, makes an index anew when too many of its slots are empty, and
/// writes snapshots.
///
/// Nothing waits for it. What the graph does not hold yet, searches compare one by one.
final class IndexUpkeep: Sendable {
  private let indexes: IndexCache
  private let readers: ReaderPool<VectorStoreError>
  private let shared = Locked(Shared())
  private let wake = Signal()
  private let work = Locked(())
  private let stopping = Atomic<Bool>(false)

  private struct Shared {
    var thread: SystemThread?
    var changed = Set<Int64>()
  }

  /// Collections with fewer records are compared one by one, and need no graph.
  static let smallest = 8192
  /// A snapshot is written once so many changes came after the last, or a tenth of the records.
  static let unsavedChanges = 8192

  init(indexes: IndexCache, readers: ReaderPool<VectorStoreError>) {
    self.indexes = indexes
    self.readers = readers
  }

  /// Notes that collections were written to.
  func noteChanges(_ numbers: some Sequence<Int64>) {
    guard !stopping.load(ordering: .relaxed) else { return }
    shared.withLock { shared in
      shared.changed.formUnion(numbers)
      if shared.thread == nil { shared.thread = SystemThread { [self] in run() } }
    }
    wake.signal()
  }

  /// Ends the thread, and writes what it would have written.
  func stop() {
    guard !stopping.exchange(true, ordering: .sequentiallyConsistent) else { return }
    wake.signal()
    shared.withLock { shared in
      defer { shared.thread = nil }
      return shared.thread
    }?.join()
    // Somebody may still wait in `finish`. A snapshot that cannot be written makes the next start slower, nothing else.
    work.withLock { _ in
      for number in indexes.numbers { try? save(number, atLeast: 1024) }
    }
  }

  private func run() {
    while !stopping.load(ordering: .relaxed) {
      let changed = shared.withLock { shared in
        defer { shared.changed = [] }
        return shared.changed
      }
      if changed.isEmpty {
        wake.wait()
        continue
      }
      for number in changed where !stopping.load(ordering: .relaxed) {
        do { try keep(number, completely: false) } catch {
          // Whoever reads the collection meets the error itself; the upkeep has nothing to add to it.
          continue
        }
      }
    }
  }

  /// Brings an index to the present state, with all of it in the graph and on disk.
  /// - Parameter renewing: Whether it is made anew if there is any empty slot in it.
  func finish(_ number: Int64, renewing: Bool = false) throws {
    try keep(number, completely: true, renewing: renewing)
  }

  private func keep(_ number: Int64, completely: Bool, renewing: Bool = false) throws {
    try work.withLock { _ in
      guard let (info, isLarge) = try size(of: number), let dimension = info.configuration.dimension else {
        return
      }
      guard isLarge else {
        // One that was large has files, which a small one does not need.
        if indexes.mode == .readWrite, !indexes.files(of: info).names.isEmpty { indexes.drop(info) }
        return
      }
      // Dropped meanwhile: what was written since has no owner.
      defer { dropIfGone(info) }
      while !shouldStop() {
        let index = try current(info)
        try spool(index, info, dimension: dimension)
        if isWorn(index, any: renewing) {
          try renew(info, dimension: dimension)
          continue
        }
        let isDone = index.lock.reading { index.graph.linked == index.count && index.graph.isSettled }
        if isDone { break }
        try GraphBuilder(index, shouldStop: shouldStop).run()
      }
      try save(number, atLeast: completely ? 1 : nil)
      readers.releasePages()
    }
  }

  /// Forgets the index of a collection that was dropped while it was worked on, and removes its files.
  private func dropIfGone(_ info: CollectionInfo) {
    let isGone = (try? readers.read { try CollectionInfo.numbered(info.number, $0) == nil }) ?? false
    if isGone { indexes.drop(info) }
  }

  @Sendable private func shouldStop() -> Bool { stopping.load(ordering: .relaxed) }

  /// A collection, and whether it is large; nil where it is gone.
  private func size(of number: Int64) throws -> (info: CollectionInfo, isLarge: Bool)? {
    try readers.read { connection in
      guard let info = try CollectionInfo.numbered(number, connection) else { return nil }
      let sql = "SELECT count(*) FROM (SELECT 1 FROM records_\(number) LIMIT \(Self.smallest))"
      return (info, try connection.integer(sql) ?? 0 >= Self.smallest)
    }
  }

  private func current(_ info: CollectionInfo) throws -> CollectionIndex {
    try indexes.read(info, readers) { index, _ in
      guard let index else { throw VectorStoreError.collectionDropped(name: info.configuration.name) }
      return index
    } then: { index, _, _ in
      index
    }
  }

  /// Moves vectors that are still in memory into a file.
  private func spool(_ index: CollectionIndex, _ info: CollectionInfo, dimension: Int) throws {
    guard indexes.mode == .readWrite else { return }
    let generation: UInt64? = try index.lock.writing {
      guard !index.vectors.isFile else { return nil }
      return try moveIntoFile(index, info, as: index.suitableForm, rows: index.vectors.count)
    }
    if let generation { indexes.setGeneration(generation, of: info) }
  }

  /// Has an index keep its vectors in a new file with room for `rows` of them. Under its lock for writing.
  /// - Returns: The generation of the file; nil where the disk has no room for it, which is said.
  private func moveIntoFile(
    _ index: CollectionIndex, _ info: CollectionInfo, as form: RowForm, rows: Int
  ) throws -> UInt64? {
    let files = indexes.files(of: info)
    let generation = UInt64.random(in: 1 ... .max)
    if let file = files.makeVectors(generation, dimension: index.dimension, form: form, rows: rows) {
      if try index.moveRows(into: file, as: form) { return generation }
      files.removeVectors(generation)
    }
    warnOfFullDisk(info)
    return nil
  }

  /// The records are safe, and searches go on; what is missing on the disk is written when there is room.
  private func warnOfFullDisk(_ info: CollectionInfo) {
    indexes.warn(
      "The index of collection \(info.configuration.name) could not be written to \(indexes.folder), whose disk may be "
        + "full. It stays in memory; until it can be written, the next start is slower.")
  }

  // MARK: Renewal

  /// Whether a third of the slots are empty, or any.
  private func isWorn(_ index: CollectionIndex, any: Bool) -> Bool {
    index.lock.reading {
      index.count - index.aliveCount > (any ? 0 : max(Self.smallest / 2, index.count / 3))
    }
  }

  /// Makes the index anew from the records, beside the one that is in use, and puts it in its place.
  private func renew(_ info: CollectionInfo, dimension: Int) throws {
    var entry = try indexes.fresh(info, dimension: dimension)
    let index = entry.index
    if indexes.mode == .readWrite, let worn = indexes.entry(of: info)?.index {
      let (form, rows) = worn.lock.reading { (worn.suitableForm, worn.aliveCount) }
      let generation = try index.lock.writing {
        try moveIntoFile(index, info, as: indexes.wantsFloats(info) ? .floats : form, rows: rows)
      }
      if let generation { entry.generation = generation }
    }
    let isFollowing = try readers.read { connection in
      guard let info = try CollectionInfo.numbered(info.number, connection) else { return true }
      let sequence = try connection.integer("SELECT value FROM meta WHERE key = 'sequence'") ?? 0
      return try index.lock.writing {
        try index.refresh(connection, info, to: CollectionIndex.State(sequence: sequence, epoch: info.epoch))
      }
    }
    guard isFollowing else {
      // A vector came meanwhile that wants another form of rows. Whoever reads the index in use meets it as well.
      indexes.noteWantsFloats(info)
      return indexes.files(of: info).removeVectors(entry.generation)
    }
    try GraphBuilder(index, shouldStop: shouldStop).run()
    index.lock.writing { index.unsaved = index.count }
    indexes.replace(info, with: entry)
  }

  // MARK: Snapshots

  /// Writes a snapshot where enough has changed since the last.
  private func save(_ number: Int64, atLeast least: Int?) throws {
    guard indexes.mode == .readWrite,
      let info = try readers.read({ try CollectionInfo.numbered(number, $0) }),
      let entry = indexes.entry(of: info), entry.generation != 0
    else { return }
    let index = entry.index
    let files = indexes.files(of: info)
    let temporary = files.snapshot + ".new"
    let (isDue, written): (Bool, (descriptor: Int32, unsaved: Int)?) = index.lock.reading {
      let enough = least ?? max(Self.unsavedChanges, index.count / 10)
      guard index.unsaved >= enough, let state = index.state, index.vectors.isFile,
        index.vectors.rowsInFile == index.count
      else { return (false, nil) }
      // The rows have to be on disk before a snapshot says that they are.
      guard fsync(index.vectors.descriptor) == 0 else { return (true, nil) }
      let descriptor = IndexSnapshot.write(
        index, state, id: info.id, generation: entry.generation, to: temporary)
      return (true, descriptor.map { ($0, index.unsaved) })
    }
    guard isDue else { return }
    if let written, IndexSnapshot.publish(written.descriptor, from: temporary, as: files.snapshot) {
      index.lock.writing { index.unsaved -= written.unsaved }
      files.remove(keeping: entry.generation)
      indexes.trust(info)
      dropIfGone(info)
    } else {
      warnOfFullDisk(info)
    }
  }
}

import MartletKernels
import MartletSQLite

/// What a collection's records look like to a search: a cache in memory of what SQLite holds.
///
/// Each record has a slot; slots are given in order and never again. Its vector lies there in 8 bits, with the links of
/// the graph, and in full precision in a `VectorFile`. A record that was changed gets a new slot, one that was deleted
/// leaves an empty one behind; when too many are empty, the index is made anew (see `IndexUpkeep`).
///
/// Who holds `lock` for reading may search and link; who holds it for writing may bring the index up to date.
final class CollectionIndex: @unchecked Sendable {
  /// The state of the database that an index shows.
  struct State: Equatable, Sendable {
    /// The last transaction that was taken in.
    var sequence: Int
    /// See `CollectionInfo.epoch`.
    var epoch: Int
  }

  /// The kernels use one bit of a slot's number for themselves (`MARTLET_MOST_NODES`).
  static let mostSlots = 1 << 31

  let lock = ReadersWriterLock()
  /// The collection as it was in the state that the index shows.
  private(set) var info: CollectionInfo
  let dimension: Int
  let distance: Distance
  let graph: NeighborGraph
  private(set) var vectors: VectorFile
  private(set) var keys = Column<Int64>()
  private(set) var slots = SlotTable<Int64>()
  /// Slots by the vectors that they hold.
  private var lookup = VectorLookup()
  /// The checksum of a row whose vector's code leaves nothing, as of whole numbers below 128.
  private let checksumOfNothing: UInt64
  /// Slots that hold a record.
  private(set) var alive = SlotSet(count: 0)
  private(set) var aliveCount = 0
  /// Nil while there is none, or while a refresh that was begun has not ended.
  private(set) var state: State?
  /// The values of the metadata; nil until a filter asks for them.
  private(set) var metadata: MetadataIndex?
  let walks = Locked<[Walk]>([])
  /// Changes since the last snapshot.
  var unsaved = 0

  /// Slots that the index has, whether they hold a record or not.
  var count: Int { graph.count }

  /// Bytes that an index of so many slots keeps in memory, without the metadata that filters ask for and the vectors,
  /// which are mapped.
  static func memory(dimension: Int, distance: Distance, slots: Int) -> Int {
    let slot = NeighborGraph.slotBytes(dimension: dimension, distance: distance) + MemoryLayout<Int64>.stride
    return slots * slot + 2 * ((slots + 7) / 8) + SlotTable<Int64>.bytes(for: slots)
      + VectorLookup.bytes(for: slots)
  }

  init(info: CollectionInfo, dimension: Int, vectors: VectorFile) throws(VectorStoreError) {
    self.info = info
    self.dimension = dimension
    distance = info.configuration.distance
    graph = try NeighborGraph(dimension: dimension, distance: distance)
    self.vectors = vectors
    checksumOfNothing = Self.checksumOfNothing(dimension)
  }

  /// As a snapshot has it.
  init(
    info: CollectionInfo, graph: NeighborGraph, vectors: VectorFile, keys: Column<Int64>, alive: SlotSet,
    state: State
  ) throws(VectorStoreError) {
    self.info = info
    dimension = graph.dimension
    distance = info.configuration.distance
    self.graph = graph
    self.vectors = vectors
    self.keys = keys
    self.alive = alive
    self.state = state
    aliveCount = alive.population
    slots = SlotTable(expecting: aliveCount)
    checksumOfNothing = Self.checksumOfNothing(dimension)
    alive.forEach { slots.insert(slot: $0, keys) }
    try noteVectors()
  }

  // MARK: Following SQLite

  /// Brings the index to the state of the transaction that `connection` reads in. Under the lock for writing.
  ///
  /// - Returns: False where the changes can no longer be followed, or `rowsLose`: the index has to be made anew.
  func refresh(
    _ connection: StoreConnection, _ info: CollectionInfo, to target: State
  ) throws(VectorStoreError) -> Bool {
    let n = info.number
    let columns = "SELECT key, id, vector_checksum, embedding, metadata FROM records_\(n)"
    // Until all of it has been taken in, the index shows no state at all.
    let known = state
    state = nil
    if let known {
      guard known.epoch == target.epoch, known.sequence <= target.sequence else { return false }
      try connection.forEachRow(
        "SELECT key FROM deletions_\(n) WHERE sequence > ?", [.integer(known.sequence)]
      ) {
        (row: SQLiteRow) throws(VectorStoreError) in remove(key: row.integer(0))
      }
      try load(connection, columns + " WHERE sequence > ? ORDER BY key", [.integer(known.sequence)])
    } else {
      guard count == 0 else { return false }
      try load(connection, columns + " ORDER BY key", [])
    }
    guard !rowsLose else { return false }
    state = target
    self.info = info
    return true
  }

  private func load(
    _ connection: StoreConnection, _ sql: String, _ values: [SQLiteValue]
  ) throws(VectorStoreError) {
    let vector = UnsafeMutablePointer<Float>.allocate(capacity: dimension)
    defer { vector.deallocate() }
    try connection.forEachRow(sql, values) { (row: SQLiteRow) throws(VectorStoreError) in
      let id = row.text(1)
      let isSound = row.withBytes(3) { bytes in
        guard bytes.count == dimension * 4, RecordChecksum.vector(id: id, bytes) == row.integer(2),
          let start = bytes.baseAddress
        else { return false }
        UnsafeMutableRawPointer(vector).copyMemory(from: start, byteCount: bytes.count)
        return true
      }
      guard isSound else { throw .damagedRecord(collection: info.configuration.name, id: id, part: "vector") }
      try append(key: row.integer(0), vector)
      if let metadata { metadata.add(slot: count - 1, metadata: try decode(row.text(4), id: id)) }
    }
  }

  private func decode(_ text: String, id: String) throws(VectorStoreError) -> Metadata {
    guard let metadata = Metadata(encoded: text) else {
      throw .damagedRecord(collection: info.configuration.name, id: id, part: "text or metadata")
    }
    return metadata
  }

  /// Takes in a record's vector, which is brought to the length 1 where the distance asks for that.
  func append(key: Int64, _ vector: UnsafeMutablePointer<Float>) throws(VectorStoreError) {
    if distance == .cosine { normalize(vector) }
    // A negative zero is equal to the other one.
    for place in 0..<dimension { vector[place] += 0 }
    let slot = count
    guard slot < Self.mostSlots else { throw .tooManyRecords(collection: info.configuration.name) }
    remove(key: key)
    try keys.reserve(slot + 1)
    keys[slot] = key
    try vectors.append(vector)
    try graph.append(vector)
    alive.grow(to: slot + 1)
    alive.insert(slot)
    aliveCount += 1
    slots.insert(slot: slot, keys)
    try noteVector(of: slot)
    unsaved += 1
  }

  // MARK: Equal vectors

  private static func checksumOfNothing(_ dimension: Int) -> UInt64 {
    [Int16](repeating: 0, count: dimension).withUnsafeBytes { XXHash64.hash($0) }
  }

  private func noteVectors() throws(VectorStoreError) {
    lookup = VectorLookup()
    for slot in 0..<count where alive.contains(slot) { try noteVector(of: slot) }
  }

  private func noteVector(of slot: Int) throws(VectorStoreError) {
    var hash = vectors.checksum(of: slot)
    if vectors.form == .remainders, hash == checksumOfNothing { hash = graph.codeChecksum(of: slot) }
    try lookup.note(slot: slot, hash: hash) { alive.contains($0) }
  }

  /// Slots whose vector is the query, which has the length 1 where the distance asks for that, and no negative zeros.
  func slots(holding query: [Float]) -> [Int] {
    var hash = vectors.checksum(of: query)
    if vectors.form == .remainders, hash == checksumOfNothing { hash = graph.codeChecksum(of: query) }
    return lookup.slots(ofHash: hash)
  }

  // MARK: Full precision

  /// Whether the form of the rows keeps too little of some vector that is in them. For a cosine it always keeps enough:
  /// there no number is larger than 1, and the 24 bits that a code and its remainder make are as good as a float's.
  var rowsLose: Bool { distance != .cosine && vectors.hasLost }

  /// The form of rows for the vectors that there are.
  var suitableForm: RowForm {
    if distance == .cosine || vectors.form == .remainders { return .remainders }
    if vectors.isFile { return .floats }
    return withUnsafeTemporaryAllocation(of: Int16.self, capacity: dimension) { remainders in
      guard let start = remainders.baseAddress else { return .floats }
      return (0..<count).allSatisfy { vectors.encode(vectors.floats($0), into: start) }
        ? .remainders : .floats
    }
  }

  /// Has the rows go into a file, those in memory too. Under the lock for writing.
  ///
  /// - Returns: False where the file does not take them; then they stay.
  func moveRows(into file: Int32, as form: RowForm) throws(VectorStoreError) -> Bool {
    guard let copy = try vectors.copy(into: file, as: form) else { return false }
    vectors = copy
    try noteVectors()
    return true
  }

  /// Runs `body` with what gives the vector of a slot. It is good until the next one is asked for.
  func withVectors<Result>(
    _ body: ((Int) throws -> UnsafePointer<Float>) throws -> Result
  ) throws -> Result {
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: dimension) { decoded in
      try body { slot in
        guard vectors.isSound(slot) else { throw DamagedIndex() }
        guard vectors.form == .remainders, let start = decoded.baseAddress else {
          return vectors.floats(slot)
        }
        graph.decode(slot, vectors.remainders(slot), into: start)
        return UnsafePointer(start)
      }
    }
  }

  private func remove(key: Int64) {
    guard let slot = slots.remove(key, keys) else { return }
    alive.remove(slot)
    aliveCount -= 1
    unsaved += 1
  }

  func normalize(_ vector: UnsafeMutablePointer<Float>) {
    let kernels = graph.kernels.pointee
    let length = kernels.dot(vector, vector, dimension).squareRoot()
    if length > 0 { kernels.scale(vector, 1 / length, vector, dimension) }
  }

  /// Reads the metadata of all records. Under the lock for writing, in the state that the index shows.
  func loadMetadata(_ connection: StoreConnection, _ info: CollectionInfo) throws(VectorStoreError) {
    guard metadata == nil else { return }
    let all = MetadataIndex()
    var texts = [(slot: Int, text: String, id: String)]()
    try connection.forEachRow("SELECT key, id, metadata FROM records_\(info.number)") {
      (row: SQLiteRow) throws(VectorStoreError) in
      if let slot = slots.slot(of: row.integer(0), keys) { texts.append((slot, row.text(2), row.text(1))) }
    }
    texts.sort { $0.slot < $1.slot }
    for (slot, text, id) in texts { all.add(slot: slot, metadata: try decode(text, id: id)) }
    metadata = all
  }

  /// The slot of a key, where the index has it.
  func slot(of key: Int64) -> Int? { slots.slot(of: key, keys) }

  /// Runs `body` with the working memory of a search.
  func withWalk<Result>(_ body: (Walk) throws -> Result) rethrows -> Result {
    let walk = walks.withLock { $0.popLast() } ?? Walk()
    defer { walks.withLock { if $0.count < 16 { $0.append(walk) } } }
    return try body(walk)
  }
}

import MartletKernels
import MartletSQLite
import Synchronization

/// Vectors in 8 bits and a graph of neighbours over them, which a walk follows to those near a query.
///
/// The kernels' comments say how graph and walks are made. Vectors whose codes are equal share one node: the first one
/// is linked, the others hang on it in a chain.
final class NeighborGraph: @unchecked Sendable {
  // Slots are appended under the index's lock for writing; walks, scans and links go on under that for reading: the
  // kernels write links atomically, and chains have a lock of their own.
  let dimension: Int
  let isEuclidean: Bool
  let stride: Int
  let codes: Column<UInt8>
  let scales: Column<Float>
  let offsets: Column<Float>
  let links: Column<UInt32>
  /// A first look at each code; without a row where codes are short.
  private let sketches: Column<UInt8>
  private(set) var count = 0
  /// Slots before this one are all in the graph, or need not be.
  private(set) var linked = 0
  /// How far walks have to go here; nil until it was measured.
  private(set) var effort: MeasuredEffort?
  /// A bit for each node to which walks may find no way: see `NeighborGraph+Doubts.swift`.
  let doubts: Column<UInt64>
  /// Whether there may be any.
  private(set) var hasDoubts = false
  /// Whether they were looked at since the last node was linked.
  private(set) var isSettled = true
  var entries = [UInt32]()
  private var entryCodes = Column<UInt8>()
  private let twins = Locked(Twins())
  private let locks = Column<UInt32>()
  let kernels: UnsafePointer<martlet_graph_kernels>

  /// Links that a node has room for.
  let degree: Int

  /// More links find more with less effort; beside short codes they would take more memory than these.
  static func degree(dimension: Int) -> Int { dimension > 192 ? 48 : 32 }

  /// The bytes of a code.
  static func stride(dimension: Int) -> Int {
    let alignment = Int(MARTLET_CODE_ALIGNMENT)
    return (dimension + alignment - 1) / alignment * alignment
  }

  /// The bytes of a slot: its code with its scale and sketch, its length where distances need it, and its links.
  static func slotBytes(dimension: Int, distance: Distance) -> Int {
    stride(dimension: dimension) + martlet_sketch_bytes(stride(dimension: dimension))
      + (distance == .l2 ? 2 : 1) * MemoryLayout<Float>.stride
      + degree(dimension: dimension) * MemoryLayout<UInt32>.stride
  }

  private static let lockCount = 1024
  /// How wide the search for a new node's neighbours is.
  static let constructionEffort = 128

  /// Slots with the same code as another one, which is in the graph for them.
  struct Twins {
    /// The next in the chain that begins at a node.
    var next = [UInt32: UInt32]()
    /// The node that a slot hangs on.
    var heads = [UInt32: UInt32]()
  }

  init(dimension: Int, distance: Distance) throws(VectorStoreError) {
    guard let kernels = martlet_graphs_best() else { throw .noKernels }
    self.kernels = kernels
    self.dimension = dimension
    isEuclidean = distance == .l2
    stride = Self.stride(dimension: dimension)
    codes = Column(width: stride)
    scales = Column()
    offsets = Column()
    degree = Self.degree(dimension: dimension)
    links = Column(width: degree)
    doubts = Column()
    sketches = Column(width: martlet_sketch_bytes(stride))
    entryCodes = Column(width: stride / 2)
    try locks.reserve(Self.lockCount)
  }

  // MARK: Slots

  /// Appends a vector; it is not linked yet.
  func append(_ vector: UnsafePointer<Float>) throws(VectorStoreError) {
    try reserve(count + 1)
    scales[count] = kernels.pointee.encode_node(vector, dimension, codes.row(count), stride)
    if isEuclidean { offsets[count] = kernels.pointee.dot(vector, vector, dimension) }
    links.row(count).update(repeating: .max, count: degree)
    sketch(count)
    count += 1
  }

  private var hasSketches: Bool { sketches.width > 0 }

  private func sketch(_ slot: Int) {
    guard hasSketches else { return }
    kernels.pointee.sketch_node(
      codes.row(slot), stride, scales[slot], isEuclidean ? offsets[slot] : 0, sketches.row(slot))
  }

  private func reserve(_ count: Int) throws(VectorStoreError) {
    try codes.reserve(count)
    try scales.reserve(count)
    if isEuclidean { try offsets.reserve(count) }
    try links.reserve(count)
    try doubts.reserve((count + 63) / 64)
    if hasSketches { try sketches.reserve(count) }
  }

  /// Whether a slot has the code of this vector.
  func holds(_ vector: [Float], at slot: Int) -> Bool {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: stride) { code in
      guard let start = code.baseAddress else { return false }
      let scale = kernels.pointee.encode_node(vector, dimension, start, stride)
      return scale == scales[slot]
        && code.elementsEqual(UnsafeBufferPointer(start: codes.row(slot), count: stride))
    }
  }

  /// The checksum of a slot's code.
  func codeChecksum(of slot: Int) -> UInt64 {
    XXHash64.hash(UnsafeRawBufferPointer(start: codes.row(slot), count: stride))
  }

  /// The checksum of the code that this vector comes to.
  func codeChecksum(of vector: [Float]) -> UInt64 {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: stride) { code in
      guard let start = code.baseAddress else { return 0 }
      _ = kernels.pointee.encode_node(vector, dimension, start, stride)
      return XXHash64.hash(UnsafeRawBufferPointer(code))
    }
  }

  /// Puts a slot's vector together from its code and what that leaves.
  func decode(_ slot: Int, _ remainders: UnsafePointer<Int16>, into vector: UnsafeMutablePointer<Float>) {
    kernels.pointee.decode_node(codes.row(slot), stride, scales[slot], remainders, dimension, vector)
  }

  /// The slots that a slot is linked to.
  func links(of slot: Int) -> [UInt32] {
    UnsafeBufferPointer(start: links.row(slot), count: degree).prefix { $0 != .max }.map { $0 }
  }

  // MARK: For the kernels

  var graph: martlet_graph {
    martlet_graph(
      dimension: dimension, stride: stride, degree: degree, nodes: count, codes: codes.start,
      scales: scales.start, offsets: isEuclidean ? UnsafePointer(offsets.start) : nil,
      sketches: hasSketches ? UnsafePointer(sketches.start) : nil, links: links.start,
      entry_codes: entryCodes.start, entries: nil, entry_count: entries.count, locks: locks.start,
      lock_count: Self.lockCount, doubts: doubts.start, is_euclidean: isEuclidean)
  }

  /// Runs `body` with the graph as the kernels see it.
  func withGraph<Result>(_ body: (UnsafePointer<martlet_graph>) throws -> Result) rethrows -> Result {
    try entries.withUnsafeBufferPointer { entries in
      var graph = graph
      graph.entries = entries.baseAddress
      return try body(&graph)
    }
  }

  /// Runs `body` with a query in 8 bits.
  func withQuery<Result>(_ query: [Float], _ body: (martlet_code_query) throws -> Result) rethrows -> Result {
    try withCode(of: query) { code, scale in
      let square = isEuclidean ? kernels.pointee.dot(query, query, dimension) : 1
      return try body(martlet_code_query(code: code, factor: isEuclidean ? 2 * scale : scale, base: square))
    }
  }

  /// Runs `body` with a vector's numbers in 8 bits, and their scale.
  func withCode<Result>(
    of vector: UnsafePointer<Float>, _ body: (UnsafePointer<Int8>, Float) throws -> Result
  ) rethrows -> Result {
    try withUnsafeTemporaryAllocation(byteCount: stride, alignment: 64) { bytes in
      let code = bytes.bindMemory(to: Int8.self)
      // Every graph has vectors of a number at least, and so codes of 128 bytes: snapshots with others are refused.
      guard let start = code.baseAddress else { preconditionFailure("a stride of 0") }
      return try body(start, kernels.pointee.encode_query(vector, dimension, start, stride))
    }
  }

  // MARK: Linking

  /// Links a slot with its neighbours, unless it has some. Any number of threads may do so at once, each slot by one.
  func link(_ slot: Int, _ walk: Walk) {
    // A run before this one, which was stopped, may have come to it: linked anew it could become a twin of its own twin.
    guard !isTwin(slot), !hasLinks(slot) else { return }
    let twin = withGraph { graph in
      walk.prepareLinking(nodes: count, effort: Self.constructionEffort, stride: stride)
      return kernels.pointee.insert_node(graph, UInt32(slot), Self.constructionEffort, &walk.state)
    }
    guard twin != UInt32.max else { return }
    twins.withLock { twins in
      twins.next[UInt32(slot)] = twins.next[twin]
      twins.next[twin] = UInt32(slot)
      twins.heads[UInt32(slot)] = twin
    }
  }

  /// Makes a linked slot one of those where walks begin. Under the lock for writing.
  func addEntry(_ slot: Int) throws(VectorStoreError) {
    try entryCodes.reserve(entries.count + 1)
    // Of its two planes the upper one.
    entryCodes.row(entries.count).update(from: codes.row(slot), count: stride / 2)
    entries.append(UInt32(slot))
  }

  /// Whether any slot hangs on another one's node.
  var hasTwins: Bool { twins.withLock { !$0.heads.isEmpty } }

  /// Whether a slot hangs on another one's node.
  func isTwin(_ slot: Int) -> Bool { twins.withLock { $0.heads[UInt32(slot)] != nil } }

  /// The node that stands for a slot: itself, or the one that it hangs on.
  func head(of slot: Int) -> Int { twins.withLock { $0.heads[UInt32(slot)].map { Int($0) } ?? slot } }

  /// Whether a slot has a first link, which other threads may be writing.
  func hasLinks(_ slot: Int) -> Bool { atomicLink(slot, 0).pointee.load(ordering: .acquiring) != .max }

  /// A slot's link at some place.
  func atomicLink(_ slot: Int, _ place: Int) -> UnsafePointer<Atomic<UInt32>> {
    precondition(place < degree)
    return UnsafePointer(
      UnsafeRawPointer(links.row(slot) + place).assumingMemoryBound(to: Atomic<UInt32>.self))
  }

  /// Links are about to change. Under the lock for writing.
  func beginLinking() { (isSettled, hasDoubts) = (false, true) }

  /// All slots before `end` are linked. Under the lock for writing.
  ///
  /// - Parameter isSettled: Whether the nodes in doubt were looked at.
  func setLinked(_ end: Int, isSettled: Bool, effort: MeasuredEffort?) {
    (linked, self.isSettled, self.effort) = (end, isSettled, effort)
    hasDoubts = doubted.population > 0
  }

  /// The slots before `end` that are nodes with links.
  func linkedNodes(before end: Int) -> SlotSet {
    var nodes = SlotSet(count: count)
    for slot in 0..<end where hasLinks(slot) { nodes.insert(slot) }
    return nodes
  }

  /// The slots that hang on a node.
  func forEachTwin(of node: UInt32, _ body: (UInt32) -> Void) {
    twins.withLock { twins in
      guard !twins.next.isEmpty else { return }
      var next = twins.next[node]
      while let slot = next {
        body(slot)
        next = twins.next[slot]
      }
    }
  }

  /// The slots allowed, and the nodes that those among them hang on.
  func withHeads(_ allowed: SlotSet) -> SlotSet {
    twins.withLock { twins in
      guard !twins.heads.isEmpty else { return allowed }
      var wider = allowed
      for (slot, head) in twins.heads where allowed.contains(Int(slot)) { wider.insert(Int(head)) }
      return wider
    }
  }

  /// Slots and the nodes that they hang on, in pairs, for a snapshot.
  var twinPairs: [UInt32] {
    twins.withLock { $0.heads.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] } }
  }

  // MARK: From a snapshot

  init(
    dimension: Int, distance: Distance, count: Int, linked: Int, effort: MeasuredEffort?,
    codes: Column<UInt8>, scales: Column<Float>, offsets: Column<Float>, links: Column<UInt32>,
    doubts: Column<UInt64>, entries: [UInt32], twinPairs: [UInt32]
  ) throws(VectorStoreError) {
    guard let kernels = martlet_graphs_best() else { throw .noKernels }
    self.kernels = kernels
    self.dimension = dimension
    isEuclidean = distance == .l2
    stride = codes.width
    (self.codes, self.scales, self.offsets, self.links) = (codes, scales, offsets, links)
    degree = links.width
    (self.count, self.linked, self.effort, self.doubts) = (count, linked, effort, doubts)
    entryCodes = Column(width: stride / 2)
    sketches = Column(width: martlet_sketch_bytes(stride))
    try locks.reserve(Self.lockCount)
    if hasSketches {
      try sketches.reserve(count)
      for slot in 0..<count { sketch(slot) }
    }
    for entry in entries { try addEntry(Int(entry)) }
    hasDoubts = doubted.population > 0
    isSettled = !hasDoubts
    twins.withLock { twins in
      for pair in Swift.stride(from: 0, to: twinPairs.count - 1, by: 2) {
        let (slot, head) = (twinPairs[pair], twinPairs[pair + 1])
        twins.heads[slot] = head
        twins.next[slot] = twins.next[head]
        twins.next[head] = slot
      }
    }
  }
}

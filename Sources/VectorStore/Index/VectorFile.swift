import MartletKernels
import MartletSQLite
import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// How the rows of a `VectorFile` hold vectors.
enum RowForm: UInt64, Sendable {
  /// What the codes of 8 bits leave of each number, in 16 bits: together 24 bits, of which the largest number takes all.
  case remainders = 2
  /// The numbers themselves.
  case floats = 4

  var bytesOfNumber: Int { Int(rawValue) }
}

/// The vectors of an index by their slots, for exact distances: rows in a file that is mapped piece by piece, so that
/// only what is touched takes memory.
///
/// The file is a cache of what SQLite holds. Its rows are appended and never changed; each has a checksum, which is
/// looked at when the row is first touched. Rows that cannot go into the file (its disk is full, or the database is open
/// for reading alone) stay in memory.
final class VectorFile: @unchecked Sendable {
  // Changed under its index's lock for writing, read under that for reading; `checked` is atomic.
  let dimension: Int
  let form: RowForm
  private(set) var count = 0
  /// Rows that are in the file, from the first on.
  private(set) var rowsInFile = 0
  /// Whether a row came of which remainders keep too little: see `encode`.
  private(set) var hasLost = false
  private(set) var descriptor: Int32
  private var segments = [Segment]()
  private let checksums = Column<UInt64>()
  private var checked: UnsafeMutablePointer<Atomic<UInt64>>
  private var checkedCapacity = 0
  private let kernels: UnsafePointer<martlet_graph_kernels>

  private struct Segment {
    let start: UnsafeMutableRawPointer
    let isFile: Bool
  }

  /// A multiple of every page's size, as the sizes of segments are.
  static let headerBytes = 65_536
  let rowBytes: Int
  private let segmentBytes: Int
  private let rowsOfSegment: Int

  private static func segmentBytes(_ dimension: Int, _ form: RowForm) -> Int {
    let row = dimension * form.bytesOfNumber
    return max(16 << 20, (row + headerBytes - 1) / headerBytes * headerBytes)
  }

  /// The bytes of a file with so many rows. Rows lie end to end in segments, and none in two of them.
  static func fileBytes(dimension: Int, form: RowForm, rows: Int) -> Int {
    let (segment, row) = (segmentBytes(dimension, form), dimension * form.bytesOfNumber)
    let perSegment = segment / row
    return headerBytes + rows / perSegment * segment + rows % perSegment * row
  }

  /// An empty one, in memory.
  convenience init(dimension: Int) throws(VectorStoreError) {
    try self.init(dimension: dimension, form: .floats, file: -1)
  }

  /// An empty one, whose rows go into a file with an open descriptor, which is closed in the end.
  init(dimension: Int, form: RowForm, file: Int32) throws(VectorStoreError) {
    guard let kernels = martlet_graphs_best() else { throw .noKernels }
    (self.dimension, self.form, self.kernels) = (dimension, form, kernels)
    rowBytes = dimension * form.bytesOfNumber
    segmentBytes = Self.segmentBytes(dimension, form)
    rowsOfSegment = segmentBytes / rowBytes
    descriptor = file
    checked = .allocate(capacity: 0)
  }

  /// The first `count` rows of a file, with their checksums, whose open descriptor is closed in the end. Where
  /// `canWrite`, more rows go into it.
  convenience init(
    dimension: Int, form: RowForm, descriptor: Int32, count: Int, checksums: UnsafeRawBufferPointer,
    canWrite: Bool
  ) throws(VectorStoreError) {
    try self.init(dimension: dimension, form: form, file: descriptor)
    try self.checksums.reserve(count)
    UnsafeMutableRawPointer(self.checksums.start).copyMemory(
      from: checksums.baseAddress ?? UnsafeRawPointer(self.checksums.start), byteCount: count * 8)
    growChecked(count)
    for start in stride(from: 0, to: count, by: rowsOfSegment) {
      // A reader's own rows follow in memory, beside a copy of those that share their segment.
      let isWhole = canWrite || start + rowsOfSegment <= count
      try isWhole ? mapSegment() : copySegment(rows: count - start)
    }
    self.count = count
    rowsInFile = count
    if !canWrite { closeFile() }
  }

  deinit {
    for segment in segments { munmap(segment.start, segmentBytes) }
    closeFile()
    checked.deallocate()
  }

  private func closeFile() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  private func mapSegment() throws(VectorStoreError) {
    let offset = Self.headerBytes + segments.count * segmentBytes
    let address = mmap(nil, segmentBytes, PROT_READ, MAP_SHARED, descriptor, off_t(offset))
    guard let address, address != MAP_FAILED else { throw .outOfMemory(bytes: segmentBytes) }
    madvise(address, segmentBytes, MADV_RANDOM)
    segments.append(Segment(start: address, isFile: true))
  }

  private func addMemorySegment() throws(VectorStoreError) {
    let address = mmap(nil, segmentBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let address, address != MAP_FAILED else { throw .outOfMemory(bytes: segmentBytes) }
    segments.append(Segment(start: address, isFile: false))
  }

  private func copySegment(rows: Int) throws(VectorStoreError) {
    let offset = Self.headerBytes + segments.count * segmentBytes
    try addMemorySegment()
    guard let last = segments.last else { return }
    let read = readFully(descriptor, last.start, rows * rowBytes, at: offset)
    // Rows that could not be read are zeros, which their checksums give away.
    if !read { memset(last.start, 0, rows * rowBytes) }
  }

  // MARK: The file

  /// Whether rows are in a file and more go there.
  var isFile: Bool { descriptor >= 0 }

  /// The same rows in a file that was made for their form, or for remainders of floats.
  ///
  /// - Parameter file: Its open descriptor, which is closed in the end.
  /// - Returns: Nil where the file does not take them.
  func copy(into file: Int32, as form: RowForm) throws(VectorStoreError) -> VectorFile? {
    let copy = try VectorFile(dimension: dimension, form: form, file: file)
    for slot in 0..<count {
      if form == self.form {
        try copy.append(bytes: row(slot), isSound: isSound(slot))
      } else {
        try copy.append(floats(slot), isSound: isSound(slot))
      }
      guard copy.isFile else { return nil }
    }
    return copy
  }

  // MARK: Rows

  /// Appends a row. One that is not sound stays so.
  func append(_ vector: UnsafePointer<Float>, isSound: Bool = true) throws(VectorStoreError) {
    if form == .floats { return try append(bytes: vector, isSound: isSound) }
    let remainders = UnsafeMutablePointer<Int16>.allocate(capacity: dimension)
    defer { remainders.deallocate() }
    if !encode(vector, into: remainders) { hasLost = true }
    try append(bytes: remainders, isSound: isSound)
  }

  private func append(bytes row: UnsafeRawPointer, isSound: Bool) throws(VectorStoreError) {
    let place = count % rowsOfSegment
    if place == 0 { try descriptor >= 0 ? mapSegment() : addMemorySegment() }
    if let segment = segments.last, segment.isFile, !write(row, at: place) { try leaveFile(rows: place) }
    if let segment = segments.last, !segment.isFile {
      (segment.start + place * rowBytes).copyMemory(from: row, byteCount: rowBytes)
    }
    try checksums.reserve(count + 1)
    let checksum = XXHash64.hash(UnsafeRawBufferPointer(start: row, count: rowBytes))
    checksums[count] = isSound ? checksum : ~checksum
    growChecked(count + 1)
    if isSound { checked[count >> 6].bitwiseOr(1 << UInt64(count & 63), ordering: .relaxed) }
    count += 1
  }

  private func write(_ row: UnsafeRawPointer, at place: Int) -> Bool {
    let offset = Self.headerBytes + (segments.count - 1) * segmentBytes + place * rowBytes
    guard writeFully(descriptor, row, rowBytes, at: offset) else { return false }
    rowsInFile = count + 1
    return true
  }

  /// The file takes no more: the segment goes on in memory.
  private func leaveFile(rows: Int) throws(VectorStoreError) {
    guard let mapped = segments.popLast() else { return }
    try addMemorySegment()
    if let last = segments.last { last.start.copyMemory(from: mapped.start, byteCount: rows * rowBytes) }
    munmap(mapped.start, segmentBytes)
    closeFile()
  }

  /// The bytes of a row, without a look at its checksum.
  func row(_ slot: Int) -> UnsafeRawPointer {
    precondition(slot < count)
    return UnsafeRawPointer(segments[slot / rowsOfSegment].start + slot % rowsOfSegment * rowBytes)
  }

  /// A row whose form is `floats`.
  func floats(_ slot: Int) -> UnsafePointer<Float> {
    precondition(form == .floats)
    return row(slot).assumingMemoryBound(to: Float.self)
  }

  /// A row whose form is `remainders`.
  func remainders(_ slot: Int) -> UnsafePointer<Int16> {
    precondition(form == .remainders)
    return row(slot).assumingMemoryBound(to: Int16.self)
  }

  /// Makes a vector's remainders.
  ///
  /// - Returns: False where they keep too little: fewer than 18 of a number's 24 bits in the mean, zeros apart, as most
  ///   are so much smaller than the largest one.
  @discardableResult
  func encode(_ vector: UnsafePointer<Float>, into remainders: UnsafeMutablePointer<Int16>) -> Bool {
    kernels.pointee.encode_remainders(vector, dimension, remainders) <= 6 * dimension
  }

  /// Whether a row is what was written. Once seen, it is believed.
  func isSound(_ slot: Int) -> Bool {
    let bit: UInt64 = 1 << UInt64(slot & 63)
    if checked[slot >> 6].load(ordering: .relaxed) & bit != 0 { return true }
    guard XXHash64.hash(UnsafeRawBufferPointer(start: row(slot), count: rowBytes)) == checksums[slot] else {
      return false
    }
    checked[slot >> 6].bitwiseOr(bit, ordering: .relaxed)
    return true
  }

  /// Whether a slot's row is what this vector comes to.
  func holds(_ vector: [Float], at slot: Int) -> Bool {
    guard form == .remainders else {
      return vector.elementsEqual(UnsafeBufferPointer(start: floats(slot), count: dimension))
    }
    return withUnsafeTemporaryAllocation(of: Int16.self, capacity: dimension) { encoded in
      guard let start = encoded.baseAddress else { return false }
      encode(vector, into: start)
      return encoded.elementsEqual(UnsafeBufferPointer(start: remainders(slot), count: dimension))
    }
  }

  /// The checksum of a slot's row.
  func checksum(of slot: Int) -> UInt64 { checksums[slot] }

  /// The checksum of the row that this vector comes to.
  func checksum(of vector: [Float]) -> UInt64 {
    guard form == .remainders else { return vector.withUnsafeBytes { XXHash64.hash($0) } }
    return withUnsafeTemporaryAllocation(of: Int16.self, capacity: dimension) { encoded in
      guard let start = encoded.baseAddress else { return 0 }
      encode(vector, into: start)
      return XXHash64.hash(UnsafeRawBufferPointer(start: start, count: rowBytes))
    }
  }

  /// The checksums of all rows.
  var checksumBytes: UnsafeRawBufferPointer { checksums.bytes(count) }

  private func growChecked(_ count: Int) {
    let needed = (count + 63) / 64
    guard needed > checkedCapacity else { return }
    let capacity = max(needed, checkedCapacity * 2, 64)
    let larger = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: capacity)
    for word in 0..<capacity {
      let value = word < checkedCapacity ? checked[word].load(ordering: .relaxed) : 0
      (larger + word).initialize(to: Atomic(value))
    }
    checked.deallocate()
    checked = larger
    checkedCapacity = capacity
  }
}

/// Whether all of the bytes were read.
func readFully(_ descriptor: Int32, _ target: UnsafeMutableRawPointer, _ bytes: Int, at offset: Int) -> Bool {
  transferFully(bytes) { pread(descriptor, target + $0, bytes - $0, off_t(offset + $0)) }
}

/// Whether all of the bytes were written.
func writeFully(_ descriptor: Int32, _ source: UnsafeRawPointer, _ bytes: Int, at offset: Int) -> Bool {
  transferFully(bytes) { pwrite(descriptor, source + $0, bytes - $0, off_t(offset + $0)) }
}

/// Calls `step` with how many bytes are done until all are; it gives how many more, as the system's calls do.
private func transferFully(_ bytes: Int, _ step: (Int) -> Int) -> Bool {
  var done = 0
  while done < bytes {
    let more = step(done)
    if more < 0 && errno == EINTR { continue }
    guard more > 0 else { return false }
    done += more
  }
  return true
}

import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The vectors of an index by their slots, for exact distances: rows of floats in a file that is mapped piece by piece,
/// so that only what is touched takes memory.
///
/// The file is a cache of what SQLite holds. Its rows are appended and never changed; each has a checksum, which is
/// looked at when the row is first touched. Rows that cannot go into the file (its disk is full, or the database is open
/// for reading alone) stay in memory.
final class VectorFile: @unchecked Sendable {
  // Changed under its index's lock for writing, read under that for reading; `checked` is atomic.
  let dimension: Int
  private(set) var count = 0
  /// Rows that are in the file, from the first on.
  private(set) var rowsInFile = 0
  private(set) var descriptor: Int32
  private var segments = [Segment]()
  private let rowsOfSegment: Int
  private let checksums = Column<UInt64>()
  private var checked: UnsafeMutablePointer<Atomic<UInt64>>
  private var checkedCapacity = 0

  private struct Segment {
    let start: UnsafeMutablePointer<Float>
    let isFile: Bool
  }

  static let headerBytes = 4096
  private var rowBytes: Int { dimension * 4 }
  private var segmentBytes: Int { rowsOfSegment * rowBytes }

  /// An empty one, in memory.
  init(dimension: Int) {
    self.dimension = dimension
    descriptor = -1
    rowsOfSegment = Self.rowsOfSegment(dimension)
    checked = .allocate(capacity: 0)
  }

  /// About 16 MiB: a multiple of a page, whatever the dimension.
  private static func rowsOfSegment(_ dimension: Int) -> Int {
    var rows = 1024
    while rows * 2 * dimension * 4 <= 16 << 20 { rows *= 2 }
    return rows
  }

  /// The first `count` rows of a file, with their checksums, whose open descriptor is closed in the end. Where
  /// `canWrite`, more rows go into it.
  init(dimension: Int, descriptor: Int32, count: Int, checksums: UnsafeRawBufferPointer, canWrite: Bool)
    throws(VectorStoreError)
  {
    self.dimension = dimension
    self.descriptor = descriptor
    rowsOfSegment = Self.rowsOfSegment(dimension)
    checked = .allocate(capacity: 0)
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
    segments.append(Segment(start: address.assumingMemoryBound(to: Float.self), isFile: true))
  }

  private func addMemorySegment() throws(VectorStoreError) {
    let address = mmap(nil, segmentBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let address, address != MAP_FAILED else { throw .outOfMemory(bytes: segmentBytes) }
    segments.append(Segment(start: address.assumingMemoryBound(to: Float.self), isFile: false))
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
  /// Writes the rows that are not all in a file into one, which is mapped in their place, and closed in the end.
  ///
  /// - Returns: False where that is refused; then they stay where they are.
  func move(into file: Int32) -> Bool {
    let before = segments
    segments = []
    descriptor = file
    for (number, segment) in before.enumerated() {
      let rows = min(rowsOfSegment, count - number * rowsOfSegment)
      let offset = Self.headerBytes + number * segmentBytes
      guard writeFully(file, segment.start, rows * rowBytes, at: offset), (try? mapSegment()) != nil else {
        for mapped in segments { munmap(mapped.start, segmentBytes) }
        segments = before
        closeFile()
        return false
      }
    }
    for segment in before { munmap(segment.start, segmentBytes) }
    rowsInFile = count
    return true
  }

  // MARK: Rows

  /// Appends a row.
  func append(_ row: UnsafePointer<Float>) throws(VectorStoreError) {
    let place = count % rowsOfSegment
    if place == 0 { try descriptor >= 0 ? mapSegment() : addMemorySegment() }
    if let segment = segments.last, segment.isFile, !write(row) { try leaveFile(rows: place) }
    if let segment = segments.last, !segment.isFile {
      (segment.start + place * dimension).update(from: row, count: dimension)
    }
    try checksums.reserve(count + 1)
    checksums[count] = XXHash64.hash(UnsafeRawBufferPointer(start: row, count: rowBytes))
    growChecked(count + 1)
    checked[count >> 6].bitwiseOr(1 << UInt64(count & 63), ordering: .relaxed)
    count += 1
  }

  private func write(_ row: UnsafePointer<Float>) -> Bool {
    guard writeFully(descriptor, row, rowBytes, at: Self.headerBytes + count * rowBytes) else { return false }
    rowsInFile = count + 1
    return true
  }

  /// The file takes no more: the segment goes on in memory.
  private func leaveFile(rows: Int) throws(VectorStoreError) {
    guard let mapped = segments.popLast() else { return }
    try addMemorySegment()
    if let last = segments.last { last.start.update(from: mapped.start, count: rows * dimension) }
    munmap(mapped.start, segmentBytes)
    closeFile()
  }

  /// A row, without a look at its checksum.
  func row(_ slot: Int) -> UnsafePointer<Float> {
    precondition(slot < count)
    return UnsafePointer(segments[slot / rowsOfSegment].start + slot % rowsOfSegment * dimension)
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

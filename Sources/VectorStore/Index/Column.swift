#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A fixed number of plain values for each slot, end to end, in memory that grows.
///
/// Memory comes from the system in pages, which take none before they are touched. A column may also begin as a private
/// map of a file: then pages are read when they are needed, and copied when they are changed.
final class Column<Element: BitwiseCopyable>: @unchecked Sendable {
  // Who may read or change it, and when, is its owner's to say.
  /// The values of each slot.
  let width: Int
  /// Slots that there is room for.
  private(set) var capacity = 0
  private(set) var start: UnsafeMutablePointer<Element>
  fileprivate var mapping: (address: UnsafeMutableRawPointer, bytes: Int)?

  private var rowBytes: Int { width * MemoryLayout<Element>.stride }

  init(width: Int = 1) {
    self.width = width
    start = UnsafeMutablePointer(mutating: Self.nowhere)
  }

  /// A valid address for columns without a slot.
  private static var nowhere: UnsafePointer<Element> {
    UnsafeRawPointer(bitPattern: 64).unsafelyUnwrapped.assumingMemoryBound(to: Element.self)
  }

  /// Maps `count` slots from a file's open descriptor. `offset` is a multiple of the page's size.
  init(width: Int, descriptor: Int32, offset: Int, count: Int) throws(VectorStoreError) {
    self.width = width
    start = UnsafeMutablePointer(mutating: Self.nowhere)
    let bytes = count * width * MemoryLayout<Element>.stride
    guard bytes > 0 else { return }
    let address = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, off_t(offset))
    guard let address, address != MAP_FAILED else { throw .outOfMemory(bytes: bytes) }
    mapping = (address, bytes)
    start = address.assumingMemoryBound(to: Element.self)
    capacity = count
  }

  /// Takes over the map of a file that was made for its bytes. A rest shorter than a slot is out of reach.
  init(taking bytes: Column<UInt8>, width: Int) where Element: BitwiseCopyable {
    self.width = width
    start = UnsafeMutableRawPointer(bytes.start).assumingMemoryBound(to: Element.self)
    let size = width * MemoryLayout<Element>.stride
    capacity = bytes.capacity % size == 0 ? bytes.capacity / size : 0
    mapping = bytes.mapping
    bytes.mapping = nil
  }

  deinit { if let mapping { munmap(mapping.address, mapping.bytes) } }

  /// Makes room for `count` slots at least; what is there is kept, and may move.
  func reserve(_ count: Int) throws(VectorStoreError) {
    guard count > capacity else { return }
    let wanted = max(count, capacity * 3 / 2, 1024)
    let bytes = wanted * rowBytes
    let address = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let address, address != MAP_FAILED else { throw .outOfMemory(bytes: bytes) }
    #if canImport(Glibc)
      if bytes >= 4 << 20 { madvise(address, bytes, MADV_HUGEPAGE) }
    #endif
    if capacity > 0 { address.copyMemory(from: start, byteCount: capacity * rowBytes) }
    if let mapping { munmap(mapping.address, mapping.bytes) }
    mapping = (address, bytes)
    start = address.assumingMemoryBound(to: Element.self)
    capacity = wanted
  }

  /// The values of one slot.
  func row(_ slot: Int) -> UnsafeMutablePointer<Element> {
    precondition(slot >= 0 && slot < capacity)
    return start + slot * width
  }

  /// The first value of a slot.
  subscript(slot: Int) -> Element {
    get { row(slot).pointee }
    set { row(slot).pointee = newValue }
  }

  /// The bytes of the first `count` slots.
  func bytes(_ count: Int) -> UnsafeRawBufferPointer {
    precondition(count <= capacity)
    return UnsafeRawBufferPointer(start: start, count: count * rowBytes)
  }
}

import Synchronization

/// Memory of a tensor, aligned for the widest vectors and given back for reuse when the last tensor lets go.
///
/// An operation writes it before anyone else sees the tensor; from then on it is only read.
final class TensorStorage: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int
  let device: Device
  private let sizeClass: Int

  init(count: Int, device: Device) {
    self.count = count
    self.device = device
    sizeClass = BufferRecycling.sizeClass(bytes: max(1, count) * MemoryLayout<Float>.stride)
    pointer = device.recycling.take(sizeClass).assumingMemoryBound(to: Float.self)
  }

  deinit { device.recycling.give(UnsafeMutableRawPointer(pointer), sizeClass) }
}

/// Keeps freed buffers for the next operation of their size, so that a forward pass neither asks the system for
/// memory nor faults its pages in again.
final class BufferRecycling: Sendable {
  private struct Shelves: ~Copyable {
    var buffers = [[UnsafeMutableRawPointer]](repeating: [], count: 8 * 48)
    var bytesKept = 0

    deinit { for shelf in buffers { for buffer in shelf { buffer.deallocate() } } }
  }
  private let shelves = Mutex(Shelves())
  private static let mostBytesKept = 64 << 20

  /// Sizes are rounded up to eighths of powers of two, so that at most an eighth is wasted.
  static func sizeClass(bytes: Int) -> Int {
    let bytes = max(bytes, 64)
    let power = Int.bitWidth - 1 - bytes.leadingZeroBitCount
    let eighth = ((bytes - 1) >> (power - 3)) + 1 - 8
    return (power - 6) * 8 + eighth
  }

  static func bytes(ofClass sizeClass: Int) -> Int {
    (8 + sizeClass % 8) << (sizeClass / 8 + 3)
  }

  func take(_ sizeClass: Int) -> UnsafeMutableRawPointer {
    let kept = shelves.withLock { shelves -> SendablePointer? in
      guard let buffer = shelves.buffers[sizeClass].popLast() else { return nil }
      shelves.bytesKept -= Self.bytes(ofClass: sizeClass)
      return SendablePointer(pointer: buffer)
    }
    return kept?.pointer ?? allocateAligned(bytes: Self.bytes(ofClass: sizeClass))
  }

  func give(_ buffer: UnsafeMutableRawPointer, _ sizeClass: Int) {
    let given = SendablePointer(pointer: buffer)
    let freed = shelves.withLock { shelves -> Bool in
      let bytes = Self.bytes(ofClass: sizeClass)
      guard shelves.bytesKept + bytes <= Self.mostBytesKept else { return true }
      shelves.buffers[sizeClass].append(given.pointer)
      shelves.bytesKept += bytes
      return false
    }
    if freed { buffer.deallocate() }
  }
}

private struct SendablePointer: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
}

/// Memory at a 64-byte boundary, to be given back with `deallocate`. Running out of memory ends the program, as it
/// does for Swift's own arrays.
func allocateAligned(bytes: Int) -> UnsafeMutableRawPointer {
  .allocate(byteCount: max(64, bytes), alignment: 64)
}

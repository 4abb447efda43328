import Glibc
import Testing

/// Buffers that end where the machine stops: reading or writing one element more ends the test process, and the bytes
/// before the first element are watched. They live until `release`.
final class Memory {
  private struct Region {
    let base: UnsafeMutableRawPointer
    let mapped: Int
    let start: UnsafeMutableRawPointer
  }
  private var regions: [Region] = []
  private static var watched: Int { 64 }
  private static var canary: UInt8 { 0xA5 }

  /// A buffer of which each byte is `byte`: as floats, NaN.
  func empty<Element: BitwiseCopyable>(
    _ count: Int, of type: Element.Type = Float.self, byte: UInt8 = 0xFF
  ) -> UnsafeMutablePointer<Element> {
    let page = sysconf(Int32(_SC_PAGESIZE))
    let bytes = count * MemoryLayout<Element>.stride
    let data = (bytes + Self.watched + page - 1) / page * page
    guard let base = mmap(nil, data + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      base != MAP_FAILED, mprotect(base + data, page, PROT_NONE) == 0
    else { preconditionFailure("no memory for a test") }
    let start = base + data - bytes
    memset(start - Self.watched, Int32(Self.canary), Self.watched)
    memset(start, Int32(byte), bytes)
    regions.append(Region(base: base, mapped: data + page, start: start))
    return start.bindMemory(to: type, capacity: count)
  }

  func copy<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
    let buffer = empty(elements.count, of: Element.self)
    for (i, element) in elements.enumerated() { buffer[i] = element }
    return buffer
  }

  /// Gives all buffers back, and looks whether anything was written before one.
  func release() {
    for region in regions {
      let before = UnsafeRawBufferPointer(start: region.start - Self.watched, count: Self.watched)
      if before.contains(where: { $0 != Self.canary }) {
        Issue.record("something was written before a buffer")
      }
      munmap(region.base, region.mapped)
    }
    regions = []
  }
}

extension UnsafeMutablePointer where Pointee: BitwiseCopyable {
  func first(_ count: Int) -> [Pointee] { Array(UnsafeBufferPointer(start: self, count: count)) }
}

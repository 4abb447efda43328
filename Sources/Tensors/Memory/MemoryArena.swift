import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where repacked weights and caches live: slices of large chunks of memory, in huge pages where the system has them.
///
/// Weights and caches are read end to end for every token, and a page table walk each 4 KiB would be felt; so would
/// asking the system for each page of a model while it loads. Most slices are smaller than a huge page, hence the
/// chunks.
final class MemoryArena: Sendable {
  /// One slice of a chunk, zeroed. The chunk that it is cut from is given back with its last slice.
  struct Slice: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
    fileprivate let chunk: Chunk
  }

  fileprivate final class Chunk: @unchecked Sendable {
    private let mapping: UnsafeMutableRawPointer?
    private let mappedBytes: Int
    let start: UnsafeMutableRawPointer
    let bytes: Int

    init(bytes: Int) {
      self.bytes = bytes
      mappedBytes = bytes + MemoryArena.hugePage
      let mapping = mmap(nil, mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let mapping, mapping != MAP_FAILED else {
        // Running out of memory ends the program here, as it does for Swift's own arrays.
        self.mapping = nil
        start = .allocate(byteCount: bytes, alignment: 64)
        start.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        return
      }
      self.mapping = mapping
      start = mapping.alignedUp(toMultipleOf: MemoryArena.hugePage)
      #if canImport(Glibc)
        madvise(start, bytes, MADV_HUGEPAGE)
      #endif
    }

    deinit {
      if let mapping { munmap(mapping, mappedBytes) } else { start.deallocate() }
    }
  }

  private struct Current {
    weak var chunk: Chunk?
    var used = 0
  }
  private let current = Mutex(Current())
  private static let hugePage = 2 << 20
  private let chunkBytes: Int

  /// An empty arena. Of its last chunk only what was touched takes memory, in huge pages.
  init(chunkBytes: Int) { self.chunkBytes = chunkBytes }

  /// `bytes` zeroed bytes at a 64-byte boundary. Chunks are touched only as far as they are used.
  func take(bytes: Int) -> Slice {
    let bytes = (max(1, bytes) + 63) / 64 * 64
    if bytes > chunkBytes / 4 {
      let chunk = Chunk(bytes: bytes)
      return Slice(pointer: chunk.start, chunk: chunk)
    }
    return current.withLock { current in
      if let chunk = current.chunk, current.used + bytes <= chunk.bytes {
        defer { current.used += bytes }
        return Slice(pointer: chunk.start + current.used, chunk: chunk)
      }
      let chunk = Chunk(bytes: chunkBytes)
      current.chunk = chunk
      current.used = bytes
      return Slice(pointer: chunk.start, chunk: chunk)
    }
  }
}

import Synchronization

/// Hands out the pages that the sequences of one model keep their keys and values in, and takes them back.
///
/// Pages are counted: sequences that begin alike share them, and a page returns to the pool when the last one lets go
/// (Kwon et al. 2023, "PagedAttention").
public final class PagePool: Sendable {
  /// What the pages hold.
  public let shape: CacheShape
  /// The most bytes of pages that sequences may hold together; nil is no limit.
  ///
  /// ``KeyValueCache/reserve(_:)`` keeps to it. A forward pass, which cannot fail for want of memory, takes what it needs.
  public let budget: Int?

  private struct State {
    var free: [MemoryArena.Slice] = []
    var pagesInUse = 0
  }
  private let state = Mutex(State())
  private let arena = MemoryArena(chunkBytes: 8 << 20)
  /// Free pages are kept up to this size, so that the next sequence does not ask the system for memory.
  private static let freeByteLimit = 256 << 20

  /// An empty pool.
  public init(shape: CacheShape, budget: Int? = nil) {
    self.shape = shape
    self.budget = budget
  }

  /// The bytes of all pages that sequences hold, each page once.
  public var byteCount: Int { state.withLock { $0.pagesInUse } * shape.pageByteCount }

  /// How many more pages sequences may hold; nil is no limit.
  public var pagesLeft: Int? {
    budget.map { max(0, $0 / shape.pageByteCount - state.withLock { $0.pagesInUse }) }
  }

  /// An empty cache for one sequence.
  public func makeCache() -> KeyValueCache { KeyValueCache(pool: self) }

  func takePage() -> CachePage {
    let slice = state.withLock { state in
      state.pagesInUse += 1
      return state.free.popLast()
    }
    return CachePage(slice: slice ?? arena.take(bytes: shape.pageByteCount), pool: self)
  }

  fileprivate func giveBack(_ slice: MemoryArena.Slice) {
    // A slice that is not kept is let go of outside the lock: with it may go a chunk of memory.
    let surplus = state.withLock { state -> MemoryArena.Slice? in
      state.pagesInUse -= 1
      guard (state.free.count + 1) * shape.pageByteCount <= Self.freeByteLimit else { return slice }
      state.free.append(slice)
      return nil
    }
    withExtendedLifetime(surplus) {}
  }
}

/// A page: some positions of a sequence in all layers, layer after layer.
///
/// Caches share it by holding it. Who writes one makes sure first that nobody else does.
final class CachePage: Sendable {
  private let slice: MemoryArena.Slice
  private let pool: PagePool

  fileprivate init(slice: MemoryArena.Slice, pool: PagePool) {
    (self.slice, self.pool) = (slice, pool)
  }

  deinit { pool.giveBack(slice) }

  var pointer: UnsafeMutableRawPointer { slice.pointer }

  /// A page with the same contents that nobody shares.
  func copy() -> CachePage {
    let page = pool.takePage()
    page.pointer.copyMemory(from: pointer, byteCount: pool.shape.pageByteCount)
    return page
  }
}

/// Why a cache cannot have room for more positions.
public enum PagePoolError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The pool's budget does not allow as many bytes as are needed.
  case overBudget(needed: Int, left: Int, budget: Int)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .overBudget(let needed, let left, let budget):
      """
      The keys and values of this text need \(needed) more bytes, but of the cache's budget of \(budget) bytes \
      \(left) are left. Shorten the text, or allow the cache more memory.
      """
    }
  }
}

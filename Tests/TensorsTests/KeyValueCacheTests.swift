import Testing

@testable import MartletTensors

@Suite("Key/value caches")
struct KeyValueCacheTests {
  let page = KeyValueCache.positionsPerPage

  private func pool(layers: Int = 2, budget: Int? = nil) -> PagePool {
    PagePool(
      shape: CacheShape(layers: layers, heads: 2, headDimension: 16, type: .float16), budget: budget)
  }

  /// Stores `count` positions, as a forward pass does, and leaves a mark in each new position's page.
  private func store(_ count: Int, in cache: KeyValueCache, mark: UInt8) {
    let first = cache.length
    for layer in 0..<cache.pool.shape.layers {
      let table = cache.pageTable(layer: layer, positions: first + count)
      for position in first..<first + count {
        table.page(position / page)?.storeBytes(of: mark, toByteOffset: position % page, as: UInt8.self)
      }
    }
    cache.advance(by: count)
  }

  private func marks(_ cache: KeyValueCache, layer: Int) -> [UInt8] {
    let table = cache.pageTable(layer: layer, positions: cache.length)
    return (0..<cache.length).map {
      table.page($0 / page)?.load(fromByteOffset: $0 % page, as: UInt8.self) ?? 0
    }
  }

  @Test("Pages come on demand and stay when positions are forgotten")
  func growth() throws {
    let cache = pool().makeCache()
    #expect(cache.byteCount == 0 && cache.length == 0)
    // Keys and values of a page: layers × positions × heads × width × 2 bytes, twice.
    let pageBytes = 2 * page * 2 * 16 * 2 * 2
    for (positions, pages) in [(1, 1), (page, 1), (page + 1, 2), (page * 40, 40)] {
      let table = cache.pageTable(layer: 0, positions: positions)
      #expect(cache.byteCount == pages * pageBytes, "\(positions) positions")
      #expect(table.page(pages - 1) != nil)
      #expect(cache.pool.byteCount == cache.byteCount)
    }
    cache.advance(by: 70)
    cache.truncate(to: 30)
    #expect(cache.length == 30 && cache.byteCount == 40 * pageBytes)
    cache.truncate(to: 50)
    #expect(cache.length == 30, "what is forgotten does not come back")
    cache.truncate(to: -1)
    #expect(cache.length == 0)
  }

  @Test("A page keeps its place and its contents when more come", arguments: [1, 2, 5])
  func places(layers: Int) throws {
    let cache = pool(layers: layers).makeCache()
    store(3, in: cache, mark: 7)
    let first = cache.pageTable(layer: layers - 1, positions: 1).page(0)
    store(100 * page, in: cache, mark: 8)
    #expect(cache.pageTable(layer: layers - 1, positions: 1).page(0) == first)
    #expect(marks(cache, layer: layers - 1).prefix(4) == [7, 7, 7, 8])
  }

  @Test("A fork shares pages, and neither sees what the other writes")
  func forks() throws {
    let pool = pool()
    let cache = pool.makeCache()
    store(page + 10, in: cache, mark: 1)
    let before = pool.byteCount
    let fork = cache.fork(at: page + 4)
    #expect(pool.byteCount == before, "sharing takes no memory")
    #expect(fork.length == page + 4)
    store(page, in: fork, mark: 2)
    store(5, in: cache, mark: 3)
    for layer in 0..<2 {
      let one = [UInt8](repeating: 1, count: page)
      #expect(marks(fork, layer: layer) == one + [1, 1, 1, 1] + [UInt8](repeating: 2, count: page))
      #expect(marks(cache, layer: layer) == one + [UInt8](repeating: 1, count: 10) + [3, 3, 3, 3, 3])
    }
    // One shared page, two of the fork, one of the cache: the second page was copied once.
    #expect(pool.byteCount == 4 * pool.shape.pageByteCount)
  }

  @Test("A sequence that is cut back does not write into pages that a fork still has")
  func truncatedAfterFork() throws {
    let cache = pool().makeCache()
    store(3 * page, in: cache, mark: 1)
    let fork = cache.fork(at: 3 * page)
    cache.truncate(to: 5)
    store(3 * page, in: cache, mark: 9)
    #expect(marks(fork, layer: 1) == [UInt8](repeating: 1, count: 3 * page))
    #expect(
      marks(cache, layer: 1) == [UInt8](repeating: 1, count: 5) + [UInt8](repeating: 9, count: 3 * page))
  }

  @Test("Pages go back to the pool with the last sequence that has them")
  func counts() throws {
    let pool = pool()
    var cache: KeyValueCache? = pool.makeCache()
    if let cache { store(4 * page, in: cache, mark: 1) }
    var fork = cache?.fork(at: 2 * page)
    cache = nil
    #expect(pool.byteCount == 2 * pool.shape.pageByteCount)
    #expect(fork?.byteCount == pool.byteCount)
    fork = nil
    #expect(pool.byteCount == 0)
  }

  @Test("A budget counts shared pages once and refuses what goes beyond it")
  func budget() throws {
    let bytes = pool().shape.pageByteCount
    let pool = pool(budget: 4 * bytes)
    let cache = pool.makeCache()
    try cache.reserve(2 * page)
    cache.advance(by: 2 * page - 1)
    let fork = cache.fork(at: 2 * page - 1)
    #expect(pool.pagesLeft == 2)
    // A copy of the page that both would write, and two new ones.
    let error = PagePoolError.overBudget(needed: 3 * bytes, left: 2 * bytes, budget: 4 * bytes)
    #expect(throws: error) { try fork.reserve(4 * page) }
    #expect(fork.byteCount == 2 * bytes && pool.pagesLeft == 2, "a refusal changes nothing")
    try fork.reserve(3 * page)
    #expect(pool.pagesLeft == 0)
    try fork.reserve(page)
  }

  @Test("Float32 takes twice what half precision takes")
  func types() {
    let sizes = [CacheType.float16, .float32].map {
      CacheShape(layers: 1, heads: 1, headDimension: 32, type: $0).pageByteCount
    }
    #expect(sizes[1] == 2 * sizes[0])
  }

  @Test("Pages that live for one call are where their table says")
  func temporaryPages() throws {
    let pages = TemporaryPages(count: 3, pageBytes: 256, device: try Device(threads: 1))
    let table = pages.table
    for index in 0..<3 { table.page(index)?.storeBytes(of: UInt64(index), as: UInt64.self) }
    #expect((0..<3).map { table.page($0)?.load(as: UInt64.self) } == [0, 1, 2])
  }
}

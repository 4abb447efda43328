import Testing

@testable import MartletTensors

@Suite("Key/value caches")
struct KeyValueCacheTests {
  @Test("Pages come on demand, layer by layer, and stay when positions are forgotten")
  func growth() throws {
    let cache = KeyValueCache(layers: 2, heads: 2, headDimension: 16, type: .float16)
    #expect(cache.byteCount == 0 && cache.length == 0)
    let page = KeyValueCache.positionsPerPage
    // Keys and values of a page: positions × heads × width × 2 bytes, twice.
    let pageBytes = page * 2 * 16 * 2 * 2
    for (positions, pages) in [(1, 1), (page, 1), (page + 1, 2), (page * 40, 40)] {
      let table = cache.pageTable(layer: 0, positions: positions)
      #expect(cache.byteCount == pages * pageBytes, "\(positions) positions")
      #expect(table.page(pages - 1) != nil)
    }
    _ = cache.pageTable(layer: 1, positions: 1)
    #expect(cache.byteCount == 41 * pageBytes)
    cache.advance(by: 70)
    cache.truncate(to: 30)
    #expect(cache.length == 30 && cache.byteCount == 41 * pageBytes)
    cache.truncate(to: 50)
    #expect(cache.length == 30, "what is forgotten does not come back")
    cache.truncate(to: -1)
    #expect(cache.length == 0)
  }

  @Test("A page keeps its place when the list of pages grows")
  func places() throws {
    let table = PageList(pageBytes: 256, from: .recycled(try Device(threads: 1)))
    table.reserve(1)
    let first = table.page(0)
    first?.storeBytes(of: 42, as: UInt64.self)
    table.reserve(100)
    #expect(table.page(0) == first)
    #expect(table.page(0)?.load(as: UInt64.self) == 42)
    #expect(table.byteCount == 100 * 256)
  }

  @Test("Float32 takes twice what half precision takes")
  func types() {
    let sizes = [CacheType.float16, .float32].map { type in
      let cache = KeyValueCache(layers: 1, heads: 1, headDimension: 32, type: type)
      _ = cache.pageTable(layer: 0, positions: 1)
      return cache.byteCount
    }
    #expect(sizes[1] == 2 * sizes[0])
  }
}

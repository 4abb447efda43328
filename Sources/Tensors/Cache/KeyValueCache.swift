import MartletKernels

/// The keys and values of one sequence in all layers, in pages that come on demand.
///
/// ``fork(at:)`` makes a second sequence that begins like this one. The two share their pages, and a page is copied when
/// one of them writes to it.
///
/// ```swift
/// let pool = PagePool(shape: CacheShape(layers: 30, heads: 3, headDimension: 64, type: .float16))
/// let prefix = pool.makeCache()
/// let branch = prefix.fork(at: prefix.length)
/// ```
///
/// One thread owns a cache: it is not `Sendable`.
public final class KeyValueCache {
  /// Positions that have been stored in every layer.
  public private(set) var length = 0
  /// The positions of one page.
  public static let positionsPerPage = Int(MARTLET_PAGE_POSITIONS)
  /// Where the pages come from.
  public let pool: PagePool

  private var pages: [CachePage] = []
  private var tables: LayerTables

  /// An empty cache of `pool`.
  public init(pool: PagePool) {
    self.pool = pool
    tables = LayerTables(shape: pool.shape, capacity: 16)
  }

  /// A sequence that shares this one's first `length` positions, or all where there are fewer.
  public func fork(at length: Int) -> KeyValueCache {
    let fork = KeyValueCache(pool: pool)
    fork.length = min(self.length, max(0, length))
    fork.pages = Array(pages.prefix(Self.pageCount(fork.length)))
    fork.fillTables(from: 0)
    return fork
  }

  /// The bytes of the pages, those that are shared among them.
  public var byteCount: Int { pages.count * pool.shape.pageByteCount }

  /// Forgets the positions from `length` on; their pages stay for what comes.
  public func truncate(to length: Int) { self.length = min(self.length, max(0, length)) }

  /// Makes room for positions up to `positions`, all layers at once.
  /// - Throws: ``PagePoolError/overBudget(needed:left:budget:)``; the cache is as it was then.
  public func reserve(_ positions: Int) throws(PagePoolError) {
    let needed = pagesNeeded(for: positions)
    if let left = pool.pagesLeft, let budget = pool.budget, needed > left {
      let bytes = pool.shape.pageByteCount
      throw .overBudget(needed: needed * bytes, left: left * bytes, budget: budget)
    }
    makeRoom(for: positions)
  }

  /// How many pages the pool would have to give for `positions` positions: new ones, and copies of shared ones.
  public func pagesNeeded(for positions: Int) -> Int {
    let wanted = Self.pageCount(positions)
    var count = max(0, wanted - pages.count)
    for index in length
      / Self.positionsPerPage..<max(length / Self.positionsPerPage, min(pages.count, wanted))
    where !isKnownUniquelyReferenced(&pages[index]) { count += 1 }
    return count
  }

  private func makeRoom(for positions: Int) {
    guard positions > length else { return }
    let wanted = Self.pageCount(positions)
    var firstChanged = pages.count
    for index in length
      / Self.positionsPerPage..<max(length / Self.positionsPerPage, min(pages.count, wanted))
    where !isKnownUniquelyReferenced(&pages[index]) {
      pages[index] = pages[index].copy()
      firstChanged = min(firstChanged, index)
    }
    while pages.count < wanted { pages.append(pool.takePage()) }
    if firstChanged < pages.count { fillTables(from: firstChanged) }
  }

  private func fillTables(from first: Int) {
    if pages.count > tables.capacity {
      tables = LayerTables(shape: pool.shape, capacity: pages.count * 2)
      tables.fill(pages, from: 0)
    } else {
      tables.fill(pages, from: first)
    }
  }

  /// Counts `count` more positions as stored; the forward pass calls it when all layers have them.
  func advance(by count: Int) { length += count }

  /// The pages of a layer, with room for `positions` positions, the new ones of which are nobody else's.
  func pageTable(layer: Int, positions: Int) -> PageTable {
    makeRoom(for: positions)
    return tables.table(layer: layer, pages: pages.count)
  }

  private static func pageCount(_ positions: Int) -> Int {
    (positions + positionsPerPage - 1) / positionsPerPage
  }
}

/// Where the pages of a sequence are in one layer, as the kernels take it.
struct PageTable {
  let pointers: UnsafeMutablePointer<UnsafeRawPointer?>
  let count: Int
  /// Keeps the table and its pages.
  let owner: AnyObject

  func page(_ index: Int) -> UnsafeMutableRawPointer? {
    precondition(index >= 0 && index < count, "page \(index) of \(count)")
    return UnsafeMutableRawPointer(mutating: pointers[index])
  }
}

/// One table of pages for each layer.
private final class LayerTables {
  let capacity: Int
  private let shape: CacheShape
  private let pointers: UnsafeMutablePointer<UnsafeRawPointer?>

  init(shape: CacheShape, capacity: Int) {
    (self.shape, self.capacity) = (shape, capacity)
    pointers = .allocate(capacity: max(1, shape.layers) * capacity)
    pointers.initialize(repeating: nil, count: max(1, shape.layers) * capacity)
  }

  deinit { pointers.deallocate() }

  func fill(_ pages: [CachePage], from first: Int) {
    precondition(pages.count <= capacity)
    let layerBytes = shape.layerByteCount
    for layer in 0..<shape.layers {
      for index in first..<pages.count {
        pointers[layer * capacity + index] = UnsafeRawPointer(pages[index].pointer + layer * layerBytes)
      }
    }
  }

  func table(layer: Int, pages: Int) -> PageTable {
    precondition(layer >= 0 && layer < shape.layers, "layer \(layer) of \(shape.layers)")
    return PageTable(pointers: pointers + layer * capacity, count: pages, owner: self)
  }
}

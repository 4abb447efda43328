import MartletKernels

/// How a cache holds keys and values.
public enum CacheType: Sendable {
  /// Four bytes a value: exact.
  case float32
  /// Two bytes a value, as llama.cpp's default.
  case float16

  var kernelType: martlet_cache_type {
    switch self {
    case .float32: MARTLET_CACHE_F32
    case .float16: MARTLET_CACHE_F16
    }
  }
}

/// The keys and values of one sequence in all layers, in pages that come on demand.
///
/// A page holds ``positionsPerPage`` positions of one layer. One thread owns a cache: it is not `Sendable`.
public final class KeyValueCache {
  /// Positions that have been stored in every layer.
  public private(set) var length = 0
  /// The positions of one page.
  public static let positionsPerPage = Int(MARTLET_PAGE_POSITIONS)

  let layers: Int
  let heads: Int
  let headDimension: Int
  let type: CacheType
  private var pages: [PageList]

  /// An empty cache of `layers` layers, each with `heads` key/value heads of `headDimension`.
  public init(layers: Int, heads: Int, headDimension: Int, type: CacheType) {
    self.layers = layers
    self.heads = heads
    self.headDimension = headDimension
    self.type = type
    let bytes = martlet_page_bytes(type.kernelType, heads, headDimension)
    let arena = MemoryArena(chunkBytes: 8 << 20)
    pages = (0..<layers).map { _ in PageList(pageBytes: bytes, from: .arena(arena)) }
  }

  /// The bytes that the pages take.
  public var byteCount: Int { pages.reduce(0) { $0 + $1.byteCount } }

  /// Forgets the positions from `length` on; their pages stay for what comes.
  public func truncate(to length: Int) { self.length = min(self.length, max(0, length)) }

  /// Counts `count` more positions as stored; the forward pass calls it when all layers have them.
  func advance(by count: Int) { length += count }

  /// The page list of a layer, with room for `positions` positions.
  func pageTable(layer: Int, positions: Int) -> PageList {
    pages[layer].reserve((positions + Self.positionsPerPage - 1) / Self.positionsPerPage)
    return pages[layer]
  }
}

/// The pages of one sequence in one layer.
final class PageList {
  let pageBytes: Int
  private(set) var table: UnsafeMutablePointer<UnsafeRawPointer?>
  private var count = 0
  private var capacity = 16
  private let source: Source
  private var slices: [MemoryArena.Slice] = []
  private var storages: [TensorStorage] = []

  /// Where pages come from.
  enum Source {
    /// For a sequence that stays.
    case arena(MemoryArena)
    /// The memory of tensors that are gone: for pages that live for one call.
    case recycled(Device)
  }

  init(pageBytes: Int, from source: Source) {
    self.pageBytes = pageBytes
    self.source = source
    table = .allocate(capacity: capacity)
  }

  deinit { table.deallocate() }

  var byteCount: Int { count * pageBytes }

  func reserve(_ pages: Int) {
    if pages > capacity {
      let larger = UnsafeMutablePointer<UnsafeRawPointer?>.allocate(capacity: pages * 2)
      larger.update(from: table, count: count)
      table.deallocate()
      table = larger
      capacity = pages * 2
    }
    while count < pages {
      table[count] = UnsafeRawPointer(makePage())
      count += 1
    }
  }

  private func makePage() -> UnsafeMutableRawPointer {
    switch source {
    case .arena(let arena):
      let slice = arena.take(bytes: pageBytes)
      slices.append(slice)
      return slice.pointer
    case .recycled(let device):
      let storage = TensorStorage(count: pageBytes / MemoryLayout<Float>.stride, device: device)
      storages.append(storage)
      return UnsafeMutableRawPointer(storage.pointer)
    }
  }

  func page(_ index: Int) -> UnsafeMutableRawPointer? {
    precondition(index >= 0 && index < count, "page \(index) of \(count)")
    return UnsafeMutableRawPointer(mutating: table[index])
  }
}

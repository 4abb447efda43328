import Foundation
import MartletTensors
import MartletTransformers

/// Where the keys and values of a model's sequences live: the pages, and what is kept of earlier sequences.
struct SequenceMemory: Sendable {
  let pool: PagePool
  let prefixes: PrefixCache

  /// - Parameters:
  ///   - budget: The most bytes of keys and values; nil is a quarter of the machine's memory, and at least one context.
  ///   - contextLength: The longest sequence in tokens.
  init(_ transformer: any CausalTransformer, type: CacheType, contextLength: Int, budget: Int?) {
    let perPage = transformer.makePagePool(type).shape.pageByteCount
    let context = (contextLength / KeyValueCache.positionsPerPage + 1) * perPage
    let quarter = Int(clamping: ProcessInfo.processInfo.physicalMemory / 4)
    let budget = budget ?? max(quarter, context)
    pool = transformer.makePagePool(type, budget: budget)
    prefixes = PrefixCache(pool: pool, byteLimit: budget / 2)
  }

  /// Makes room in `cache` for positions up to `positions`; sequences that are only kept give way.
  func reserve(_ positions: Int, in cache: KeyValueCache) throws(PagePoolError) {
    do throws(PagePoolError) {
      try cache.reserve(positions)
    } catch {
      prefixes.makeRoom(pages: cache.pagesNeeded(for: positions))
      try cache.reserve(positions)
    }
  }
}

import Foundation
import MartletTensors
import MartletTokenizers

/// Sequences that were computed before, for those that begin like one of them: the next turn of a chat, another
/// question after the same examples.
///
/// What is in it is read under the lock, and forks share pages that nobody writes.
final class PrefixCache: @unchecked Sendable {
  private struct Entry {
    var tokens: ArraySlice<TokenID>
    let cache: KeyValueCache
    var lastUse: Int
  }

  private let pool: PagePool
  private let byteLimit: Int
  private let lock = NSLock()
  private var entries: [Entry] = []
  private var clock = 0

  private static let entryLimit = 64
  /// Less is not worth the copy of a page.
  static let leastShared = 8

  init(pool: PagePool, byteLimit: Int) {
    self.pool = pool
    self.byteLimit = byteLimit
  }

  /// A sequence that holds as much of the beginning of `tokens` as is known, but at most `limit` tokens.
  func fork(_ tokens: ArraySlice<TokenID>, limit: Int) -> KeyValueCache {
    lock.withLock {
      var best: (entry: Int, length: Int)?
      for (index, entry) in entries.enumerated() {
        let length = min(limit, Self.shared(entry.tokens, tokens))
        if length >= Self.leastShared, length > best?.length ?? 0 { best = (index, length) }
      }
      guard let best else { return pool.makeCache() }
      clock += 1
      entries[best.entry].lastUse = clock
      return entries[best.entry].cache.fork(at: best.length)
    }
  }

  /// How many tokens of the beginning of `tokens` are known.
  func known(_ tokens: ArraySlice<TokenID>) -> Int {
    lock.withLock { entries.map { Self.shared($0.tokens, tokens) }.max() ?? 0 }
  }

  /// Keeps a sequence that its owner will not write again; `tokens` are those that it holds.
  func keep(_ tokens: ArraySlice<TokenID>, _ cache: KeyValueCache) {
    guard tokens.count >= Self.leastShared else { return }
    lock.withLock {
      clock += 1
      // What only begins like the new one adds nothing; what goes on longer makes the new one superfluous.
      if let longer = entries.firstIndex(where: { $0.tokens.starts(with: tokens) }) {
        entries[longer].lastUse = clock
        return
      }
      entries.removeAll { tokens.starts(with: $0.tokens) }
      entries.append(Entry(tokens: tokens, cache: cache, lastUse: clock))
      while entries.count > Self.entryLimit || byteCount > byteLimit { removeOldest() }
    }
  }

  /// Forgets sequences, the ones that were not used for longest first, until the pool has `pages` pages left or nothing
  /// is there to forget.
  func makeRoom(pages: Int) {
    lock.withLock {
      while let left = pool.pagesLeft, left < pages, !entries.isEmpty { removeOldest() }
    }
  }

  /// Forgets everything.
  func removeAll() { lock.withLock { entries = [] } }

  /// Pages that entries share are counted for each.
  private var byteCount: Int { entries.reduce(0) { $0 + $1.cache.byteCount } }

  private func removeOldest() {
    guard let oldest = entries.indices.min(by: { entries[$0].lastUse < entries[$1].lastUse }) else { return }
    entries.remove(at: oldest)
  }

  /// How many tokens two sequences begin with alike.
  static func shared(_ a: ArraySlice<TokenID>, _ b: ArraySlice<TokenID>) -> Int {
    let count = min(a.count, b.count)
    return a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in (0..<count).first { a[$0] != b[$0] } ?? count }
    }
  }
}

/// Which two neighbours become one token, and how early: an open-addressing table from pairs of ids.
struct Merges: Sendable {
  private var keys: [UInt64]
  private var values: [UInt64]
  private let mask: Int
  private static let free = UInt64.max

  /// - Parameter pairs: The merges, the most important first.
  init(_ pairs: [(left: TokenID, right: TokenID, merged: TokenID)]) {
    var capacity = 16
    while capacity < pairs.count * 2 { capacity *= 2 }
    mask = capacity - 1
    keys = [UInt64](repeating: Self.free, count: capacity)
    values = [UInt64](repeating: 0, count: capacity)
    for (rank, pair) in pairs.enumerated() {
      let key = Self.key(pair.left, pair.right)
      var slot = Self.slot(key) & mask
      while keys[slot] != Self.free, keys[slot] != key { slot = (slot + 1) & mask }
      if keys[slot] == key { continue }
      keys[slot] = key
      values[slot] = UInt64(rank) << 32 | UInt64(UInt32(bitPattern: pair.merged))
    }
  }

  @inline(__always)
  private static func key(_ left: TokenID, _ right: TokenID) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  @inline(__always)
  private static func slot(_ key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 32)
  }

  /// The rank of merging two tokens, in the upper half, and the merged token in the lower; nil where they do not.
  @inline(__always)
  func find(_ left: TokenID, _ right: TokenID) -> UInt64? {
    let key = Self.key(left, right)
    var slot = Self.slot(key) & mask
    while true {
      if keys[slot] == key { return values[slot] }
      if keys[slot] == Self.free { return nil }
      slot = (slot + 1) & mask
    }
  }
}

extension Merges {
  /// Merges the ids from `first` on, in place.
  func apply(to ids: inout [TokenID], from first: Int) {
    if ids.count - first > 48 {
      mergeLong(&ids, from: first)
    } else {
      mergeShort(&ids, from: first)
    }
  }

  /// Looks at all pairs for each merge, which for a word is quicker than any queue.
  private func mergeShort(_ ids: inout [TokenID], from first: Int) {
    while ids.count - first > 1 {
      var best = UInt64.max
      var place = -1
      for index in first..<ids.count - 1 {
        if let found = find(ids[index], ids[index + 1]), found < best {
          best = found
          place = index
        }
      }
      guard place >= 0 else { return }
      ids[place] = TokenID(truncatingIfNeeded: best & 0xFFFF_FFFF)
      ids.remove(at: place + 1)
    }
  }

  /// Keeps the pairs in a queue: a piece without spaces may be megabytes long.
  private func mergeLong(_ ids: inout [TokenID], from first: Int) {
    var chain = SymbolChain(count: ids.count - first)
    var queue = PriorityQueue()
    func offer(_ left: Int) {
      let right = chain.next(left)
      guard right >= 0, let found = find(ids[first + left], ids[first + right]) else { return }
      // Rank first, then the place from the left.
      queue.push((found >> 32) << 32 | UInt64(left))
    }
    for left in 0..<chain.count - 1 { offer(left) }
    while let item = queue.pop() {
      let left = Int(item & 0xFFFF_FFFF)
      guard chain.isAlive(left), chain.next(left) >= 0,
        let found = find(ids[first + left], ids[first + chain.next(left)]), found >> 32 == item >> 32
      else { continue }
      ids[first + left] = TokenID(truncatingIfNeeded: found & 0xFFFF_FFFF)
      chain.removeNext(of: left)
      if chain.previous(left) >= 0 { offer(chain.previous(left)) }
      offer(left)
    }
    var kept = first
    for index in 0..<chain.count where chain.isAlive(index) {
      ids[kept] = ids[first + index]
      kept += 1
    }
    ids.removeSubrange(kept...)
  }
}

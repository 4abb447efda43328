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

/// Strings by their beginnings: finds all of them that begin at a place of a text in one walk.
///
/// The edges lie in one open-addressing table from a node and a byte to the next node.
struct Trie: Sendable {
  private var keys: [UInt64]
  private var targets: [Int32]
  /// The value of the string that ends at each node, -1 where none does.
  private var values: [Int32] = [-1]
  private var mask: Int
  private var edges = 0
  private static let free = UInt64.max

  init() {
    keys = [UInt64](repeating: Self.free, count: 64)
    targets = [Int32](repeating: 0, count: 64)
    mask = 63
  }

  /// The root's number.
  static let root: Int32 = 0

  /// Adds a string, whose value replaces that of an equal one before it. The empty string is left out.
  mutating func insert(_ string: some Sequence<UInt8>, value: Int32) {
    var node = Self.root
    for byte in string { node = child(of: node, byte) ?? appendChild(to: node, byte) }
    if node != Self.root { values[Int(node)] = value }
  }

  /// The node behind `byte`; nil where no string goes on so.
  @inline(__always)
  func child(of node: Int32, _ byte: UInt8) -> Int32? {
    let key = Self.key(node, byte)
    var slot = Self.slot(key) & mask
    while true {
      if keys[slot] == key { return targets[slot] }
      if keys[slot] == Self.free { return nil }
      slot = (slot + 1) & mask
    }
  }

  /// The value of the string that ends at a node, negative where none does.
  @inline(__always)
  func value(at node: Int32) -> Int32 { values[Int(node)] }

  private mutating func appendChild(to node: Int32, _ byte: UInt8) -> Int32 {
    if edges * 2 >= keys.count { grow() }
    let child = Int32(values.count)
    values.append(-1)
    place(Self.key(node, byte), child)
    edges += 1
    return child
  }

  private mutating func place(_ key: UInt64, _ target: Int32) {
    var slot = Self.slot(key) & mask
    while keys[slot] != Self.free { slot = (slot + 1) & mask }
    keys[slot] = key
    targets[slot] = target
  }

  private mutating func grow() {
    let old = (keys, targets)
    keys = [UInt64](repeating: Self.free, count: old.0.count * 2)
    targets = [Int32](repeating: 0, count: old.0.count * 2)
    mask = keys.count - 1
    for (key, target) in zip(old.0, old.1) where key != Self.free { place(key, target) }
  }

  @inline(__always)
  private static func key(_ node: Int32, _ byte: UInt8) -> UInt64 { UInt64(node) << 8 | UInt64(byte) }

  @inline(__always)
  private static func slot(_ key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 32)
  }
}

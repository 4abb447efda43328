/// Tokens by their bytes and back: an open-addressing table over one packed array.
///
/// Hashes grow byte by byte, so that all prefixes of a word cost one pass.
struct TokenTable: Sendable {
  let strings: PackedStrings
  private var slots: [Int32]
  private var tags: [UInt32]
  private let mask: Int
  /// The longest token in bytes.
  let longest: Int

  /// A table of `strings` by index; where two are equal the first one is found. `accepts` leaves some out.
  init(_ strings: PackedStrings, accepts: (Int) -> Bool = { _ in true }) {
    self.strings = strings
    var capacity = 16
    while capacity < strings.count * 2 { capacity *= 2 }
    mask = capacity - 1
    slots = [Int32](repeating: -1, count: capacity)
    tags = [UInt32](repeating: 0, count: capacity)
    var longest = 0
    for index in strings.indices where accepts(index) {
      let bytes = strings.bytes(at: index)
      longest = max(longest, bytes.count)
      var hash = Self.emptyHash
      for byte in bytes { hash = Self.hash(hash, byte) }
      let tag = Self.tag(hash)
      var slot = Int(truncatingIfNeeded: tag) & mask
      while slots[slot] >= 0 {
        if tags[slot] == tag, strings.bytes(at: Int(slots[slot])).elementsEqual(bytes) { break }
        slot = (slot + 1) & mask
      }
      if slots[slot] < 0 {
        slots[slot] = Int32(index)
        tags[slot] = tag
      }
    }
    self.longest = longest
  }

  static let emptyHash: UInt64 = 0xcbf2_9ce4_8422_2325

  /// The hash of what `hash` is of, and one byte more.
  @inline(__always)
  static func hash(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x9e37_79b9_7f4a_7c15 }

  @inline(__always)
  private static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) }

  /// The token whose bytes are `range` of `bytes`, which `hash` is of.
  @inline(__always)
  func find(_ bytes: [UInt8], _ range: Range<Int>, hash: UInt64) -> TokenID? {
    let tag = Self.tag(hash)
    var slot = Int(truncatingIfNeeded: tag) & mask
    while true {
      let index = slots[slot]
      if index < 0 { return nil }
      if tags[slot] == tag, strings.equals(Int(index), bytes, range) { return index }
      slot = (slot + 1) & mask
    }
  }

  /// The token whose bytes are `range` of `bytes`.
  @inline(__always)
  func find(_ bytes: [UInt8], _ range: Range<Int>) -> TokenID? {
    guard range.count <= longest else { return nil }
    var hash = Self.emptyHash
    for index in range { hash = Self.hash(hash, bytes[index]) }
    return find(bytes, range, hash: hash)
  }

  /// The token with these bytes.
  func find(_ bytes: some Collection<UInt8>) -> TokenID? {
    let copy = Array(bytes)
    var hash = Self.emptyHash
    for byte in copy { hash = Self.hash(hash, byte) }
    return find(copy, 0..<copy.count, hash: hash)
  }
}

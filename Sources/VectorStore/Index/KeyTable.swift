/// Finds the slot of a key: a hash table of slots whose keys lie in a column, 8 bytes a key at most.
struct KeyTable {
  private var slots: [UInt32]
  private var used = 0
  private static let free = UInt32.max
  private static let gone = UInt32.max - 1

  init(expecting count: Int = 0) {
    slots = [UInt32](repeating: Self.free, count: Self.size(for: count))
  }

  /// A power of two, at most two thirds of which are used.
  private static func size(for count: Int) -> Int {
    var size = 16
    while size * 2 / 3 <= count { size *= 2 }
    return size
  }

  /// The bytes of a table for so many keys.
  static func bytes(for count: Int) -> Int { size(for: count) * MemoryLayout<UInt32>.stride }

  private static func hash(_ key: Int64) -> Int {
    Int(truncatingIfNeeded: (UInt64(bitPattern: key) &* 0x9E37_79B9_7F4A_7C15) >> 20)
  }

  func slot(of key: Int64, _ keys: Column<Int64>) -> Int? {
    place(of: key, keys).map { Int(slots[$0]) }
  }

  private func place(of key: Int64, _ keys: Column<Int64>) -> Int? {
    let mask = slots.count - 1
    var place = Self.hash(key) & mask
    while slots[place] != Self.free {
      if slots[place] != Self.gone, keys[Int(slots[place])] == key { return place }
      place = (place + 1) & mask
    }
    return nil
  }

  /// Notes the slot of a key that is not in the table.
  mutating func insert(slot: Int, _ keys: Column<Int64>) {
    if used + 1 > slots.count * 2 / 3 { rebuild(keys) }
    put(UInt32(slot), keys)
  }

  private mutating func put(_ slot: UInt32, _ keys: Column<Int64>) {
    let mask = slots.count - 1
    var place = Self.hash(keys[Int(slot)]) & mask
    while slots[place] != Self.free { place = (place + 1) & mask }
    slots[place] = slot
    used += 1
  }

  /// Forgets a key, and tells its slot.
  mutating func remove(_ key: Int64, _ keys: Column<Int64>) -> Int? {
    guard let place = place(of: key, keys) else { return nil }
    let slot = Int(slots[place])
    slots[place] = Self.gone
    return slot
  }

  private mutating func rebuild(_ keys: Column<Int64>) {
    let kept = slots.filter { $0 < Self.gone }
    self = KeyTable(expecting: kept.count * 2)
    for slot in kept { put(slot, keys) }
  }
}

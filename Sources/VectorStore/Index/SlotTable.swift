/// Finds the slots of a key: a hash table of slots whose keys lie in a column, 8 bytes a key at most.
struct SlotTable<Key: FixedWidthInteger & BitwiseCopyable & Sendable> {
  private var slots: [UInt32]
  private var used = 0
  private static var free: UInt32 { .max }
  private static var gone: UInt32 { .max - 1 }

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

  private static func hash(_ key: Key) -> Int {
    Int(truncatingIfNeeded: (UInt64(truncatingIfNeeded: key) &* 0x9E37_79B9_7F4A_7C15) >> 20)
  }

  func slot(of key: Key, _ keys: Column<Key>) -> Int? {
    place(of: key, keys).map { Int(slots[$0]) }
  }

  private func place(of key: Key, _ keys: Column<Key>) -> Int? {
    let mask = slots.count - 1
    var place = Self.hash(key) & mask
    while slots[place] != Self.free {
      if slots[place] != Self.gone, keys[Int(slots[place])] == key { return place }
      place = (place + 1) & mask
    }
    return nil
  }

  /// The first slots with a key, in the order in which they were noted.
  func slots(of key: Key, _ keys: Column<Key>, atMost limit: Int) -> [Int] {
    let mask = slots.count - 1
    var place = Self.hash(key) & mask
    var found = [Int]()
    while slots[place] != Self.free, found.count < limit {
      if slots[place] != Self.gone, keys[Int(slots[place])] == key { found.append(Int(slots[place])) }
      place = (place + 1) & mask
    }
    return found
  }

  /// Notes the slot of a key. A key may have several.
  mutating func insert(slot: Int, _ keys: Column<Key>) {
    if used + 1 > slots.count * 2 / 3 { rebuild(keys) }
    put(UInt32(slot), keys)
  }

  private mutating func put(_ slot: UInt32, _ keys: Column<Key>) {
    let mask = slots.count - 1
    var place = Self.hash(keys[Int(slot)]) & mask
    while slots[place] != Self.free { place = (place + 1) & mask }
    slots[place] = slot
    used += 1
  }

  /// Has another slot with the same key in the place of one.
  mutating func replace(_ slot: Int, with other: Int, _ keys: Column<Key>) {
    let mask = slots.count - 1
    var place = Self.hash(keys[slot]) & mask
    while slots[place] != Self.free {
      if slots[place] == UInt32(slot) { slots[place] = UInt32(other); return }
      place = (place + 1) & mask
    }
  }

  /// Forgets a key, and tells its slot.
  mutating func remove(_ key: Key, _ keys: Column<Key>) -> Int? {
    guard let place = place(of: key, keys) else { return nil }
    let slot = Int(slots[place])
    slots[place] = Self.gone
    return slot
  }

  private mutating func rebuild(_ keys: Column<Key>) {
    let kept = slots.filter { $0 < Self.gone }
    self = SlotTable(expecting: kept.count * 2)
    for slot in kept { put(slot, keys) }
  }
}

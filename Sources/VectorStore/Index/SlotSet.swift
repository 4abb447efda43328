/// A set of slots of an index: one bit for each, in words of 64 as the kernels want them.
struct SlotSet: Sendable, Equatable {
  /// The slots that there are: 0 ..< count.
  private(set) var count: Int
  /// Bit `slot % 64` of word `slot / 64`; bits beyond `count` are zero.
  private(set) var words: [UInt64]

  /// The empty set, or that of all `count` slots.
  init(count: Int, full: Bool = false) {
    self.count = count
    words = [UInt64](repeating: full ? .max : 0, count: (count + 63) / 64)
    clearSurplus()
  }

  /// The set with these words, as a snapshot has them.
  init(count: Int, words: [UInt64]) {
    precondition(words.count == (count + 63) / 64)
    self.count = count
    self.words = words
    clearSurplus()
  }

  /// How many slots are in the set.
  var population: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  func contains(_ slot: Int) -> Bool { words[slot >> 6] >> UInt64(slot & 63) & 1 == 1 }
  mutating func insert(_ slot: Int) { words[slot >> 6] |= 1 << UInt64(slot & 63) }
  mutating func remove(_ slot: Int) { words[slot >> 6] &= ~(1 << UInt64(slot & 63)) }

  /// Takes out all slots from `start` on.
  mutating func remove(from start: Int) {
    guard start < count else { return }
    for word in words.indices.dropFirst(start >> 6) {
      words[word] &= word == start >> 6 ? (1 << UInt64(start & 63)) - 1 : 0
    }
  }

  mutating func formIntersection(_ other: SlotSet) {
    for word in words.indices { words[word] &= other.words[word] }
  }
  mutating func formUnion(_ other: SlotSet) {
    for word in words.indices { words[word] |= other.words[word] }
  }
  mutating func invert() {
    for word in words.indices { words[word] = ~words[word] }
    clearSurplus()
  }

  /// Makes room for more slots, none of them in the set.
  mutating func grow(to count: Int) {
    guard count > self.count else { return }
    self.count = count
    let needed = (count + 63) / 64
    if needed > words.count { words.append(contentsOf: repeatElement(0, count: needed - words.count)) }
  }

  /// Calls `body` with each slot of the set, ascending.
  func forEach(_ body: (Int) throws -> Void) rethrows {
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        try body((index << 6) + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
  }

  private mutating func clearSurplus() {
    let used = count & 63
    if used > 0, let last = words.indices.last { words[last] &= (1 << UInt64(used)) - 1 }
  }
}

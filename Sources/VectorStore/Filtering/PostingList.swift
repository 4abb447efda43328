/// The slots that have a value, ascending: as a list, or as bits where they lie close together.
struct PostingList {
  private(set) var count = 0
  private var slots = [UInt32]()
  private var words = [UInt64]()

  /// From so many slots on bits are worth their words.
  private static let leastDense = 64
  /// Bits take less than a list above one slot in 32, and become a list again below one in 128.
  private static let (dense, sparse) = (32, 128)

  /// Adds a slot that is not below those that were added before; the last of them may come again.
  mutating func append(_ slot: UInt32) {
    if words.isEmpty {
      guard slots.last != slot else { return }
      slots.append(slot)
      count += 1
      if count >= Self.leastDense && count * Self.dense > Int(slot) { makeDense() }
    } else {
      setBit(slot)
      if words.count * 64 > count * Self.sparse { makeSparse() }
    }
  }

  private mutating func setBit(_ slot: UInt32) {
    let word = Int(slot >> 6)
    if word >= words.count { words.append(contentsOf: repeatElement(0, count: word + 1 - words.count)) }
    let bit: UInt64 = 1 << UInt64(slot & 63)
    if words[word] & bit == 0 { count += 1 }
    words[word] |= bit
  }

  private mutating func makeDense() {
    let list = slots
    slots = []
    count = 0
    for slot in list { setBit(slot) }
  }

  private mutating func makeSparse() {
    slots = list
    words = []
  }

  /// The slots as a list.
  var list: [UInt32] {
    guard !words.isEmpty else { return slots }
    var list = [UInt32]()
    list.reserveCapacity(count)
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        list.append(UInt32((index << 6) + rest.trailingZeroBitCount))
        rest &= rest - 1
      }
    }
    return list
  }

  /// Sets the bits of the slots; those beyond the last word are passed over.
  func insert(into target: UnsafeMutableBufferPointer<UInt64>) {
    for word in 0..<min(words.count, target.count) { target[word] |= words[word] }
    for slot in slots { Self.insert(slot, into: target) }
  }

  @inline(__always)
  static func insert(_ slot: UInt32, into target: UnsafeMutableBufferPointer<UInt64>) {
    let word = Int(slot >> 6)
    if word < target.count { target[word] |= 1 << UInt64(slot & 63) }
  }
}

/// The posting lists of values that are numbered. Most values of a key that is like an id have one slot, and that takes
/// four bytes.
struct PostingLists {
  /// For each value its slot, or the place of its list in `lists`, marked by the highest bit.
  private var heads = [UInt32]()
  private var lists = [PostingList]()
  private static let isList: UInt32 = 1 << 31

  /// Adds a value with its first slot, which is below 2^31.
  mutating func appendValue(_ slot: UInt32) { heads.append(slot) }

  /// Adds a slot to a value.
  mutating func append(_ slot: UInt32, to value: Int) {
    let head = heads[value]
    if head & Self.isList != 0 { return lists[Int(head & ~Self.isList)].append(slot) }
    guard head != slot else { return }
    var list = PostingList()
    list.append(head)
    list.append(slot)
    heads[value] = Self.isList | UInt32(lists.count)
    lists.append(list)
  }

  /// Sets the bits of a value's slots.
  func insert(_ value: Int, into target: UnsafeMutableBufferPointer<UInt64>) {
    let head = heads[value]
    if head & Self.isList == 0 {
      PostingList.insert(head, into: target)
    } else {
      lists[Int(head & ~Self.isList)].insert(into: target)
    }
  }
}

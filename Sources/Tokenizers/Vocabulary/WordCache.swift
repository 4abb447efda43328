/// The ids of short words that were met before. A text is mostly words that it has had already.
struct WordCache {
  /// A word of at most 15 bytes and its length, in two machine words.
  struct Key: Equatable {
    var low: UInt64 = 0
    var high: UInt64 = 0

    @inline(__always)
    init?(_ bytes: [UInt8], _ range: Range<Int>) {
      guard range.count < 16 else { return nil }
      var shift: UInt64 = 0
      for index in range.prefix(8) {
        low |= UInt64(bytes[index]) &<< shift
        shift += 8
      }
      shift = 0
      for index in range.dropFirst(8) {
        high |= UInt64(bytes[index]) &<< shift
        shift += 8
      }
      high |= UInt64(range.count) << 56
    }

    @inline(__always)
    fileprivate var slot: Int {
      let mixed = (low ^ high &* 0xff51_afd7_ed55_8ccd) &* 0x9e37_79b9_7f4a_7c15
      return Int(truncatingIfNeeded: mixed >> (64 - WordCache.slotBits))
    }
  }

  private struct Entry {
    var low: UInt64 = 0
    var high: UInt64 = 0
    var start: Int32 = 0
    var count: Int32 = 0
  }

  private var entries: [Entry]
  private var ids: [TokenID] = []
  private static let slotBits: UInt64 = 14
  private static let mostIDs = 1 << 16

  /// A cache without words.
  init() { self.init(entries: [Entry](repeating: Entry(), count: 1 << Self.slotBits)) }

  private init(entries: [Entry]) { self.entries = entries }

  /// What stands for a cache that is lent out; not to be asked.
  static var empty: WordCache { WordCache(entries: []) }

  /// Appends the word's ids, if it is there.
  @inline(__always)
  func append(_ key: Key, to out: inout [TokenID]) -> Bool {
    let entry = entries[key.slot]
    guard entry.low == key.low, entry.high == key.high else { return false }
    for index in Int(entry.start)..<Int(entry.start + entry.count) { out.append(ids[index]) }
    return true
  }

  mutating func store(_ key: Key, _ word: ArraySlice<TokenID>) {
    if ids.count + word.count > Self.mostIDs {
      ids.removeAll(keepingCapacity: true)
      for index in entries.indices { entries[index] = Entry() }
    }
    entries[key.slot] = Entry(low: key.low, high: key.high, start: Int32(ids.count), count: Int32(word.count))
    ids.append(contentsOf: word)
  }
}

/// How often each pair of neighbouring tokens occurs in some words, kept up to date while pairs are merged.
///
/// Pairs wait in a queue, each entry with the words that it was found in. A pair whose count has changed since is put back
/// with its present one when its turn comes. Where a pair comes to stand in further words later, those get an entry of
/// their own: the order of merges in Hugging Face `tokenizers` follows from that.
struct PairCounts {
  /// A pair whose turn it is.
  struct Entry {
    var count: Int
    let key: UInt64
    /// Where in `places` the words are.
    fileprivate let place: Int

    var left: TokenID { TokenID(truncatingIfNeeded: key >> 32) }
    var right: TokenID { TokenID(truncatingIfNeeded: key & 0xFFFF_FFFF) }

    /// Whether it comes before another one: it is more frequent, or its tokens are older.
    fileprivate func precedes(_ other: Entry) -> Bool {
      count != other.count ? count > other.count : key < other.key
    }
  }

  /// The tokens of all words, end to end. A word grows shorter within its place.
  private var symbols: [TokenID] = []
  private var starts: [Int] = []
  private var lengths: [Int] = []
  private let wordCounts: [Int]

  private var pairs = PairTable()
  /// How often each pair occurs, by its number. What a merge takes away of its own pair is not taken off.
  private var counts: [Int] = []
  /// The words in which a pair has come to stand since the queue was last fed, by its number.
  private var found: [[Int32]] = []
  /// The pairs that have such words.
  private var touched: [Int] = []

  private var queue: [Entry] = []
  /// The words of the entries in the queue.
  private var places: [[Int32]] = []
  private var freePlaces: [Int] = []

  init(_ words: WordCounts, tokenOfByte: [TokenID]) {
    wordCounts = words.counts
    starts.reserveCapacity(words.count)
    lengths.reserveCapacity(words.count)
    for index in 0..<words.count {
      let bytes = words.words.bytes(at: index)
      starts.append(symbols.count)
      lengths.append(bytes.count)
      for byte in bytes { symbols.append(tokenOfByte[Int(byte)]) }
    }
    for word in 0..<words.count {
      let start = starts[word]
      for place in start..<max(start, start + lengths[word] - 1) {
        change(symbols[place], symbols[place + 1], by: wordCounts[word], in: word)
      }
    }
    feedQueue()
  }

  /// Takes the most frequent pair out of the queue, of equal ones that of the oldest tokens; nil where none is left.
  mutating func popMostFrequent() -> Entry? {
    while var top = pop() {
      let count = counts[pairs.number(of: top.key) ?? 0]
      if top.count == count { return top }
      top.count = count
      push(top)
    }
    return nil
  }

  /// Merges a pair in the words of its entry.
  mutating func merge(_ entry: Entry, into merged: TokenID) {
    let words = places[entry.place]
    places[entry.place] = []
    freePlaces.append(entry.place)
    for word in words { merge(entry.left, entry.right, into: merged, word: Int(word)) }
    feedQueue()
  }

  private mutating func merge(_ left: TokenID, _ right: TokenID, into merged: TokenID, word: Int) {
    let (start, length, count) = (starts[word], lengths[word], wordCounts[word])
    var (read, write) = (0, 0)
    while read < length {
      guard read + 1 < length, symbols[start + read] == left, symbols[start + read + 1] == right else {
        symbols[start + write] = symbols[start + read]
        (read, write) = (read + 1, write + 1)
        continue
      }
      if write > 0 {
        let before = symbols[start + write - 1]
        change(before, left, by: -count, in: word)
        change(before, merged, by: count, in: word)
      }
      symbols[start + write] = merged
      (read, write) = (read + 2, write + 1)
      if read < length {
        let after = symbols[start + read]
        change(right, after, by: -count, in: word)
        change(merged, after, by: count, in: word)
      }
    }
    lengths[word] = write
  }

  private mutating func change(_ left: TokenID, _ right: TokenID, by count: Int, in word: Int) {
    let key = UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    let number = pairs.insert(key)
    if number == counts.count {
      counts.append(0)
      found.append([])
    }
    counts[number] += count
    guard count > 0 else { return }
    if found[number].isEmpty { touched.append(number) }
    // Words come in order, so that one that is there already is the last.
    if found[number].last != Int32(word) { found[number].append(Int32(word)) }
  }

  /// Puts the pairs that have come to stand in further words into the queue.
  private mutating func feedQueue() {
    for number in touched {
      let words = found[number]
      found[number] = []
      guard counts[number] > 0 else { continue }
      let place: Int
      if let free = freePlaces.popLast() {
        place = free
        places[free] = words
      } else {
        place = places.count
        places.append(words)
      }
      push(Entry(count: counts[number], key: pairs.key(of: number), place: place))
    }
    touched.removeAll(keepingCapacity: true)
  }
}

extension PairCounts {
  // A binary heap, the first entry on top.

  private mutating func push(_ entry: Entry) {
    var index = queue.count
    queue.append(entry)
    while index > 0 {
      let parent = (index - 1) / 2
      guard entry.precedes(queue[parent]) else { break }
      queue[index] = queue[parent]
      index = parent
    }
    queue[index] = entry
  }

  private mutating func pop() -> Entry? {
    guard let top = queue.first, let last = queue.popLast() else { return nil }
    guard !queue.isEmpty else { return top }
    var index = 0
    while true {
      var child = 2 * index + 1
      guard child < queue.count else { break }
      if child + 1 < queue.count, queue[child + 1].precedes(queue[child]) { child += 1 }
      guard queue[child].precedes(last) else { break }
      queue[index] = queue[child]
      index = child
    }
    queue[index] = last
    return top
  }
}

/// Numbers for pairs, in the order in which they come: an open-addressing table.
private struct PairTable {
  private var keys: [UInt64] = []
  private var slots = [UInt32](repeating: 0, count: 1 << 12)

  func key(of number: Int) -> UInt64 { keys[number] }

  func number(of key: UInt64) -> Int? {
    let slot = slots[self.slot(of: key)]
    return slot == 0 ? nil : Int(slot) - 1
  }

  /// The number of a pair, which is the next one where it is new.
  mutating func insert(_ key: UInt64) -> Int {
    let slot = slot(of: key)
    if slots[slot] != 0 { return Int(slots[slot]) - 1 }
    keys.append(key)
    slots[slot] = UInt32(keys.count)
    if keys.count * 2 > slots.count { grow() }
    return keys.count - 1
  }

  /// Where the pair is, or where it would be.
  private func slot(of key: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 32) & (slots.count - 1)
    while slots[slot] != 0, keys[Int(slots[slot]) - 1] != key { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 4)
    for (index, key) in keys.enumerated() { slots[slot(of: key)] = UInt32(index + 1) }
  }
}

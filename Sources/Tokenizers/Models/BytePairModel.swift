/// Byte pair encoding of one piece of text (Sennrich et al. 2016): neighbours merge, the earliest learned pair
/// first, until none does.
struct BytePairModel: Sendable {
  let merges: Merges
  /// The token of each byte, -1 where there is none.
  let bytes: [TokenID]
  /// Whole pieces that are tokens, where they are taken at once (`ignore_merges`).
  let wholePieces: TokenTable?

  /// Appends the ids of `range` of `text`.
  func encode(_ text: [UInt8], _ range: Range<Int>, into out: inout [TokenID]) {
    if let wholePieces {
      var hash = TokenTable.emptyHash
      for index in range { hash = TokenTable.hash(hash, text[index]) }
      if let id = wholePieces.find(text, range, hash: hash) { return out.append(id) }
    }
    let first = out.count
    for index in range {
      let id = bytes[Int(text[index])]
      if id >= 0 { out.append(id) }
    }
    if out.count - first > 48 {
      mergeLong(&out, from: first)
    } else {
      mergeShort(&out, from: first)
    }
  }

  /// Looks at all pairs for each merge, which for a word is quicker than any queue.
  private func mergeShort(_ ids: inout [TokenID], from first: Int) {
    while ids.count - first > 1 {
      var best = UInt64.max
      var place = -1
      for index in first..<ids.count - 1 {
        if let found = merges.find(ids[index], ids[index + 1]), found < best {
          best = found
          place = index
        }
      }
      guard place >= 0 else { return }
      ids[place] = TokenID(truncatingIfNeeded: best & 0xFFFF_FFFF)
      ids.remove(at: place + 1)
    }
  }

  /// Keeps the pairs in a queue: a piece without spaces may be a megabyte long.
  private func mergeLong(_ ids: inout [TokenID], from first: Int) {
    var chain = SymbolChain(count: ids.count - first)
    var queue = PriorityQueue()
    func offer(_ left: Int) {
      let right = chain.next[left]
      guard right >= 0, let found = merges.find(ids[first + left], ids[first + right]) else { return }
      // Rank first, then the place from the left.
      queue.push((found >> 32) << 32 | UInt64(left))
    }
    for left in 0..<chain.count - 1 { offer(left) }
    while let item = queue.pop() {
      let left = Int(item & 0xFFFF_FFFF)
      guard chain.isAlive(left), chain.next[left] >= 0,
        let found = merges.find(ids[first + left], ids[first + chain.next[left]]), found >> 32 == item >> 32
      else { continue }
      ids[first + left] = TokenID(truncatingIfNeeded: found & 0xFFFF_FFFF)
      chain.removeNext(of: left)
      if chain.previous[left] >= 0 { offer(chain.previous[left]) }
      offer(left)
    }
    let kept = (0..<chain.count).filter(chain.isAlive).map { ids[first + $0] }
    ids.replaceSubrange(first..., with: kept)
  }
}

/// Symbols in a row, some of which merge with the next one.
struct SymbolChain {
  let count: Int
  private(set) var next: [Int]
  private(set) var previous: [Int]

  init(count: Int) {
    self.count = count
    next = (0..<count).map { $0 + 1 < count ? $0 + 1 : -1 }
    previous = (0..<count).map { $0 - 1 }
  }

  /// Dead symbols are marked by a previous one that cannot be.
  func isAlive(_ index: Int) -> Bool { previous[index] != -2 }

  mutating func removeNext(of index: Int) {
    let removed = next[index]
    next[index] = next[removed]
    if next[removed] >= 0 { previous[next[removed]] = index }
    previous[removed] = -2
  }
}

/// A binary heap of numbers, the least first.
struct PriorityQueue {
  private var heap: [UInt64] = []

  mutating func push(_ item: UInt64) {
    heap.append(item)
    var child = heap.count - 1
    while child > 0, heap[(child - 1) / 2] > heap[child] {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() -> UInt64? {
    guard let least = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return least }
    heap[0] = last
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child] < heap[smallest] {
        smallest = child
      }
      if smallest == parent { return least }
      heap.swapAt(parent, smallest)
      parent = smallest
    }
  }
}

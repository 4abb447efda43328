/// Symbols in a row, some of which merge with the next one.
struct SymbolChain {
  private var nexts: [Int32]
  private var previouses: [Int32]

  init(count: Int) {
    nexts = (0..<count).map { $0 + 1 < count ? Int32(truncatingIfNeeded: $0 + 1) : -1 }
    previouses = (0..<count).map { Int32(truncatingIfNeeded: $0 - 1) }
  }

  /// How many there were at first.
  var count: Int { nexts.count }

  /// The symbol behind; negative at the end.
  func next(_ index: Int) -> Int { Int(nexts[index]) }

  /// The symbol before; negative at the beginning.
  func previous(_ index: Int) -> Int { Int(previouses[index]) }

  /// Dead symbols are marked by a previous one that cannot be.
  func isAlive(_ index: Int) -> Bool { previouses[index] != -2 }

  mutating func removeNext(of index: Int) {
    let removed = next(index)
    nexts[index] = nexts[removed]
    if nexts[removed] >= 0 { previouses[next(removed)] = Int32(truncatingIfNeeded: index) }
    previouses[removed] = -2
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

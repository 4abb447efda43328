import MartletKernels
import MartletSQLite
import Synchronization

/// Looks after the nodes of a graph that are in doubt: has walks look for each of them, and links in again what they do not
/// find. What even then is not found stays in doubt, and searches compare it one by one.
///
/// Nobody else links meanwhile.
struct GraphRepair {
  let index: CollectionIndex
  /// Nodes before this one are linked.
  let end: Int
  let shouldStop: @Sendable () -> Bool

  /// How often what was linked in is looked for again: each time it may have cost others their last link.
  private static let rounds = 6
  private static let chunk = 32

  /// Whether it came to its end.
  func run() -> Bool {
    for _ in 0..<Self.rounds {
      let lost = self.lost()
      if shouldStop() { return false }
      if lost.isEmpty { return true }
      linkIn(lost)
    }
    _ = lost()
    return !shouldStop()
  }

  /// The least that a search asks of a walk.
  private var reach: martlet_reach {
    WalkReach(wanted: 1, kept: MeasuredEffort.leastNodes, index.distance).plain
  }

  /// Takes the nodes in doubt that are found out of it, and gives the others.
  private func lost() -> [Int] {
    let doubted = index.lock.reading { self.doubted() }
    guard !doubted.isEmpty else { return [] }
    // An inner product is largest with others: the way to a vector does not begin with itself.
    if index.distance == .ip {
      let reached = index.lock.reading { index.graph.reached }
      index.lock.reading { for slot in doubted where reached.contains(slot) { index.graph.settle(slot) } }
      return doubted.filter { !reached.contains($0) }
    }
    let next = Atomic<Int>(0)
    let (lost, reach) = (Locked([Int]()), reach)
    onThreads(Int(martlet_available_processors())) { _ in
      let walk = Walk()
      while !shouldStop() {
        let first = next.wrappingAdd(Self.chunk, ordering: .relaxed).oldValue
        guard first < doubted.count else { return }
        let part = doubted[first..<min(first + Self.chunk, doubted.count)]
        let missing = index.lock.reading {
          part.filter { slot in
            guard index.graph.isFound(slot, reach, walk) else { return true }
            index.graph.settle(slot)
            return false
          }
        }
        lost.withLock { $0 += missing }
      }
    }
    return lost.withLock { $0.sorted() }
  }

  /// The linked nodes in doubt, without those of records that are gone, which nobody looks for.
  private func doubted() -> [Int] {
    let graph = index.graph
    let needed = graph.withHeads(index.alive)
    var doubted = [Int]()
    graph.doubted.forEach { slot in
      guard slot < end else { return }
      if needed.contains(slot) { doubted.append(slot) } else { graph.settle(slot) }
    }
    return doubted
  }

  private func linkIn(_ lost: [Int]) {
    let walk = Walk()
    for slot in lost where !shouldStop() {
      index.lock.reading { index.graph.linkIn(slot, reach, walk) }
    }
  }
}

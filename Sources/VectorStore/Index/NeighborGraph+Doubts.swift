import MartletKernels
import Synchronization

/// Nodes that walks may not reach. A node keeps the links to its neighbours, but a full neighbour may drop its link back,
/// and a node without any link to it is unreachable. Inserting marks the nodes that this may concern; searches compare
/// them one by one until `GraphRepair` has checked them.
extension NeighborGraph {
  private func doubtWord(_ word: Int) -> UnsafePointer<Atomic<UInt64>> {
    UnsafePointer(UnsafeRawPointer(doubts.row(word)).assumingMemoryBound(to: Atomic<UInt64>.self))
  }

  /// The nodes that are in doubt.
  var doubted: SlotSet {
    SlotSet(
      count: count,
      words: (0..<(count + 63) / 64).map { doubtWord($0).pointee.load(ordering: .relaxed) })
  }

  /// Those of some slots' nodes, before `end`, that are in doubt; nil where none is.
  func doubted(among allowed: SlotSet, before end: Int) -> SlotSet? {
    guard hasDoubts else { return nil }
    var found = doubted
    found.formIntersection(withHeads(allowed))
    found.remove(from: end)
    return found.population > 0 ? found : nil
  }

  /// Takes a node out of doubt.
  func settle(_ slot: Int) {
    doubtWord(slot >> 6).pointee.bitwiseAnd(~(1 << UInt64(slot & 63)), ordering: .relaxed)
  }

  /// Whether a walk that begins with a node's own vector finds it, with the least effort that searches make.
  func isFound(_ slot: Int, _ reach: martlet_reach, _ walk: Walk) -> Bool {
    walk.prepare(nodes: count, effort: reach.ef)
    walk.state.sought = UInt32(slot)
    defer { walk.state.sought = .max }
    return withQuery(ofNode: slot, walk) { query in
      withGraph { kernels.pointee.walk_graph($0, query, reach, &walk.state) == 1 }
    }
  }

  /// Has a node that walks do not find linked from one that they find near it.
  func linkIn(_ slot: Int, _ reach: martlet_reach, _ walk: Walk) {
    walk.prepare(nodes: count, effort: reach.ef)
    let found = withQuery(ofNode: slot, walk) { query in
      withGraph { kernels.pointee.walk_graph($0, query, reach, &walk.state) }
    }
    let near = (0..<found).map { Int(walk.state.pool[$0].node) }.filter { node in
      node != slot && !links(of: node).contains(UInt32(slot))
    }
    guard let node = near.first(where: { links(of: $0).count < degree }) ?? near.first else { return }
    let linked = links(of: node)
    // Where none of them has room, the nearest gives up the farthest of the links that were chosen last, and with it
    // perhaps a node.
    let place = linked.count < degree ? linked.count : degree * 3 / 4 - 1
    if place < linked.count { doubt(Int(linked[place])) }
    atomicLink(node, place).pointee.store(UInt32(slot), ordering: .releasing)
  }

  /// Notes that walks may find no way to a node.
  func doubt(_ slot: Int) {
    doubtWord(slot >> 6).pointee.bitwiseOr(1 << UInt64(slot & 63), ordering: .relaxed)
  }

  /// The slots that some way leads to from where walks begin.
  var reached: SlotSet {
    var reached = SlotSet(count: count)
    var waiting = [Int]()
    func reach(_ slot: Int) {
      guard slot < count, !reached.contains(slot) else { return }
      reached.insert(slot)
      waiting.append(slot)
    }
    for entry in entries { reach(Int(entry)) }
    while let slot = waiting.popLast() {
      for link in links(of: slot) { reach(Int(link)) }
      forEachTwin(of: UInt32(slot)) { reach(Int($0)) }
    }
    return reached
  }

  /// Runs `body` with a node's vector as a query, as its code has it.
  func withQuery<Result>(
    ofNode slot: Int, _ walk: Walk, _ body: (martlet_code_query) throws -> Result
  ) rethrows -> Result {
    walk.prepareDecoding(dimension: dimension)
    decode(slot, walk.noRemainders, into: walk.vector)
    return try withCode(of: walk.vector) { code, _ in
      let scale = scales[slot]
      return try body(
        martlet_code_query(
          code: code, factor: isEuclidean ? 2 * scale : scale, base: isEuclidean ? offsets[slot] : 1))
    }
  }
}

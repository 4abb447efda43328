import MartletKernels
import MartletSQLite
import Synchronization

/// Measures how far walks through a graph have to go: takes some of its nodes as queries that the graph does not hold, and
/// compares what walks find with what a scan of all codes finds, with more and more effort. Then it compares what whole
/// searches find with the nearest in full precision, with more and more candidates.
struct EffortMeasurement {
  let index: CollectionIndex
  /// The nodes before this one are linked.
  let end: Int
  let shouldStop: @Sendable () -> Bool

  private static let samples = 128
  /// The share of the nearest that has to be found, in the mean.
  private static let leastRecall = 0.99
  /// Where a quarter of the samples is so far below it, the others are not asked.
  private static let clearlyLess = 0.03
  /// The share of the nearest in truth that a search has to find, in the mean.
  private static let leastRecallInTruth = 0.98
  /// So many samples are compared with all records in full precision.
  private static let samplesInTruth = 64
  /// From one effort to the next: the fourth root of 2.
  private static let step = 1.19

  /// A node that serves as a query, and the nearest of all others, nearest first.
  private struct Sample {
    var slot: Int
    var nearest: [UInt32]
  }

  private struct Outcome {
    var recall = 0.0
    var comparisons = 0
  }

  /// Whether the graph has grown by so much since it was measured last that the effort may be another.
  static func isDue(_ effort: MeasuredEffort?, end: Int) -> Bool {
    effort.map { end > $0.slots + $0.slots / 8 } ?? true
  }

  /// Nil where it was stopped, or where there are too few nodes to tell.
  func run() -> MeasuredEffort? {
    let samples = self.samples()
    guard samples.count >= Self.samples / 4, !shouldStop() else { return nil }
    let (ten, hundred) = (point(wanted: 10, samples), point(wanted: 100, samples))
    let effort = MeasuredEffort(
      ten: ten, hundred: hundred, widening: MeasuredEffort.unmeasuredWidening, slots: end)
    return shouldStop() ? nil : effort
  }

  /// The effort with the least widening with which searches find enough of the nearest in truth. It is for a graph that
  /// searches use already.
  func widened(_ effort: MeasuredEffort) -> MeasuredEffort {
    var effort = effort
    effort.widening = widening(effort)
    return effort
  }

  // MARK: Samples

  /// Nodes from all over the graph that are not entries, with their nearest.
  private func samples() -> [Sample] {
    let nodes = index.lock.reading { index.graph.linkedNodes(before: end) }
    return inParallel(sampleSlots(Self.samples)) { slot, walk in
      Sample(slot: slot, nearest: nearest(to: slot, among: nodes, walk))
    }
  }

  private func sampleSlots(_ count: Int) -> [Int] {
    let nodes = index.lock.reading { index.graph.linkedNodes(before: end) }
    let entries = Set(index.lock.reading { index.graph.entries })
    var slots = [Int]()
    for number in 0..<count {
      // At irregular intervals, since records may have been added in a regular order.
      let part = (end * number / count)..<(end * (number + 1) / count)
      guard !part.isEmpty else { continue }
      let first = part.lowerBound + number &* 7919 % part.count
      if let slot = (first..<part.upperBound).first(where: {
        nodes.contains($0) && !entries.contains(UInt32($0))
      }) {
        slots.append(slot)
      }
    }
    return slots
  }

  private func nearest(to slot: Int, among nodes: SlotSet, _ walk: Walk) -> [UInt32] {
    var others = nodes
    others.remove(slot)
    let (graph, limit) = (index.graph, 100)
    walk.prepare(nodes: graph.count, effort: limit)
    let found = graph.withQuery(ofNode: slot, walk) { query in
      others.words.withUnsafeBufferPointer { words in
        graph.withGraph {
          graph.kernels.pointee.scan_codes($0, query, 0, end, words.baseAddress, walk.state.pool, 0, limit)
        }
      }
    }
    return (0..<found).map { walk.state.pool[$0].node }
  }

  // MARK: Walks

  /// The least effort that finds enough.
  private func point(wanted: Int, _ samples: [Sample]) -> MeasuredEffort.Point {
    var kept = max(MeasuredEffort.leastNodes, 2 * wanted)
    let first = Array(samples.prefix(samples.count / 4))
    while kept <= MeasuredEffort.mostNodes, !shouldStop() {
      var outcome = self.outcome(wanted: wanted, kept: kept, first)
      if outcome.recall >= Self.leastRecall - Self.clearlyLess {
        outcome = self.outcome(wanted: wanted, kept: kept, samples)
      }
      if MeasuredEffort.costOfComparison * Double(outcome.comparisons) >= Double(end) { break }
      if outcome.recall >= Self.leastRecall {
        return MeasuredEffort.Point(nodes: kept, comparisons: outcome.comparisons)
      }
      kept = Int(Double(kept) * Self.step)
    }
    return MeasuredEffort.Point(nodes: 0, comparisons: 0)
  }

  private func outcome(wanted: Int, kept: Int, _ samples: [Sample]) -> Outcome {
    let reach = WalkReach(wanted: wanted, kept: kept, index.distance).plain
    let outcomes = inParallel(samples) { sample, walk in outcome(of: sample, wanted: wanted, reach, walk) }
    let count = max(1, outcomes.count)
    return Outcome(
      recall: outcomes.reduce(0) { $0 + $1.recall } / Double(count),
      comparisons: outcomes.reduce(0) { $0 + $1.comparisons } / count)
  }

  private func outcome(of sample: Sample, wanted: Int, _ reach: martlet_reach, _ walk: Walk) -> Outcome {
    let graph = index.graph
    walk.prepare(nodes: graph.count, effort: reach.ef)
    // The node counts as visited, so that no walk goes through it: as if the graph did not hold it.
    let (word, bit) = (sample.slot >> 6, UInt64(1) << UInt64(sample.slot & 63))
    walk.state.visited[word] |= bit
    defer { walk.state.visited[word] &= ~bit }
    let before = walk.state.comparisons
    let count = graph.withQuery(ofNode: sample.slot, walk) { query in
      graph.withGraph { graph.kernels.pointee.walk_graph($0, query, reach, &walk.state) }
    }
    let found = Set((0..<min(count, wanted)).map { walk.state.pool[$0].node })
    let nearest = sample.nearest.prefix(wanted)
    return Outcome(
      recall: Double(nearest.count { found.contains($0) }) / Double(max(1, nearest.count)),
      comparisons: walk.state.comparisons - before)
  }

  // MARK: In full precision

  /// The least widening that is enough; 0 for none.
  private func widening(_ effort: MeasuredEffort) -> Int {
    let truth = inParallel(sampleSlots(Self.samplesInTruth)) { slot, _ in
      (slot: slot, nearest: search(from: slot, wanted: 100, .exact, effort))
    }
    var effort = effort
    effort.widening = 1
    while effort.widening <= MeasuredEffort.mostWidening, !shouldStop() {
      let isEnough = [1, 10, 100].allSatisfy { wanted in
        let recalls = inParallel(truth) { sample, _ in
          let found = search(from: sample.slot, wanted: wanted, .standard, effort)
          return recall(of: found, wanted: wanted, sample.nearest)
        }
        return recalls.reduce(0, +) >= Self.leastRecallInTruth * Double(recalls.count)
      }
      if isEnough { return effort.widening }
      effort.widening *= 2
    }
    return 0
  }

  /// The neighbours of a node among all others, as a search finds them.
  private func search(
    from slot: Int, wanted: Int, _ kind: SearchEffort, _ effort: MeasuredEffort
  ) -> [Neighbor] {
    // By inner product a vector is not its own nearest, so that the node need not be hidden; and a walk under a filter, if
    // only of one node, looks further.
    let isHidden = index.distance != .ip
    var others = index.alive
    guard others.contains(slot) else { return [] }
    others.remove(slot)
    let found = try? index.withVectors { vectors in
      let query = Array(UnsafeBufferPointer(start: try vectors(slot), count: index.dimension))
      return try index.nearest(
        to: query, count: isHidden ? wanted : wanted + 1, allowed: isHidden ? others : nil, effort: kind,
        measured: effort)
    }
    // Rows that cannot be read are found out by the next search.
    return (found ?? []).filter { $0.slot != slot }
  }

  /// The share of the nearest that was found. Records at the same distance stand for each other.
  private func recall(of found: [Neighbor], wanted: Int, _ truth: [Neighbor]) -> Double {
    let count = min(wanted, truth.count)
    guard count > 0 else { return 1 }
    let farthest = truth[count - 1].distance
    return Double(min(count, found.count { $0.distance <= farthest })) / Double(count)
  }

  /// Calls `body` for each of some items, on all processors, each under the index's lock for reading.
  private func inParallel<Item: Sendable, Result: Sendable>(
    _ items: [Item], _ body: (Item, Walk) -> Result
  ) -> [Result] {
    let next = Atomic<Int>(0)
    let results = Locked([(place: Int, result: Result)]())
    onThreads(Int(martlet_available_processors())) { _ in
      let walk = Walk()
      while !shouldStop() {
        let place = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard place < items.count else { return }
        let result = index.lock.reading { body(items[place], walk) }
        results.withLock { $0.append((place, result)) }
      }
    }
    return results.withLock { $0.sorted { $0.place < $1.place }.map(\.result) }
  }
}

import Kernels

/// A slot with its exact distance.
struct Neighbor: Sendable, Equatable {
  var slot: Int
  var distance: Float
}

/// The vectors beside the index are not what was written: the index has to be made anew.
struct DamagedIndex: Error {}

extension CollectionIndex {
  /// Up to so many records are compared in full precision rather than by their codes.
  static let exactCount = 512
  /// All records of an index that has no more than these are.
  static let smallCount = 4096
  /// What a walk keeps in view by default: enough for a recall of some 99% of ten neighbours.
  static let defaultEffort = 128
  /// More ties than this at the end of a list are of no use to anyone.
  static let mostTies = 4096

  /// The records nearest to a query, nearest first, and all those that are exactly as far as the last one.
  ///
  /// - Parameters:
  ///   - query: Finite numbers, as many as the dimension.
  ///   - count: How many are wanted.
  ///   - allowed: The slots that may be found, all of which hold a record; nil allows all that do.
  ///   - effort: How many nodes a walk keeps in view; nil compares with every record in full precision.
  func nearest(
    to query: [Float], count wanted: Int, allowed: SlotSet?, effort: Int?
  ) throws -> [Neighbor] {
    var query = query
    if distance == .cosine {
      query.withUnsafeMutableBufferPointer { if let start = $0.baseAddress { normalize(start) } }
    }
    let permitted = allowed ?? alive
    let permittedCount = allowed?.population ?? aliveCount
    guard wanted > 0, permittedCount > 0 else { return [] }
    guard let effort, count > Self.smallCount, permittedCount > max(Self.exactCount, 2 * wanted) else {
      return try exact(query, wanted, permitted)
    }
    let candidates = withWalk { walk in
      self.candidates(query, wanted, kept: max(effort, wanted), permitted, permittedCount, walk)
    }
    return try rescored(candidates, query, wanted)
  }

  // MARK: By codes

  private func candidates(
    _ query: [Float], _ wanted: Int, kept: Int, _ permitted: SlotSet, _ permittedCount: Int, _ walk: Walk
  ) -> [UInt32] {
    // By codes the order is a little off: so many of the nearest by codes hold the nearest in truth.
    let rescoredCount = max(3 * wanted, 30)
    walk.prepare(nodes: count, effort: max(kept, rescoredCount))
    return graph.withQuery(query) { code in
      var found = [UInt32]()
      var unscanned = 0
      if isWalkWorthwhile(kept: kept, permittedCount) {
        let walked =
          permittedCount < count
          ? walkFiltered(code, kept: kept, rescoredCount, permitted, permittedCount, walk)
          : graph.withGraph { graph in
            self.graph.kernels.pointee.walk_graph(graph, code, kept, rescoredCount, &walk.state)
          }
        if let walked {
          found = expanded(walk, min(walked, rescoredCount), permitted)
          // There are more than are wanted: a walk that found fewer ended where no way led on.
          if found.count >= wanted { unscanned = graph.linked } else { found = [] }
        }
      }
      guard unscanned < count else { return found }
      let scanned = permitted.words.withUnsafeBufferPointer { words in
        graph.withGraph { graph in
          self.graph.kernels.pointee.scan_codes(
            graph, code, unscanned, count, words.baseAddress, walk.state.pool, 0, rescoredCount)
        }
      }
      let known = Set(found)
      for place in 0..<scanned {
        let slot = walk.state.pool[place].node
        if !known.contains(slot) { found.append(slot) }
      }
      return found
    }
  }

  /// A scan takes as long as there are records that are permitted; a walk the longer the fewer of them are.
  private func isWalkWorthwhile(kept: Int, _ permittedCount: Int) -> Bool {
    guard graph.linked > count / 2 else { return false }
    return permittedCount * permittedCount > 33 * kept * count
  }

  /// Nil where the walk found too few of the permitted within its limit.
  private func walkFiltered(
    _ code: martlet_code_query, kept: Int, _ wanted: Int, _ permitted: SlotSet, _ permittedCount: Int,
    _ walk: Walk
  ) -> Int? {
    walk.prepareFrontier()
    let heads = graph.withHeads(permitted)
    let found = heads.words.withUnsafeBufferPointer { words in
      graph.withGraph { graph in
        self.graph.kernels.pointee.walk_graph_filtered(
          graph, code, kept, wanted, words.baseAddress, max(permittedCount / 2, 8 * Self.smallCount),
          &walk.state)
      }
    }
    return found == Int(bitPattern: UInt.max) ? nil : found
  }

  /// The nodes of a walk with those that hang on them, as far as they are permitted.
  private func expanded(_ walk: Walk, _ walked: Int, _ permitted: SlotSet) -> [UInt32] {
    var slots = [UInt32]()
    slots.reserveCapacity(walked)
    let hasTwins = graph.hasTwins
    for place in 0..<walked {
      let node = walk.state.pool[place].node
      if permitted.contains(Int(node)) { slots.append(node) }
      if hasTwins { graph.forEachTwin(of: node) { if permitted.contains(Int($0)) { slots.append($0) } } }
    }
    return slots
  }

  // MARK: In full precision

  private func exact(_ query: [Float], _ wanted: Int, _ permitted: SlotSet) throws -> [Neighbor] {
    var best = NearestHeap(limit: wanted, mostTies: Self.mostTies)
    try permitted.forEach { slot in best.offer(try measure(query, slot), slot) }
    return best.sorted()
  }

  private func rescored(_ candidates: [UInt32], _ query: [Float], _ wanted: Int) throws -> [Neighbor] {
    var best = NearestHeap(limit: wanted, mostTies: Self.mostTies)
    for candidate in candidates { martlet_prefetch(vectors.row(Int(candidate)), dimension * 4) }
    for candidate in candidates { best.offer(try measure(query, Int(candidate)), Int(candidate)) }
    return best.sorted()
  }

  private func measure(_ query: [Float], _ slot: Int) throws -> Float {
    guard vectors.isSound(slot) else { throw DamagedIndex() }
    let row = vectors.row(slot)
    if distance == .l2 {
      var square: Float = 0
      graph.kernels.pointee.squared_distance_many(query, row, dimension, 1, dimension, &square)
      return square
    }
    return 1 - graph.kernels.pointee.dot(query, row, dimension)
  }
}

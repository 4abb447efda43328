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
  /// What a walk keeps in view by default: enough for a recall of some 99.8% of ten neighbours.
  static let defaultEffort = 128
  /// Of the distance to the last of those that are wanted, how much farther a walk looks for each node that it keeps in
  /// view for one that is wanted. By measurement: recall on clustered vectors and on those of texts, against comparisons.
  static let slack: Float = 0.02
  /// A filtered walk keeps at most so many times the effort in view. By measurement: with less, the texts' vectors are
  /// compared with all that are permitted too often.
  static let filteredView = 4
  /// Where more than this share of all slots is permitted, a walk is tried that follows all of them alike.
  static let mostlyPermitted = 0.65
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
    return try graph.withQuery(query) { code in
      let candidates = withWalk { walk in
        self.candidates(code, wanted, kept: max(effort, wanted), permitted, permittedCount, walk)
      }
      return try rescored(candidates, query, code, wanted)
    }
  }

  // MARK: By codes

  /// The nearest by whole codes, nearest first.
  private func candidates(
    _ code: martlet_code_query, _ wanted: Int, kept: Int, _ permitted: SlotSet, _ permittedCount: Int,
    _ walk: Walk
  ) -> [martlet_neighbor] {
    // By codes the order is a little off: so many of the nearest by codes hold the nearest in truth.
    let candidateCount = max(3 * wanted, 30)
    var found = [martlet_neighbor]()
    var unscanned = 0
    if isWalkWorthwhile(kept: kept, permittedCount) {
      found = walked(code, wanted, kept: kept, candidateCount, permitted, permittedCount, walk)
      // There are more than are wanted: a walk that found fewer ended where no way led on.
      if found.count >= wanted { unscanned = graph.linked } else { found = [] }
    }
    guard unscanned < count else { return found }
    walk.prepare(nodes: count, effort: candidateCount)
    let scanned = permitted.words.withUnsafeBufferPointer { words in
      graph.withGraph { graph in
        self.graph.kernels.pointee.scan_codes(
          graph, code, unscanned, count, words.baseAddress, walk.state.pool, 0, candidateCount)
      }
    }
    let known = Set(found.map(\.node))
    for place in 0..<scanned where !known.contains(walk.state.pool[place].node) {
      found.append(walk.state.pool[place])
    }
    return found.sorted { ($0.distance, $0.node) < ($1.distance, $1.node) }
  }

  /// A scan takes as long as there are records that are permitted; a walk the longer the fewer of them are.
  private func isWalkWorthwhile(kept: Int, _ permittedCount: Int) -> Bool {
    guard graph.linked > count / 2 else { return false }
    return permittedCount * permittedCount > 33 * kept * count
  }

  /// What a walk finds of the permitted, nearest first.
  private func walked(
    _ code: martlet_code_query, _ wanted: Int, kept: Int, _ candidateCount: Int, _ permitted: SlotSet,
    _ permittedCount: Int, _ walk: Walk
  ) -> [martlet_neighbor] {
    let share = Double(permittedCount) / Double(count)
    if share > Self.mostlyPermitted,
      let found = walkAmongAll(code, wanted, kept: kept, candidateCount, permitted, share: share, walk)
    {
      return found
    }
    return walkFiltered(code, wanted, kept: kept, candidateCount, permitted, permittedCount, walk)
  }

  /// A walk that goes its way as if all were permitted, so much further that as many are as a rule. After some deletes
  /// this is quicker than a filtered walk, for it ends early.
  ///
  /// - Returns: Nil where the nearest are mostly not permitted: the walk may have ended too early.
  private func walkAmongAll(
    _ code: martlet_code_query, _ wanted: Int, kept: Int, _ candidateCount: Int, _ permitted: SlotSet,
    share: Double, _ walk: Walk
  ) -> [martlet_neighbor]? {
    // So many of all hold as many of the permitted, were these spread by chance, in 39 of 40 cases.
    func withOthers(_ number: Int) -> Int {
      let number = Double(number)
      return Int(((number + 2 * (number * (1 - share)).squareRoot()) / share).rounded(.up))
    }
    // Easy queries end before as many nodes were followed as are to be kept in view, and hard ones look at twice as many.
    let view = isEndedEarly ? 2 * kept : kept
    let enoughCandidates = min(candidateCount, view)
    let reach = martlet_reach(
      ef: withOthers(view), enough: withOthers(isEndedEarly ? wanted : view),
      slack: slack(kept: kept, wanted), wanted: withOthers(enoughCandidates))
    walk.prepare(nodes: count, effort: reach.ef)
    let walked = graph.withGraph { graph in
      self.graph.kernels.pointee.walk_graph(graph, code, reach, &walk.state)
    }
    let found = expanded(walk, walked, permitted)
    guard share < 1 else { return found }
    let isEnough = expanded(walk, min(walked, reach.enough), permitted).count >= wanted
    return isEnough && found.count >= enoughCandidates ? found : nil
  }

  /// A walk that keeps in view only what is permitted.
  ///
  /// - Returns: Empty where it found too few within its limit, or so many that are about equally near that the nearest
  ///   may be others: comparing all is better then.
  private func walkFiltered(
    _ code: martlet_code_query, _ wanted: Int, kept: Int, _ candidateCount: Int, _ permitted: SlotSet,
    _ permittedCount: Int, _ walk: Walk
  ) -> [martlet_neighbor] {
    let view = isEndedEarly ? Self.filteredView * kept : kept
    let reach = martlet_reach(
      ef: max(view, candidateCount), enough: wanted, slack: slack(kept: kept, wanted), wanted: candidateCount)
    walk.prepare(nodes: count, effort: reach.ef)
    walk.prepareFrontier()
    let heads = graph.withHeads(permitted)
    let walked = heads.words.withUnsafeBufferPointer { words in
      graph.withGraph { graph in
        self.graph.kernels.pointee.walk_graph_filtered(
          graph, code, reach, words.baseAddress, max(permittedCount / 2, 8 * Self.smallCount), &walk.state)
      }
    }
    return walked == Int(bitPattern: UInt.max) ? [] : expanded(walk, walked, permitted)
  }

  /// Inner products are no distances: there is no saying how far is far, and such walks keep what they are told to.
  private var isEndedEarly: Bool { distance != .ip }

  private func slack(kept: Int, _ wanted: Int) -> Float {
    isEndedEarly ? Self.slack * Float(kept) / Float(max(wanted, 10)) : .infinity
  }

  /// The nodes of a walk with those that hang on them, as far as they are permitted.
  private func expanded(_ walk: Walk, _ walked: Int, _ permitted: SlotSet) -> [martlet_neighbor] {
    var found = [martlet_neighbor]()
    found.reserveCapacity(walked)
    let hasTwins = graph.hasTwins
    for place in 0..<walked {
      let neighbor = walk.state.pool[place]
      if permitted.contains(Int(neighbor.node)) { found.append(neighbor) }
      guard hasTwins else { continue }
      graph.forEachTwin(of: neighbor.node) { twin in
        if permitted.contains(Int(twin)) {
          found.append(martlet_neighbor(distance: neighbor.distance, node: twin))
        }
      }
    }
    return found
  }

  // MARK: In full precision

  private func exact(_ query: [Float], _ wanted: Int, _ permitted: SlotSet) throws -> [Neighbor] {
    var best = NearestHeap(limit: wanted, mostTies: Self.mostTies)
    try withVectors { vector in
      try permitted.forEach { slot in best.offer(measure(query, try vector(slot)), slot) }
    }
    return best.sorted()
  }

  /// Of the nearest by codes, the nearest in truth. What is farther by its code than as many as are wanted in truth, and
  /// by more than codes are off, is not looked at.
  private func rescored(
    _ candidates: [martlet_neighbor], _ query: [Float], _ code: martlet_code_query, _ wanted: Int
  ) throws -> [Neighbor] {
    var best = NearestHeap(limit: wanted, mostTies: Self.mostTies)
    try withVectors { vector in
      func rescore(_ some: ArraySlice<martlet_neighbor>) throws {
        for candidate in some { martlet_prefetch(vectors.row(Int(candidate.node)), vectors.rowBytes) }
        for candidate in some {
          best.offer(measure(query, try vector(Int(candidate.node))), Int(candidate.node))
        }
      }
      try rescore(candidates.prefix(wanted))
      guard candidates.count > wanted, let farthest = best.farthest else { return }
      let length = graph.kernels.pointee.dot(query, query, dimension).squareRoot()
      let others = candidates[wanted...].filter { candidate in
        !(candidate.distance - codeError(of: Int(candidate.node), code, queryLength: length) > farthest)
      }
      try rescore(others[...])
    }
    return best.sorted()
  }

  /// What a distance by whole codes may be off: five times what rounding to 8 bits does to it as a rule.
  ///
  /// Each number of a code is off by up to half a step, evenly: its variance is a twelfth of the step's square. In a
  /// product with another vector these errors add up, each times the other's number.
  private func codeError(of slot: Int, _ query: martlet_code_query, queryLength: Float) -> Float {
    let step = graph.scales[slot]
    let length =
      switch distance {
      case .cosine: Float(1)
      case .l2: graph.offsets[slot].squareRoot()
      // At most, as no number is larger than 127 steps.
      case .ip: 127 * step * Float(dimension).squareRoot()
      }
    let byNode = (distance == .l2 ? 2 : 1) * step * queryLength
    return 5 / Float(12).squareRoot() * (byNode + query.factor * length)
  }

  private func measure(_ query: [Float], _ vector: UnsafePointer<Float>) -> Float {
    if distance == .l2 {
      var square: Float = 0
      graph.kernels.pointee.squared_distance_many(query, vector, dimension, 1, dimension, &square)
      return square
    }
    return 1 - graph.kernels.pointee.dot(query, vector, dimension)
  }
}

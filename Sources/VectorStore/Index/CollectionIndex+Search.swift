import MartletKernels

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
  /// All records of an index that was not measured yet are, too, where it has no more than these.
  static let unmeasuredCount = 65_536
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
  ///   - effort: How well to search.
  func nearest(
    to query: [Float], count wanted: Int, allowed: SlotSet?, effort: SearchEffort
  ) throws -> [Neighbor] {
    try nearest(to: query, count: wanted, allowed: allowed, effort: effort, measured: graph.effort)
  }

  /// As above, with an effort that may not be the graph's yet.
  func nearest(
    to query: [Float], count wanted: Int, allowed: SlotSet?, effort: SearchEffort, measured: MeasuredEffort?
  ) throws -> [Neighbor] {
    var query = query
    if distance == .cosine {
      query.withUnsafeMutableBufferPointer { if let start = $0.baseAddress { normalize(start) } }
    }
    for place in query.indices { query[place] += 0 }
    let permitted = allowed ?? alive
    let permittedCount = allowed?.population ?? aliveCount
    guard wanted > 0, permittedCount > 0 else { return [] }
    // Codes hold the nearest among more candidates where records are close to each other.
    let widening = measured.map(\.widening) ?? MeasuredEffort.unmeasuredWidening
    let wide = widening == 1 ? wanted : max(wanted, WalkReach.leastWanted) * widening
    guard effort != .exact, wide > 0, count > (measured == nil ? Self.unmeasuredCount : Self.smallCount),
      permittedCount > max(Self.exactCount, 2 * wide)
    else { return try exact(query, wanted, permitted) }
    return try graph.withQuery(query) { code in
      var candidates = withWalk { walk in
        self.candidates(
          code, wide, walkReach(wide, effort, measured), permitted, permittedCount, walk)
      }
      addEqual(to: query, permitted, &candidates)
      return try rescored(candidates, query, code, wanted)
    }
  }

  // MARK: By codes

  /// What is asked of a walk; nil where comparing all is better.
  private func walkReach(
    _ wanted: Int, _ effort: SearchEffort, _ measured: MeasuredEffort?
  ) -> WalkReach? {
    if case .nodes(let kept) = effort { return WalkReach(wanted: wanted, kept: max(1, kept), distance) }
    guard let point = measured?.point(wanted: wanted) else {
      return WalkReach(wanted: wanted, kept: max(MeasuredEffort.leastNodes, 2 * wanted), distance)
    }
    guard point.nodes > 0 else { return nil }
    return WalkReach(wanted: wanted, kept: point.nodes, comparisons: point.comparisons, distance)
  }

  /// The nearest by whole codes, nearest first.
  private func candidates(
    _ code: martlet_code_query, _ wanted: Int, _ reach: WalkReach?, _ permitted: SlotSet,
    _ permittedCount: Int,
    _ walk: Walk
  ) -> [martlet_neighbor] {
    let candidateCount = WalkReach(wanted: wanted, kept: wanted, distance).candidates
    var found = [martlet_neighbor]()
    var unscanned = 0
    if let reach, graph.linked > count / 2, reach.isShorter(thanScanOf: permittedCount, of: count) {
      found = walked(code, reach, permitted, permittedCount, walk)
      // There are more than are wanted: a walk that found fewer ended where no way led on.
      if found.count >= wanted { unscanned = graph.linked } else { found = [] }
    }
    if unscanned > 0, let doubted = graph.doubted(among: permitted, before: unscanned) {
      merge(expanded(walk, scan(code, doubted, 0..<unscanned, candidateCount, walk), permitted), into: &found)
    }
    guard unscanned < count else { return found }
    let scanned = scan(code, permitted, unscanned..<count, candidateCount, walk)
    merge((0..<scanned).map { walk.state.pool[$0] }, into: &found)
    return found
  }

  /// Compares the code with those of a part of some slots, and leaves the nearest in the walk's pool. Says how many.
  private func scan(
    _ code: martlet_code_query, _ slots: SlotSet, _ part: Range<Int>, _ limit: Int, _ walk: Walk
  ) -> Int {
    walk.prepare(nodes: count, effort: limit)
    return slots.words.withUnsafeBufferPointer { words in
      graph.withGraph { graph in
        self.graph.kernels.pointee.scan_codes(
          graph, code, part.lowerBound, part.upperBound, words.baseAddress, walk.state.pool, 0, limit)
      }
    }
  }

  /// Adds the slots that hold the query itself: a walk may miss a vector that is far from all others, and what was added
  /// is found by its own vector, always.
  private func addEqual(to query: [Float], _ permitted: SlotSet, _ found: inout [martlet_neighbor]) {
    guard distance != .ip else { return }
    let slots = slots(holding: query)
    guard !slots.isEmpty else { return }
    var known = Set(found.map(\.node))
    var missing = [martlet_neighbor]()
    func add(_ node: UInt32) {
      guard permitted.contains(Int(node)), known.insert(node).inserted else { return }
      missing.append(martlet_neighbor(distance: -.infinity, node: node))
    }
    for slot in slots {
      let head = UInt32(graph.head(of: slot))
      add(head)
      graph.forEachTwin(of: head, add)
    }
    found = missing + found
  }

  private func merge(_ others: [martlet_neighbor], into found: inout [martlet_neighbor]) {
    let known = Set(found.map(\.node))
    found += others.filter { !known.contains($0.node) }
    found.sort { ($0.distance, $0.node) < ($1.distance, $1.node) }
  }

  /// What a walk finds of the permitted, nearest first.
  private func walked(
    _ code: martlet_code_query, _ reach: WalkReach, _ permitted: SlotSet, _ permittedCount: Int, _ walk: Walk
  ) -> [martlet_neighbor] {
    let share = Double(permittedCount) / Double(count)
    if share > Self.mostlyPermitted, let found = walkAmongAll(code, reach, permitted, share: share, walk) {
      return found
    }
    return walkFiltered(code, reach, permitted, permittedCount, walk)
  }

  /// A walk that goes its way as if all were permitted, so much further that as many are as a rule. After some deletes
  /// this is quicker than a filtered walk, for it ends early.
  ///
  /// - Returns: Nil where the nearest are mostly not permitted: the walk may have ended too early.
  private func walkAmongAll(
    _ code: martlet_code_query, _ reach: WalkReach, _ permitted: SlotSet, share: Double, _ walk: Walk
  ) -> [martlet_neighbor]? {
    // So many of all hold as many of the permitted, were these spread by chance, in 39 of 40 cases.
    func withOthers(_ number: Int) -> Int {
      let number = Double(number)
      return Int(((number + 2 * (number * (1 - share)).squareRoot()) / share).rounded(.up))
    }
    let plain = reach.plain
    let widened = martlet_reach(
      ef: withOthers(plain.ef), enough: withOthers(plain.enough), slack: plain.slack,
      wanted: withOthers(plain.wanted))
    walk.prepare(nodes: count, effort: widened.ef)
    let walked = graph.withGraph { graph in
      self.graph.kernels.pointee.walk_graph(graph, code, widened, &walk.state)
    }
    let found = expanded(walk, walked, permitted)
    guard share < 1 else { return found }
    let isEnough = expanded(walk, min(walked, widened.enough), permitted).count >= reach.wanted
    return isEnough && found.count >= plain.wanted ? found : nil
  }

  /// A walk that keeps in view only what is permitted.
  ///
  /// - Returns: Empty where it found too few within its limit, or so many that are about equally near that the nearest
  ///   may be others: comparing all is better then.
  private func walkFiltered(
    _ code: martlet_code_query, _ reach: WalkReach, _ permitted: SlotSet, _ permittedCount: Int, _ walk: Walk
  ) -> [martlet_neighbor] {
    let filtered = martlet_reach(
      ef: reach.viewUnderFilter, enough: reach.enough, slack: reach.slack, wanted: reach.candidates)
    walk.prepare(nodes: count, effort: filtered.ef)
    walk.prepareFrontier()
    let heads = graph.withHeads(permitted)
    let walked = heads.words.withUnsafeBufferPointer { words in
      graph.withGraph { graph in
        self.graph.kernels.pointee.walk_graph_filtered(
          graph, code, filtered, words.baseAddress, max(permittedCount / 2, 8 * Self.smallCount), &walk.state)
      }
    }
    return walked == Int(bitPattern: UInt.max) ? [] : expanded(walk, walked, permitted)
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

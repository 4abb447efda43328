import MartletKernels
import MartletSeededRandom
import Testing

/// Codes and graphs: every form finds the same neighbours in the same order, and they are the right ones.
@Suite("Codes and graphs")
struct GraphTests {
  /// Vectors around a few centres, with their codes and room for a graph.
  private final class Field {
    let memory = Memory()
    let dimension, stride, count: Int
    let degree = 16
    let vectors: [Float]
    let codes: UnsafeMutablePointer<UInt8>
    let scales, offsets: UnsafeMutablePointer<Float>
    let links: UnsafeMutablePointer<UInt32>
    let locks: UnsafeMutablePointer<UInt32>
    let entries: UnsafeMutablePointer<UInt32>
    let entryCodes: UnsafeMutablePointer<UInt8>
    let sketches: UnsafeMutablePointer<UInt8>?
    let doubts: UnsafeMutablePointer<UInt64>
    let isEuclidean: Bool

    init(count: Int, dimension: Int, isEuclidean: Bool, _ random: inout SplitMix64) {
      (self.count, self.dimension, self.isEuclidean) = (count, dimension, isEuclidean)
      stride = (dimension + 127) / 128 * 128
      let centres = (0..<8).map { _ in random.floats(dimension) }
      vectors = (0..<count).flatMap { index -> [Float] in
        let vector = zip(centres[index % 8], random.floats(dimension, -0.5...0.5)).map { $0 + $1 }
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return isEuclidean ? vector : vector.map { $0 / length }
      }
      codes = memory.empty(count * stride, of: UInt8.self)
      let sketchBytes = martlet_sketch_bytes(stride)
      sketches = sketchBytes > 0 ? memory.empty(count * sketchBytes, of: UInt8.self) : nil
      (scales, offsets) = (memory.empty(count), memory.empty(count))
      links = memory.empty(count * degree, of: UInt32.self)
      locks = memory.copy([UInt32](repeating: 0, count: 64))
      doubts = memory.copy([UInt64](repeating: 0, count: (count + 63) / 64))
      entries = memory.copy([0])
      entryCodes = memory.empty(stride / 2, of: UInt8.self)
      for index in 0..<count {
        let vector = Array(vectors[index * dimension..<(index + 1) * dimension])
        scales[index] = Form.portable.graphs.encode_node(vector, dimension, codes + index * stride, stride)
        offsets[index] = vector.reduce(0) { $0 + $1 * $1 }
        guard let sketches else { continue }
        Form.portable.graphs.sketch_node(
          codes + index * stride, stride, scales[index], isEuclidean ? offsets[index] : 0,
          sketches + index * sketchBytes)
      }
      entryCodes.update(from: codes, count: stride / 2)
    }

    var graph: martlet_graph {
      martlet_graph(
        dimension: dimension, stride: stride, degree: degree, nodes: count, codes: codes, scales: scales,
        offsets: isEuclidean ? UnsafePointer(offsets) : nil,
        sketches: sketches.map { UnsafePointer($0) }, links: links, entry_codes: entryCodes,
        entries: entries, entry_count: 1, locks: locks, lock_count: 64, doubts: doubts,
        is_euclidean: isEuclidean)
    }

    /// A query, which lives as long as the field.
    func query(_ vector: [Float]) -> martlet_code_query {
      let code = memory.empty(stride, of: Int8.self)
      let scale = Form.portable.graphs.encode_query(vector, dimension, code, stride)
      let square = vector.reduce(0) { $0 + $1 * $1 }
      return martlet_code_query(
        code: code, factor: isEuclidean ? 2 * scale : scale, base: isEuclidean ? square : 1)
    }

    func walk(ef: Int) -> martlet_walk {
      martlet_walk(
        visited: memory.copy([UInt64](repeating: 0, count: (count + 63) / 64)),
        trail: memory.empty(32, of: UInt32.self),
        trail_capacity: 32, pool: memory.empty(ef + 1, of: martlet_neighbor.self),
        flat_codes: memory.empty(3 * stride, of: Int8.self),
        frontier: memory.empty(count, of: martlet_neighbor.self), frontier_capacity: count,
        sought: UInt32.max, comparisons: 0)
    }

    func insertAll(_ form: Form, ef: Int = 32) {
      for index in 0..<count * degree { links[index] = UInt32.max }
      for word in 0..<(count + 63) / 64 { doubts[word] = 0 }
      var (graph, walk) = (graph, walk(ef: ef))
      for node in 1..<count { _ = form.graphs.insert_node(&graph, UInt32(node), ef, &walk) }
    }

    /// One number of a node's code, put together from its planes.
    func code(_ node: Int, _ d: Int) -> Int32 {
      let byte = node * stride + d / 128 * 64 + d % 64
      let shift = d % 128 / 64 * 4
      return Int32((codes[byte] >> shift & 15) << 4 | codes[byte + stride / 2] >> shift & 15) - 128
    }

    /// The nodes nearest to a query by their codes, as plain arithmetic finds them.
    func nearest(_ query: martlet_code_query, _ limit: Int, where isAllowed: (Int) -> Bool = { _ in true })
      -> [Found]
    {
      var all: [Found] = []
      for node in 0..<count where isAllowed(node) {
        var product: Int32 = 0
        for d in 0..<stride { product += Int32(query.code[d]) * code(node, d) }
        let base = query.base + (isEuclidean ? offsets[node] : 0)
        all.append(Found(distance: base - query.factor * scales[node] * Float(product), node: node))
      }
      return Array(all.sorted { ($0.distance, $0.node) < ($1.distance, $1.node) }.prefix(limit))
    }
  }

  private struct Found: Equatable {
    var distance: Float
    var node: Int

    static func of(_ pool: UnsafeMutablePointer<martlet_neighbor>, _ count: Int) -> [Found] {
      pool.first(count).map { Found(distance: $0.distance, node: Int($0.node)) }
    }
  }

  @Test("A node's two planes together hold the code that the same vector has as a query")
  func planes() {
    var random = SplitMix64(7)
    for n in [1, 63, 64, 65, 128, 200, 384] {
      let field = Field(count: 3, dimension: n, isEuclidean: false, &random)
      defer { field.memory.release() }
      for node in 0..<3 {
        let query = field.query(Array(field.vectors[node * n..<(node + 1) * n]))
        #expect((0..<n).allSatisfy { field.code(node, $0) == Int32(query.code[$0]) })
        #expect(query.factor == field.scales[node])
      }
    }
  }

  @Test(
    "A scan finds what plain arithmetic finds, filtered or not, in one piece or several", arguments: Form.all)
  func scan(form: Form) {
    var random = SplitMix64(2)
    for (count, dimension, isEuclidean) in [
      (1, 5, false), (130, 64, true), (700, 100, false), (900, 33, true),
    ] {
      let field = Field(count: count, dimension: dimension, isEuclidean: isEuclidean, &random)
      defer { field.memory.release() }
      var graph = field.graph
      let query = field.query(random.floats(dimension))
      let allowed = (0..<(count + 63) / 64).map { _ in random.next() & random.next() }
      let bits = field.memory.copy(allowed)
      for limit in [1, 10, 64] {
        let pool = field.memory.empty(limit, of: martlet_neighbor.self)
        let middle = random.int(0...count)
        var found = form.graphs.scan_codes(&graph, query, 0, middle, nil, pool, 0, limit)
        found = form.graphs.scan_codes(&graph, query, middle, count, nil, pool, found, limit)
        #expect(Found.of(pool, found) == field.nearest(query, limit))
        found = form.graphs.scan_codes(&graph, query, 0, count, bits, pool, 0, limit)
        let expected = field.nearest(query, limit) { allowed[$0 >> 6] >> UInt64($0 & 63) & 1 == 1 }
        #expect(Found.of(pool, found) == expected)
      }
    }
  }

  @Test("Every form links the same graph and walks it alike", arguments: Form.others)
  func forms(form: Form) {
    // Codes of 384 numbers and more have sketches, with and without a rest of 128 numbers.
    for (dimension, isEuclidean) in [(70, false), (70, true), (384, false), (384, true), (500, false)] {
      var random = SplitMix64(3)
      let field = Field(
        count: form.isEmulated ? 200 : 600, dimension: dimension, isEuclidean: isEuclidean, &random)
      defer { field.memory.release() }
      field.insertAll(Form.portable)
      let portable = field.links.first(field.count * field.degree)
      let doubts = field.doubts.first((field.count + 63) / 64)
      field.insertAll(form)
      #expect(field.links.first(field.count * field.degree) == portable)
      #expect(field.doubts.first((field.count + 63) / 64) == doubts)
      var (graph, walk) = (field.graph, field.walk(ef: 20))
      for round in 0..<20 {
        let query = field.query(random.floats(dimension))
        let reach = martlet_reach(ef: 20, enough: 5, slack: [.infinity, 0, 0.1, 0.5][round % 4], wanted: 15)
        let found = Found.of(walk.pool, form.graphs.walk_graph(&graph, query, reach, &walk))
        let compared = walk.comparisons
        let expected = Found.of(walk.pool, Form.portable.graphs.walk_graph(&graph, query, reach, &walk))
        #expect(found == expected && walk.comparisons == 2 * compared)
        walk.comparisons = 0
        let some = field.memory.copy((0..<(field.count + 63) / 64).map { _ in random.next() })
        func filtered(_ form: Form) -> [Found] {
          let count = form.graphs.walk_graph_filtered(
            &graph, query, .whole(20, wanted: 15), some, field.count, &walk)
          return Found.of(walk.pool, count)
        }
        #expect(filtered(form) == filtered(Form.portable))
        walk.comparisons = 0
      }
    }
  }

  @Test("What a walk found is in the order of whole codes, and no more than was wanted", arguments: Form.all)
  func order(form: Form) {
    for isEuclidean in [false, true] {
      var random = SplitMix64(8)
      let field = Field(count: 150, dimension: 40, isEuclidean: isEuclidean, &random)
      defer { field.memory.release() }
      field.insertAll(Form.portable)
      var (graph, walk) = (field.graph, field.walk(ef: 30))
      for wanted in [1, 7, 30] {
        let query = field.query(random.floats(40))
        let distances = Dictionary(
          uniqueKeysWithValues: field.nearest(query, field.count).map { ($0.node, $0.distance) })
        let found = Found.of(
          walk.pool, form.graphs.walk_graph(&graph, query, .whole(30, wanted: wanted), &walk))
        #expect(found.count == wanted && found.allSatisfy { distances[$0.node] == $0.distance })
        #expect(zip(found, found.dropFirst()).allSatisfy { ($0.distance, $0.node) < ($1.distance, $1.node) })
      }
    }
  }

  @Test("Walks find nearly all of the ten nearest, with a filter, too, and leave no visit behind")
  func recall() {
    let form = Form.all.first { !$0.isEmulated && $0.kernels.form != MARTLET_PORTABLE } ?? Form.portable
    for (dimension, isEuclidean) in [(48, false), (48, true), (400, false), (400, true)] {
      var random = SplitMix64(4)
      let field = Field(count: 2000, dimension: dimension, isEuclidean: isEuclidean, &random)
      defer { field.memory.release() }
      field.insertAll(form, ef: 64)
      var (graph, walk) = (field.graph, field.walk(ef: 64))
      let allowed = (0..<(field.count + 63) / 64).map { _ in random.next() }
      let bits = field.memory.copy(allowed)
      let isAllowed = { (node: Int) in allowed[node >> 6] >> UInt64(node & 63) & 1 == 1 }
      var (hits, filteredHits, hitsWithoutSketches) = (0, 0, 0)
      var bare = graph
      bare.sketches = nil
      for index in 0..<50 {
        let start = index * 31 * field.dimension
        let query = field.query(
          field.vectors[start..<start + field.dimension].map { $0 + random.float(-0.1...0.1) })
        var found = Found.of(walk.pool, form.graphs.walk_graph(&graph, query, .whole(64, wanted: 64), &walk))
          .prefix(10)
        let nearest = Set(field.nearest(query, 10).map(\.node))
        hits += nearest.intersection(found.map(\.node)).count
        found = Found.of(walk.pool, form.graphs.walk_graph(&bare, query, .whole(64, wanted: 64), &walk))
          .prefix(10)
        hitsWithoutSketches += nearest.intersection(found.map(\.node)).count
        let count = form.graphs.walk_graph_filtered(
          &graph, query, .whole(64, wanted: 64), bits, field.count, &walk)
        found = Found.of(walk.pool, count).prefix(10)
        #expect(found.allSatisfy { isAllowed($0.node) })
        filteredHits +=
          Set(found.map(\.node)).intersection(field.nearest(query, 10, where: isAllowed).map(\.node)).count
      }
      // Amid 400 numbers drawn by chance all of a cluster are about equally far: the ten nearest are hard to tell.
      let enough = dimension == 48 ? 490 : 485
      #expect(
        hitsWithoutSketches >= enough && filteredHits >= 490, "\(hitsWithoutSketches), \(filteredHits) of 500"
      )
      #expect(hits >= hitsWithoutSketches - 5, "\(hits), \(hitsWithoutSketches) of 500")
      #expect(walk.visited.first((field.count + 63) / 64).allSatisfy { $0 == 0 })
    }
  }

  @Test("The less slack a walk has, the fewer nodes it compares; little suffices for most of the nearest")
  func slack() {
    let form = Form.all.first { !$0.isEmulated && $0.kernels.form != MARTLET_PORTABLE } ?? Form.portable
    for isEuclidean in [false, true] {
      var random = SplitMix64(9)
      let field = Field(count: 2000, dimension: 48, isEuclidean: isEuclidean, &random)
      defer { field.memory.release() }
      field.insertAll(form, ef: 64)
      var (graph, walk) = (field.graph, field.walk(ef: 128))
      var (hits, compared) = ([Int](), [Int]())
      for slack in [Float.infinity, 0.5, 0.1, 0] {
        let reach = martlet_reach(ef: 128, enough: 10, slack: slack, wanted: 30)
        walk.comparisons = 0
        hits.append(0)
        for index in 0..<100 {
          let start = index * 17 * field.dimension
          let query = field.query(field.vectors[start..<start + field.dimension].map { $0 + 0.02 })
          let found = Found.of(walk.pool, form.graphs.walk_graph(&graph, query, reach, &walk)).prefix(10)
          hits[hits.count - 1] +=
            Set(found.map(\.node)).intersection(field.nearest(query, 10).map(\.node)).count
        }
        compared.append(walk.comparisons)
      }
      #expect(hits[1] >= hits[0] - 1 && hits[2] >= 980, "\(hits) of 1000")
      #expect(zip(compared, compared.dropFirst()).allSatisfy { $0 >= $1 }, "\(compared)")
      #expect(compared[3] < compared[2] && compared[2] < compared[0], "\(compared)")
    }
  }

  @Test(
    "A walk that looks for a node ends when it meets it, and all that were inserted are in doubt",
    arguments: Form.all)
  func sought(form: Form) {
    var random = SplitMix64(12)
    let field = Field(count: form.isEmulated ? 200 : 600, dimension: 40, isEuclidean: true, &random)
    defer { field.memory.release() }
    field.insertAll(form)
    var (graph, walk) = (field.graph, field.walk(ef: 24))
    #expect((1..<field.count).allSatisfy { field.doubts[$0 >> 6] >> UInt64($0 & 63) & 1 == 1 })
    var shorter = 0
    for node in 1..<field.count {
      let vector = Array(field.vectors[node * 40..<(node + 1) * 40])
      let query = field.query(vector)
      walk.comparisons = 0
      let whole = Found.of(walk.pool, form.graphs.walk_graph(&graph, query, .whole(24, wanted: 24), &walk))
      let compared = walk.comparisons
      (walk.sought, walk.comparisons) = (UInt32(node), 0)
      let found = Found.of(walk.pool, form.graphs.walk_graph(&graph, query, .whole(24, wanted: 24), &walk))
      walk.sought = .max
      #expect(found.map(\.node) == (whole.contains { $0.node == node } ? [node] : []))
      shorter += walk.comparisons < compared ? 1 : 0
    }
    #expect(shorter > field.count / 2)
    #expect(walk.visited.first((field.count + 63) / 64).allSatisfy { $0 == 0 })
  }

  @Test("A filtered walk gives up when it has compared more than it may", arguments: Form.all)
  func givesUp(form: Form) {
    var random = SplitMix64(5)
    let field = Field(count: 150, dimension: 16, isEuclidean: false, &random)
    defer { field.memory.release() }
    field.insertAll(form)
    var (graph, walk) = (field.graph, field.walk(ef: 8))
    let none = field.memory.copy([UInt64](repeating: 0, count: 3))
    let query = field.query(random.floats(16))
    #expect(
      form.graphs.walk_graph_filtered(&graph, query, .whole(8, wanted: 8), none, 50, &walk)
        == Int(bitPattern: UInt.max))
    #expect(walk.visited.first(3).allSatisfy { $0 == 0 })
  }

  @Test(
    "A filtered walk gives up where more are as near as the slack asks for than it keeps in view",
    arguments: Form.all)
  func givesUpAmongEquals(form: Form) {
    var random = SplitMix64(11)
    // Random directions of many numbers are all about equally far from each other.
    let field = Field(count: 600, dimension: 96, isEuclidean: true, &random)
    defer { field.memory.release() }
    field.insertAll(form, ef: 64)
    var (graph, walk) = (field.graph, field.walk(ef: 64))
    let all = field.memory.copy([UInt64](repeating: .max, count: 10))
    let query = field.query(random.floats(96))
    func found(_ ef: Int, _ slack: Float) -> Int {
      let reach = martlet_reach(ef: ef, enough: 5, slack: slack, wanted: 5)
      return form.graphs.walk_graph_filtered(&graph, query, reach, all, 600, &walk)
    }
    #expect(found(16, 0.5) == Int(bitPattern: UInt.max))
    #expect(found(64, 0.001) == 5 && found(16, .infinity) == 5)
    #expect(walk.visited.first(10).allSatisfy { $0 == 0 })
  }

  @Test("A node with another's code is not linked, and that one is named", arguments: Form.all)
  func twins(form: Form) {
    var random = SplitMix64(6)
    let field = Field(count: 40, dimension: 20, isEuclidean: true, &random)
    defer { field.memory.release() }
    field.insertAll(form)
    var (graph, walk) = (field.graph, field.walk(ef: 32))
    (field.codes + 39 * field.stride).update(from: field.codes + 7 * field.stride, count: field.stride)
    (field.scales[39], field.offsets[39]) = (field.scales[7], field.offsets[7])
    for index in 0..<field.degree { field.links[39 * field.degree + index] = UInt32.max }
    #expect(form.graphs.insert_node(&graph, 39, 32, &walk) == 7)
    #expect(field.links[39 * field.degree] == UInt32.max)
  }
}

extension martlet_reach {
  /// A walk that ends when no node in view is left.
  fileprivate static func whole(_ ef: Int, wanted: Int) -> Self {
    martlet_reach(ef: ef, enough: ef, slack: .infinity, wanted: wanted)
  }
}

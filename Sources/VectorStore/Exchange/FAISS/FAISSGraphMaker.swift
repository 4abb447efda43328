import MartletKernels

/// Makes FAISS's graph over vectors that come one after the other: in the lowest layer the links of Martlet's own graph,
/// and above it a sample of the nodes, through which a search comes near to where it has to look.
///
/// Martlet's walks compare a sample of the nodes with the query to begin; FAISS begins at one node and has layers for
/// the way from there (Malkov and Yashunin 2018, section 4), whose nodes are linked here by the paper's heuristic.
final class FAISSGraphMaker {
  private let index: CollectionIndex
  /// Of so many nodes one is in the upper layer.
  private static let sampleStep = 256
  /// Links that a node of the upper layer chooses, and has room for: others choose it.
  private static let (upperLinks, upperRoom) = (32, 64)
  /// Beside the links of its own, a node has room for one to what shares its code, and one back.
  private static let twinRoom = 2
  private static let searchEffort: Int32 = 64

  init(dimension: Int, distance: Distance) throws(VectorStoreError) {
    let info = CollectionInfo(
      number: 0, id: "",
      configuration: CollectionConfiguration(name: "", dimension: dimension, distance: distance),
      created: 0, epoch: 0)
    index = try CollectionIndex(info: info, dimension: dimension, vectors: VectorFile(dimension: dimension))
  }

  /// How many vectors came.
  var count: Int { index.count }

  /// A vector, with the length that it came with (or 1 for the cosine).
  func vector(_ node: Int) -> [Float] {
    Array(UnsafeBufferPointer(start: index.vectors.floats(node), count: index.dimension))
  }

  /// Takes the next vector.
  func append(_ vector: [Float]) throws(VectorStoreError) {
    var copy = vector
    try copy.withUnsafeMutableBufferPointer { (buffer) throws(VectorStoreError) in
      if let start = buffer.baseAddress { try index.append(key: Int64(index.count), start) }
    }
  }

  /// Links what came.
  func make() throws -> FAISSGraph {
    try GraphBuilder(index, shouldStop: { false }).run()
    let sample = stride(from: 0, to: count, by: Self.sampleStep).filter { !index.graph.isTwin($0) }
    let upper = upperLinks(of: sample)
    let twins = twinLinks()
    let room = index.graph.degree + Self.twinRoom
    var layers = [Int32]()
    var links = [Int32]()
    var next = 0
    for node in 0..<count {
      let row = index.graph.links(of: node).map { Int32($0) } + (twins[node] ?? [])
      links += row + [Int32](repeating: -1, count: room - row.count)
      let isUpper = next < sample.count && sample[next] == node
      layers.append(isUpper ? 2 : 1)
      guard isUpper else { continue }
      links += upper[next].map { Int32(sample[$0]) }
      links += [Int32](repeating: -1, count: Self.upperRoom - upper[next].count)
      next += 1
    }
    let share = 1 / Double(Self.sampleStep)
    return FAISSGraph(
      layers: layers, links: links, roomBelow: [0, Int32(room), Int32(room + Self.upperRoom)],
      probabilities: [1 - share, share], entry: count == 0 ? -1 : 0,
      constructionEffort: Int32(NeighborGraph.constructionEffort), searchEffort: Self.searchEffort)
  }

  /// Nodes with one and the same code hang on the first of them in a chain; here they are linked both ways.
  private func twinLinks() -> [Int: [Int32]] {
    var links = [Int: [Int32]]()
    guard index.graph.hasTwins else { return links }
    for head in 0..<count where !index.graph.isTwin(head) {
      var last = head
      index.graph.forEachTwin(of: UInt32(head)) { twin in
        links[last, default: []].append(Int32(twin))
        links[Int(twin), default: []].append(Int32(last))
        last = Int(twin)
      }
    }
    return links
  }

  // MARK: The upper layer

  /// For each place in the sample the places that it is linked with.
  private func upperLinks(of sample: [Int]) -> [[Int]] {
    let (dimension, kernels) = (index.dimension, index.graph.kernels.pointee)
    let vectors = sample.map(vector)
    let isEuclidean = index.graph.isEuclidean
    let squares = vectors.map { isEuclidean ? kernels.dot($0, $0, dimension) : 0 }
    func distance(_ a: Int, _ b: Int) -> Float {
      let product = kernels.dot(vectors[a], vectors[b], dimension)
      return isEuclidean ? squares[a] + squares[b] - 2 * product : -product
    }
    return Self.bothWays(sample.indices.map { Self.choose(for: $0, of: sample.count, distance) })
  }

  /// The nearest that are nearer to the node than to each one chosen before (Malkov and Yashunin 2018, algorithm 4).
  private static func choose(for place: Int, of count: Int, _ distance: (Int, Int) -> Float) -> [Int] {
    let nearest = (0..<count).filter { $0 != place }.map { (place: $0, distance: distance(place, $0)) }
      .sorted { $0.distance < $1.distance }.prefix(8 * upperLinks)
    var chosen = [Int]()
    for candidate in nearest where chosen.count < upperLinks {
      if chosen.allSatisfy({ candidate.distance < distance(candidate.place, $0) }) {
        chosen.append(candidate.place)
      }
    }
    return chosen
  }

  /// Adds the links back, where there is room.
  private static func bothWays(_ chosen: [[Int]]) -> [[Int]] {
    var links = chosen
    for (place, others) in chosen.enumerated() {
      for other in others where links[other].count < upperRoom && !links[other].contains(place) {
        links[other].append(place)
      }
    }
    return links
  }
}

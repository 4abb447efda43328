/// The graph of an `IndexHNSWFlat`: nodes in layers, each with room for so many links in each of its layers.
///
/// The names that FAISS gives the arrays stand beside them. Y. A. Malkov and D. A. Yashunin, "Efficient and robust
/// approximate nearest neighbor search using hierarchical navigable small world graphs", 2018.
public struct FAISSGraph: Sendable, Equatable {
  /// In how many layers each node is, from 1 (`levels`).
  public var layers: [Int32]
  /// The links of node 0 in its layers from the lowest up, then those of node 1, …; -1 where a link is free
  /// (`neighbors`).
  public var links: [Int32]
  /// How many links a node has room for in all layers below the n-th (`cum_nneighbor_per_level`): 0, 64, 96, …
  public var roomBelow: [Int32]
  /// How likely a new node's highest layer is each of them (`assign_probas`).
  public var probabilities: [Double]
  /// The node where searches begin; -1 in an empty graph (`entry_point`).
  public var entry: Int32
  /// How wide FAISS searches for a new node's neighbours (`efConstruction`).
  public var constructionEffort: Int32
  /// How wide FAISS searches unless told otherwise (`efSearch`).
  public var searchEffort: Int32

  /// Creates a graph of these arrays.
  public init(
    layers: [Int32], links: [Int32], roomBelow: [Int32], probabilities: [Double], entry: Int32,
    constructionEffort: Int32 = 40, searchEffort: Int32 = 16
  ) {
    self.layers = layers
    self.links = links
    self.roomBelow = roomBelow
    self.probabilities = probabilities
    self.entry = entry
    self.constructionEffort = constructionEffort
    self.searchEffort = searchEffort
  }

  /// Creates a graph of one layer.
  ///
  /// - Parameters:
  ///   - links: For each node `degree` links, -1 where one is free.
  ///   - degree: How many links each node has room for.
  ///   - entry: Where searches begin.
  ///   - searchEffort: How wide FAISS searches unless told otherwise.
  public init(oneLayer links: [Int32], degree: Int, entry: Int, searchEffort: Int = 64) {
    let count = degree > 0 ? links.count / degree : 0
    self.init(
      layers: [Int32](repeating: 1, count: count), links: links, roomBelow: [0, Int32(clamping: degree)],
      probabilities: [1], entry: count == 0 ? -1 : Int32(clamping: entry),
      searchEffort: Int32(clamping: searchEffort))
  }

  /// How many nodes it has.
  public var count: Int { layers.count }

  /// What is wrong with it, where something is: FAISS would search past the ends of arrays.
  public var fault: String? {
    var checker = FAISSGraphChecker(count: count, roomBelow: roomBelow)
    if let fault = checker.faultOfRoom() { return fault }
    for height in layers { if let fault = checker.fault(layers: height) { return fault } }
    return checker.fault(entry: entry) ?? faultOfLinks(checker.room)
  }

  private func faultOfLinks(_ room: Int) -> String? {
    guard links.count == room else {
      return "there are \(links.count) links, but the layers have room for \(room)"
    }
    var start = 0
    for (node, height) in layers.enumerated() {
      for layer in 0..<Int(height) {
        for place in Int(roomBelow[layer])..<Int(roomBelow[layer + 1]) {
          let link = links[start + place]
          if link == -1 { continue }
          guard (0..<Int32(clamping: count)).contains(link) else {
            return "node \(node) is linked with node \(link), and there are \(count)"
          }
          guard layers[Int(link)] > layer else {
            return "node \(node) is linked in layer \(layer) with node \(link), which is not in it"
          }
        }
      }
      start += Int(roomBelow[Int(height)])
    }
    return nil
  }
}

/// The rules that a graph's small arrays keep, one node at a time.
struct FAISSGraphChecker {
  let count: Int
  let roomBelow: [Int32]
  /// Links that the nodes seen so far have room for.
  private(set) var room = 0
  private var nodes = 0

  init(count: Int, roomBelow: [Int32]) {
    self.count = count
    self.roomBelow = roomBelow
  }

  func faultOfRoom() -> String? {
    guard let first = roomBelow.first else { return "there is no layer" }
    guard first == 0 else { return "there is room for \(first) links below the lowest layer" }
    for (below, above) in zip(roomBelow, roomBelow.dropFirst()) where above < below {
      return "there is room for \(above) links below a layer, and for \(below) below the one under it"
    }
    return nil
  }

  /// Takes the next node.
  mutating func fault(layers: Int32) -> String? {
    guard layers >= 1, Int(layers) < roomBelow.count else {
      return "node \(nodes) is in \(layers) layers of \(roomBelow.count - 1)"
    }
    nodes += 1
    let (sum, overflow) = room.addingReportingOverflow(Int(roomBelow[Int(layers)]))
    guard !overflow else { return "there is room for more links than can be counted" }
    room = sum
    return nil
  }

  /// Where searches begin.
  func fault(entry: Int32) -> String? {
    guard count > 0 else { return entry == -1 ? nil : "searches begin at node \(entry), and there is none" }
    guard entry >= 0, Int(entry) < count else {
      return "searches begin at node \(entry), and there are \(count)"
    }
    return nil
  }
}

/// Where the arrays of a graph lie in a file. They are checked without being kept.
struct FAISSGraphSections {
  let input: CheckedInput
  /// An array: where its elements begin, and how many there are.
  struct Section { var offset: Int, count: Int }

  private var probabilities = Section(offset: 0, count: 0)
  private var roomBelow = [Int32]()
  private var layers = Section(offset: 0, count: 0)
  private var offsets = Section(offset: 0, count: 0)
  private var links = Section(offset: 0, count: 0)
  private var entry: Int32 = -1
  private var constructionEffort: Int32 = 0
  private var searchEffort: Int32 = 0

  /// More layers than a graph of all the atoms of the world would have.
  private static let mostLayers = 1024
  private static let chunk = 1 << 16

  /// Reads what an index of `count` vectors says of its graph.
  init(_ cursor: inout FieldCursor, count: Int) throws(VectorFileError) {
    input = cursor.input
    probabilities = try cursor.section(of: 8, "assign_probas")
    let room = try cursor.section(of: 4, "cum_nneighbor_per_level")
    guard room.count <= Self.mostLayers, probabilities.count <= Self.mostLayers else {
      throw input.damage(at: room.offset - 8, "cum_nneighbor_per_level", "\(room.count) layers")
    }
    roomBelow = try input.elements(room.count, at: room.offset, "cum_nneighbor_per_level")
    layers = try cursor.section(of: 4, "levels")
    guard layers.count == count else {
      throw input.damage(at: layers.offset - 8, "levels", "\(layers.count) nodes for \(count) vectors")
    }
    offsets = try cursor.section(of: 8, "offsets")
    guard offsets.count == count + 1 else {
      throw input.damage(at: offsets.offset - 8, "offsets", "\(offsets.count) offsets for \(count) nodes")
    }
    links = try cursor.section(of: 4, "neighbors")
    let entryOffset = cursor.offset
    entry = try cursor.integer("entry_point")
    let highest: Int32 = try cursor.integer("max_level")
    constructionEffort = try cursor.integer("efConstruction")
    searchEffort = try cursor.integer("efSearch")
    let _: Int32 = try cursor.integer("upper_beam")
    try check(count, entryOffset: entryOffset, highest: highest)
  }

  private func check(_ count: Int, entryOffset: Int, highest: Int32) throws(VectorFileError) {
    var checker = FAISSGraphChecker(count: count, roomBelow: roomBelow)
    if let fault = checker.faultOfRoom() {
      throw input.damage(at: layers.offset, "cum_nneighbor_per_level", fault)
    }
    var node = 0
    while node <= count {
      let some = min(Self.chunk, count + 1 - node)
      let starts: [UInt64] = try input.elements(some, at: offsets.offset + node * 8, "offsets")
      let heights: [Int32] = try input.elements(
        min(some, count - node), at: layers.offset + node * 4, "levels")
      for (index, start) in starts.enumerated() {
        guard start == UInt64(checker.room) else {
          throw input.damage(
            at: offsets.offset + (node + index) * 8, "offsets",
            "the links of node \(node + index) begin at \(start), where \(checker.room) is due")
        }
        if index < heights.count, let fault = checker.fault(layers: heights[index]) {
          throw input.damage(at: layers.offset + (node + index) * 4, "levels", fault)
        }
      }
      node += some
    }
    guard links.count == checker.room else {
      throw input.damage(
        at: links.offset - 8, "neighbors",
        "\(links.count) links, but the layers have room for \(checker.room)")
    }
    if let fault = checker.fault(entry: entry) { throw input.damage(at: entryOffset, "entry_point", fault) }
    let heights: [Int32] =
      count == 0 ? [0] : try input.elements(1, at: layers.offset + Int(entry) * 4, "levels")
    guard Int(highest) == Int(heights[0]) - 1 else {
      throw input.damage(
        at: entryOffset + 4, "max_level",
        "layer \(highest), but searches begin at a node of \(heights[0]) layers")
    }
    try checkLinks(count)
  }

  private func checkLinks(_ count: Int) throws(VectorFileError) {
    for start in stride(from: 0, to: links.count, by: Self.chunk) {
      let some: [Int32] = try input.elements(
        min(Self.chunk, links.count - start), at: links.offset + start * 4, "neighbors")
      if let wrong = some.firstIndex(where: { $0 < -1 || Int($0) >= count }) {
        throw input.damage(
          at: links.offset + (start + wrong) * 4, "neighbors",
          "a link to node \(some[wrong]), and there are \(count)")
      }
    }
  }

  /// The graph itself: it takes as much memory as in the file.
  func graph() throws(VectorFileError) -> FAISSGraph {
    let graph = FAISSGraph(
      layers: try input.elements(layers.count, at: layers.offset, "levels"),
      links: try input.elements(links.count, at: links.offset, "neighbors"), roomBelow: roomBelow,
      probabilities: try input.elements(probabilities.count, at: probabilities.offset, "assign_probas"),
      entry: entry, constructionEffort: constructionEffort, searchEffort: searchEffort)
    if let fault = graph.fault { throw input.damage(at: links.offset, "neighbors", fault) }
    return graph
  }
}

/// Byte strings with numbers as a trie in one array, depth first: a subtree is a range of nodes, and its numbers are a
/// range of ``numbers``.
struct ByteTrie: Sendable {
  /// The byte that leads to each node. Node 0 is the root, whose byte means nothing.
  private(set) var bytes: [UInt8] = [0]
  /// The node after the subtree of each node.
  private(set) var ends: [Int32] = [0]
  private(set) var depths: [Int32] = [0]
  /// Where the numbers of each node's subtree begin; those of the node itself come first.
  private(set) var starts: [Int32] = [0]
  private(set) var numbers: [Int32] = []

  /// Strings in any order; several numbers may have the same one.
  init(_ entries: [(bytes: ArraySlice<UInt8>, number: Int32)]) {
    let sorted = entries.sorted {
      $0.bytes.lexicographicallyPrecedes($1.bytes)
        || ($0.bytes.elementsEqual($1.bytes) && $0.number < $1.number)
    }
    numbers = sorted.map(\.number)
    var path = [0]
    for (place, entry) in sorted.enumerated() {
      let shared = place == 0 ? 0 : zip(sorted[place - 1].bytes, entry.bytes).prefix { $0 == $1 }.count
      while path.count > shared + 1 { ends[path.removeLast()] = Int32(bytes.count) }
      for byte in entry.bytes.dropFirst(shared) {
        depths.append(Int32(path.count))
        path.append(bytes.count)
        bytes.append(byte)
        ends.append(0)
        starts.append(Int32(place))
      }
    }
    while let node = path.popLast() { ends[node] = Int32(bytes.count) }
    starts.append(Int32(numbers.count))
  }

  /// The subtrees of several nodes of a trie as one.
  init(merging nodes: [Int32], of trie: ByteTrie) {
    (bytes, ends, depths, starts) = ([], [], [], [])
    merge(nodes, of: trie, byte: 0, depth: 0)
    starts.append(Int32(numbers.count))
  }

  private mutating func merge(_ nodes: [Int32], of trie: ByteTrie, byte: UInt8, depth: Int32) {
    let place = bytes.count
    bytes.append(byte)
    ends.append(0)
    depths.append(depth)
    starts.append(Int32(numbers.count))
    var children: [(byte: UInt8, node: Int32)] = []
    for node in nodes {
      numbers += trie.numbers(at: Int(node))
      var child = node + 1
      while child < trie.ends[Int(node)] {
        children.append((trie.bytes[Int(child)], child))
        child = trie.ends[Int(child)]
      }
    }
    if nodes.count > 1 { children.sort { $0.byte < $1.byte } }
    var first = 0
    while first < children.count {
      let byte = children[first].byte
      let group = children[first...].prefix { $0.byte == byte }
      merge(group.map(\.node), of: trie, byte: byte, depth: depth + 1)
      first += group.count
    }
    ends[place] = Int32(bytes.count)
  }

  /// The numbers of a node alone.
  func numbers(at node: Int) -> ArraySlice<Int32> { numbers[Int(starts[node])..<Int(starts[node + 1])] }

  /// The numbers of a node and of all below it.
  func numbers(below node: Int) -> ArraySlice<Int32> {
    numbers[Int(starts[node])..<Int(starts[Int(ends[node])])]
  }

  /// The node of a string, if it has one.
  func node(of string: some Sequence<UInt8>, from start: Int = 0) -> Int? {
    var node = start
    for byte in string {
      var child = node + 1
      while child < ends[node] && bytes[child] != byte { child = Int(ends[child]) }
      guard child < ends[node] else { return nil }
      node = child
    }
    return node
  }
}

import MartletTokenizers

/// A continuation to be scored after its context, in tokens.
struct ScoredSequence {
  /// The context and the continuation, end to end.
  let tokens: [TokenID]
  /// Where the continuation begins; at least 1, since the first token follows nothing.
  let firstScored: Int

  /// What the model reads: nothing follows the last token.
  var input: ArraySlice<TokenID> { tokens.dropLast() }
}

/// What sequences have in common, so that it is computed once: a tree whose branches are runs of tokens.
///
/// A question's choices share the question, and questions share the examples before them.
struct ScoringTree {
  /// A run of tokens that continues its parent's.
  struct Node {
    /// The places of its tokens in each of its sequences.
    var range: Range<Int>
    /// The sequences that it is part of.
    var members: [Int]
    /// The nodes that continue it.
    var children: [Int] = []
  }
  private(set) var nodes: [Node] = []
  /// The nodes that continue nothing.
  private(set) var roots: [Int] = []

  /// Tokens that must be saved for a node of their own: each node is another step on the way to the last one.
  private static let leastSaved = 24

  /// - Parameter sequences: None is shorter than two tokens.
  init(_ sequences: [ScoredSequence]) {
    struct Group {
      let members: [Int]
      let parent: Int?
      /// Where the parent ends.
      let start: Int
    }
    var groups = [Group(members: Array(sequences.indices), parent: nil, start: 0)]
    while let group = groups.popLast() {
      guard let first = group.members.first else { continue }
      let shared = group.members.dropFirst().reduce(sequences[first].input.count) { shared, other in
        min(shared, PrefixCache.shared(sequences[first].input, sequences[other].input))
      }
      let isLeaf = group.members.allSatisfy { sequences[$0].input.count == shared }
      let saved = (group.members.count - 1) * (shared - group.start)
      var (parent, start) = (group.parent, group.start)
      if isLeaf || saved >= Self.leastSaved {
        nodes.append(Node(range: start..<shared, members: group.members))
        if let parent {
          nodes[parent].children.append(nodes.count - 1)
        } else {
          roots.append(nodes.count - 1)
        }
        (parent, start) = (nodes.count - 1, shared)
      }
      guard !isLeaf else { continue }
      // In the order of their first members, so that the work does not depend on how a dictionary is laid out.
      var byNext: [TokenID?: [Int]] = [:]
      var order: [TokenID?] = []
      for member in group.members {
        let input = sequences[member].input
        let next = shared < input.count ? input[shared] : nil
        if byNext[next] == nil { order.append(next) }
        byNext[next, default: []].append(member)
      }
      for next in order.reversed() {
        groups.append(Group(members: byNext[next] ?? [], parent: parent, start: start))
      }
    }
  }
}

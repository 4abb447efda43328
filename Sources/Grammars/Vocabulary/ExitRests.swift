import Synchronization

/// What the tokens that leave a terminal have behind its end, by its first byte; found when it is first needed.
final class ExitRests: Sendable {
  private let nodes: [Int32]
  private let found = Mutex<[Rest]?>(nil)

  /// Tokens with the same first byte.
  struct Rest: Sendable {
    let byte: UInt8
    /// The nodes of the vocabulary's trie that the byte leads to.
    let nodes: [Int32]
    /// Their subtrees as one, where that is smaller than walking each.
    let merged: MergedTrie?
  }

  /// Larger subtrees are not copied, but walked where they are.
  private static let mostMerged = 20_000

  /// - Parameter nodes: The nodes of the vocabulary's trie at which the terminal ends.
  init(_ nodes: [Int32]) { self.nodes = nodes }

  func rests(_ vocabulary: GrammarVocabulary) -> [Rest] {
    found.withLock { known in
      if let known { return known }
      let rests = find(vocabulary)
      known = rests
      return rests
    }
  }

  private func find(_ vocabulary: GrammarVocabulary) -> [Rest] {
    let trie = vocabulary.trie
    var children = [[Int32]](repeating: [], count: 256)
    for node in nodes {
      var child = node + 1
      while child < trie.ends[Int(node)] {
        children[Int(trie.bytes[Int(child)])].append(child)
        child = trie.ends[Int(child)]
      }
    }
    return (0...255).filter { !children[$0].isEmpty }.map { byte in
      let nodes = children[byte]
      let count = nodes.reduce(0) { $0 + Int(trie.ends[Int($1)] - $1) }
      let isMerged = nodes.count > 4 && count <= Self.mostMerged && vocabulary.longest <= 1_000
      return Rest(byte: UInt8(byte), nodes: nodes, merged: isMerged ? MergedTrie() : nil)
    }
  }
}

/// Subtrees of a trie as one, merged when they are first needed.
final class MergedTrie: Sendable {
  private let trie = Mutex<ByteTrie?>(nil)

  func merging(_ nodes: [Int32], of whole: ByteTrie) -> ByteTrie {
    trie.withLock { known in
      if let known { return known }
      let merged = ByteTrie(merging: nodes, of: whole)
      known = merged
      return merged
    }
  }
}

/// What all tokens do in one state of a terminal, whatever is around it: most stay inside, and for those that leave it
/// only the bytes behind matter.
final class TerminalTable: Sendable {
  struct Key: Hashable, Sendable {
    let terminal: Int32
    let state: Int32
  }

  /// Tokens that leave the terminal in the same way.
  struct Exit: Sendable {
    /// How many characters they end before.
    let characters: Int32
    /// The label of the text that they end.
    let label: Int32
    /// What they have behind the terminal's end.
    var rest: ByteTrie
    /// Nodes of the vocabulary's trie whose subtrees are too large to copy.
    var nodes: [Int32]
    /// Tokens that may hold all of another name behind this one: they are tried one by one.
    var long: [Int32]
  }

  /// The tokens that stay inside and end so many characters or fewer, by their number.
  let inside: [[UInt64]]
  /// Nodes of the vocabulary's trie that stay inside names of which only some are allowed, with their states.
  let fragile: [(node: Int32, state: Int32)]
  let exits: [Exit]
  let hasLongExits: Bool

  /// - Parameter rule: The object whose names the terminal reads, if it does.
  init(_ terminal: Terminal, from start: Int32, rule: ObjectRule?, vocabulary: GrammarVocabulary) {
    var walk = Walk(terminal, rule, vocabulary)
    walk.run(from: start)
    inside = walk.cumulative()
    fragile = walk.fragile
    exits = walk.exits.map { key, nodes in walk.exit(key, nodes) }
    hasLongExits = exits.contains { !$0.long.isEmpty }
  }
}

extension TerminalTable {
  private struct ExitKey: Hashable {
    let characters: Int32
    let label: Int32
  }

  private struct Walk {
    let terminal: Terminal
    let rule: ObjectRule?
    let vocabulary: GrammarVocabulary
    var insideByCount: [Int32: [UInt64]] = [:]
    var fragile: [(node: Int32, state: Int32)] = []
    var exits: [ExitKey: [Int32]] = [:]

    /// A larger subtree is walked where it is, not copied.
    private static let largestCopied = 200

    init(_ terminal: Terminal, _ rule: ObjectRule?, _ vocabulary: GrammarVocabulary) {
      self.terminal = terminal
      self.rule = rule
      self.vocabulary = vocabulary
    }

    mutating func run(from start: Int32) {
      let trie = vocabulary.trie
      let isCounted = terminal.isCounted
      let labels = terminal.automaton.labels
      let isQuoted = terminal.isQuoted
      var states = [Int32](repeating: 0, count: vocabulary.longest + 1)
      var counts = [Int32](repeating: 0, count: vocabulary.longest + 1)
      states[0] = start
      var words = [UInt64](repeating: 0, count: (vocabulary.count + 63) / 64)
      var current: Int32 = 0
      var node = 1
      while node < trie.bytes.count {
        let depth = Int(trie.depths[node])
        let (state, endsCharacter) = terminal.next(states[depth - 1], trie.bytes[node])
        if state == Terminal.dead {
          node = Int(trie.ends[node])
          continue
        }
        let count = isCounted ? counts[depth - 1] + (endsCharacter ? 1 : 0) : 0
        if state == Terminal.closed {
          let label = terminal.boundary(states[depth - 1]).map { labels[$0] } ?? -1
          exits[ExitKey(characters: count, label: rule == nil ? 0 : label), default: []].append(Int32(node))
          node = Int(trie.ends[node])
          continue
        }
        (states[depth], counts[depth]) = (state, count)
        if let rule, !isOpen(state, rule) {
          fragile.append((Int32(node), state))
        } else {
          // A character begun needs room as well as one that has ended.
          let taken = isCounted && terminal.boundary(state) == nil && state >= 0 ? count + 1 : count
          if taken != current {
            insideByCount[current] = words
            words = insideByCount[taken] ?? [UInt64](repeating: 0, count: words.count)
            current = taken
          }
          for token in trie.numbers(at: node) { words[Int(token) / 64] |= 1 << UInt64(token % 64) }
        }
        if !isQuoted, endsCharacter, let whole = terminal.boundary(state), labels[whole] >= 0 {
          exits[ExitKey(characters: count, label: 0), default: []].append(Int32(node))
        }
        node += 1
      }
      insideByCount[current] = words
    }

    /// Whether names without end go on from a state.
    private func isOpen(_ state: Int32, _ rule: ObjectRule) -> Bool {
      guard let whole = terminal.boundary(state) else { return false }
      return rule.openCounts[whole] == .max
    }

    func cumulative() -> [[UInt64]] {
      guard let last = insideByCount.keys.max() else { return [] }
      var result: [[UInt64]] = []
      for count in 0...last {
        var words = insideByCount[count] ?? []
        if let before = result.last {
          words = words.isEmpty ? before : zip(words, before).map { $0 | $1 }
        }
        result.append(words.isEmpty ? [UInt64](repeating: 0, count: (vocabulary.count + 63) / 64) : words)
      }
      return result
    }

    func exit(_ key: ExitKey, _ nodes: [Int32]) -> Exit {
      let trie = vocabulary.trie
      var entries: [(ArraySlice<UInt8>, Int32)] = []
      var (large, long): ([Int32], [Int32]) = ([], [])
      for node in nodes {
        if rule == nil && trie.ends[Int(node)] - node > Self.largestCopied {
          large.append(node)
          continue
        }
        for token in trie.numbers(below: Int(node)) {
          let rest = vocabulary.tokens[Int(token)].dropFirst(Int(trie.depths[Int(node)]))
          if rule != nil && rest.count(where: { $0 == 0x22 }) >= 2 {
            long.append(token)
          } else {
            entries.append((rest, token))
          }
        }
      }
      return Exit(
        characters: key.characters, label: key.label, rest: ByteTrie(entries), nodes: large, long: long)
    }
  }
}

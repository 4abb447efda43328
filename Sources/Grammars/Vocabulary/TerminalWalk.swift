/// Walks the vocabulary's trie inside one terminal.
struct TerminalWalk {
  struct ExitKey: Hashable {
    let characters: Int32
    let label: Int32
  }

  let terminal: Terminal
  let rule: ObjectRule?
  let vocabulary: GrammarVocabulary
  private var insideByCount: [[UInt64]] = []
  var fragile: [Int32] = []
  var exits: [ExitKey: [Int32]] = [:]
  private var transitions: TransitionCache

  init(_ terminal: Terminal, _ rule: ObjectRule?, _ vocabulary: GrammarVocabulary) {
    self.terminal = terminal
    self.rule = rule
    self.vocabulary = vocabulary
    transitions = TransitionCache(terminal, openCounts: rule?.openCounts)
  }

  mutating func run(from start: Int32) {
    let trie = vocabulary.trie
    trie.bytes.withUnsafeBufferPointer { bytes in
      trie.ends.withUnsafeBufferPointer { ends in
        trie.depths.withUnsafeBufferPointer { depths in
          trie.starts.withUnsafeBufferPointer { starts in
            run(from: start, bytes, ends, depths, starts)
          }
        }
      }
    }
  }

  private mutating func run(
    from start: Int32, _ bytes: UnsafeBufferPointer<UInt8>, _ ends: UnsafeBufferPointer<Int32>,
    _ depths: UnsafeBufferPointer<Int32>, _ starts: UnsafeBufferPointer<Int32>
  ) {
    let isCounted = terminal.isCounted
    let isName = rule != nil
    var rows = [Int32](repeating: 0, count: vocabulary.longest + 1)
    var counts = [Int32](repeating: 0, count: vocabulary.longest + 1)
    rows[0] = transitions.row(of: start)
    var node = 1
    while node < bytes.count {
      let depth = Int(depths[node])
      let row = rows[depth - 1]
      let entry = transitions.next(row, bytes[node])
      if entry == Terminal.dead {
        node = Int(ends[node])
        continue
      }
      if entry == Terminal.closed {
        let label = isName ? transitions.label(row) : 0
        exits[ExitKey(characters: counts[depth - 1], label: label), default: []].append(Int32(node))
        node = Int(ends[node])
        continue
      }
      rows[depth] = entry
      let traits = transitions.traits[Int(entry)]
      var count: Int32 = 0
      if isCounted {
        // Each row but the first is entered by the end of a character or inside one.
        count = counts[depth - 1] + (traits.isBoundary && !isOpeningQuote(row) ? 1 : 0)
        counts[depth] = count
      }
      if starts[node] < starts[node + 1] {
        if isName && !traits.isOpen {
          fragile.append(Int32(node))
        } else {
          // A character begun needs room as well as one that has ended.
          add(starts[node]..<starts[node + 1], count: isCounted && !traits.isBoundary ? count + 1 : count)
        }
      }
      if traits.isAccepting {
        exits[ExitKey(characters: count, label: 0), default: []].append(Int32(node))
      }
      node += 1
    }
  }

  private func isOpeningQuote(_ row: Int32) -> Bool { transitions.states[Int(row)] == Terminal.beforeQuote }

  private mutating func add(_ places: Range<Int32>, count: Int32) {
    while insideByCount.count <= Int(count) {
      insideByCount.append([UInt64](repeating: 0, count: (vocabulary.count + 63) / 64))
    }
    for place in places {
      let token = vocabulary.trie.numbers[Int(place)]
      insideByCount[Int(count)][Int(token) / 64] |= 1 << UInt64(token % 64)
    }
  }

  func cumulative() -> [[UInt64]] {
    var result: [[UInt64]] = []
    for words in insideByCount {
      result.append(result.last.map { before in zip(words, before).map { $0 | $1 } } ?? words)
    }
    return result
  }

  func exit(_ key: ExitKey, _ nodes: [Int32]) -> TerminalTable.Exit {
    let trie = vocabulary.trie
    var long: [Int32] = []
    if rule != nil {
      for node in nodes {
        long += trie.numbers(below: Int(node)).filter { token in
          let rest = vocabulary.tokens[Int(token)].dropFirst(Int(trie.depths[Int(node)]))
          return rest.count { $0 == 0x22 } >= 2
        }
      }
    }
    return TerminalTable.Exit(
      characters: key.characters, label: key.label, ends: nodes.flatMap { trie.numbers(at: Int($0)) },
      rests: ExitRests(nodes), long: long)
  }
}

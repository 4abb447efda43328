extension TextAutomaton {
  /// Runs several automata side by side.
  ///
  /// - Parameters:
  ///   - needsAll: Whether the product rejects a text as soon as one of them does.
  ///   - label: The label of a text from those that it has in each; -1 for no text of the product.
  static func product(
    _ automata: [TextAutomaton], needsAll: Bool, label: ([Int32]) -> Int32
  ) throws(GrammarError) -> TextAutomaton {
    let (alphabet, classes) = Alphabet.refining(automata.map(\.alphabet))
    if needsAll && automata.contains(where: \.isEmpty) {
      return TextAutomaton(alphabet: alphabet, table: [], labels: [])
    }
    let start = automata.map { $0.isEmpty ? Int32(-1) : 0 }
    var numbers: [[Int32]: Int32] = [start: 0]
    var states = [start]
    var (table, labels): ([Int32], [Int32]) = ([], [])
    var place = 0
    while place < states.count {
      let state = states[place]
      place += 1
      labels.append(
        label(zip(automata, state).map { automaton, part in part < 0 ? -1 : automaton.labels[Int(part)] }))
      for index in 0..<alphabet.count {
        var next = state
        for number in automata.indices where next[number] >= 0 {
          next[number] = Int32(
            automata[number].next(Int(next[number]), class: Int(classes[number][index])))
        }
        if needsAll && next.contains(-1) {
          table.append(-1)
        } else if let known = numbers[next] {
          table.append(known)
        } else {
          guard states.count < maximumStates else {
            throw .tooComplex(what: "its patterns together have more than \(maximumStates) states")
          }
          numbers[next] = Int32(states.count)
          table.append(Int32(states.count))
          states.append(next)
        }
      }
    }
    return TextAutomaton(alphabet: alphabet, table: table, labels: labels)
  }

  /// Texts in all of the languages.
  static func intersection(_ automata: [TextAutomaton]) throws(GrammarError) -> TextAutomaton {
    guard let first = automata.first else { return everything }
    if automata.count == 1 { return first }
    return try product(automata, needsAll: true) { $0.contains(-1) ? -1 : 0 }
  }

  /// Texts in one of the languages at least.
  static func union(_ automata: [TextAutomaton]) throws(GrammarError) -> TextAutomaton {
    if automata.count == 1, let first = automata.first { return first }
    return try product(automata, needsAll: false) { $0.contains { $0 >= 0 } ? 0 : -1 }
  }

  /// Texts that are not in the language.
  func complement() throws(GrammarError) -> TextAutomaton {
    try Self.product([self], needsAll: false) { $0[0] < 0 ? 0 : -1 }
  }

  /// The same states; a text's label is what `relabel` makes of it, -1 for no text of the language.
  func relabeled(_ relabel: (Int32) -> Int32) -> TextAutomaton {
    TextAutomaton(alphabet: alphabet, table: table, labels: labels.map { $0 < 0 ? -1 : relabel($0) })
  }

  /// How many texts of labels that `counts` admits can be completed from each state; `Int.max` for infinitely many.
  func textCounts(where counts: (Int32) -> Bool) -> [Int] {
    // Depth first, by hand: a state on the path that is met again is on a cycle, and all states live.
    let live = reaching(counts)
    let sizes = alphabet.sizes
    var result = [Int](repeating: -1, count: stateCount)
    var isOnPath = [Bool](repeating: false, count: stateCount)
    for start in 0..<stateCount where result[start] < 0 {
      var path = [(state: start, place: 0, sum: counts(labels[start]) ? 1 : 0)]
      isOnPath[start] = true
      while let top = path.last {
        guard top.place < alphabet.count else {
          isOnPath[top.state] = false
          result[top.state] = top.sum
          path.removeLast()
          continue
        }
        let target = next(top.state, class: top.place)
        guard target >= 0 && live[target] else {
          path[path.count - 1].place += 1
          continue
        }
        if isOnPath[target] {
          // All states of the path from here on reach the cycle.
          path[path.count - 1].sum = .max
          path[path.count - 1].place = alphabet.count
        } else if result[target] >= 0 {
          path[path.count - 1].sum = Self.adding(
            top.sum, result[target], times: sizes[top.place])
          path[path.count - 1].place += 1
        } else {
          isOnPath[target] = true
          path.append((target, 0, counts(labels[target]) ? 1 : 0))
        }
      }
    }
    return result
  }

  /// Which states reach a text of a label that `counts` admits.
  func reaching(_ counts: (Int32) -> Bool) -> [Bool] {
    var live = labels.map { $0 >= 0 && counts($0) }
    var sources = [[Int32]](repeating: [], count: stateCount)
    for state in 0..<stateCount {
      for target in Set(targets(of: state)) where target >= 0 { sources[Int(target)].append(Int32(state)) }
    }
    var pending = live.indices.filter { live[$0] }
    while let state = pending.popLast() {
      for source in sources[state] where !live[Int(source)] {
        live[Int(source)] = true
        pending.append(Int(source))
      }
    }
    return live
  }

  private static func adding(_ sum: Int, _ count: Int, times size: Int) -> Int {
    let (product, overflows) = count.multipliedReportingOverflow(by: size)
    let (total, overflowsToo) = sum.addingReportingOverflow(product)
    return overflows || overflowsToo ? .max : total
  }
}

extension Alphabet {
  /// How many scalar values each class has.
  var sizes: [Int] {
    var sizes = [Int](repeating: 0, count: count)
    for (range, index) in intervals { sizes[Int(index)] += range.count }
    return sizes
  }
}

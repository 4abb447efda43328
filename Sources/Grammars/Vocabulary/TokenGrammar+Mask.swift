extension TokenGrammar {
  /// Adds the tokens that fit one configuration.
  func addMask(of configuration: Configuration, to words: inout [UInt64], _ cache: inout MaskCache) {
    let terminal = machine.terminals[Int(configuration.terminal)]
    if let parent = configuration.parent, parent.phase == .name, let properties = parent.properties {
      return addMask(ofName: configuration, parent, properties, to: &words, &cache)
    }
    let isFree = isFree(configuration, terminal)
    guard isFree || terminal.lengths == nil else {
      var state = MachineState()
      state.add(configuration)
      return walk(vocabulary.trie, below: 0, state, &words)
    }
    let table = table(configuration, &cache)
    if let all = table.inside.last {
      let staying = isFree ? all : table.inside[min(Int(max(0, configuration.high)), table.inside.count - 1)]
      for place in words.indices { words[place] |= staying[place] }
    }
    var followed: MachineState?
    for exit in table.exits
    where isFree || (configuration.low <= exit.characters && exit.characters <= configuration.high) {
      let state: MachineState
      if let followed {
        state = followed
      } else {
        var following = MachineState()
        machine.complete(configuration.parent, &following)
        following.removeDuplicates()
        (state, followed) = (following, following)
      }
      follow(exit, state, &words)
    }
  }

  /// Adds the tokens of an exit whose bytes behind it fit a state.
  private func follow(_ exit: TerminalTable.Exit, _ state: MachineState, _ words: inout [UInt64]) {
    for token in exit.ends { words[Int(token) / 64] |= 1 << UInt64(token % 64) }
    guard !state.configurations.isEmpty else { return }
    for rest in exit.rests.rests(vocabulary) {
      let next = machine.next(state, rest.byte)
      guard !next.configurations.isEmpty || next.isComplete else { continue }
      if let merged = rest.merged {
        walk(merged.merging(rest.nodes, of: vocabulary.trie), below: 0, next, &words)
      } else {
        for node in rest.nodes { walk(vocabulary.trie, below: Int(node), next, &words) }
      }
    }
  }

  /// Adds the tokens of a node and of those below it that fit a state.
  private func walk(_ trie: ByteTrie, below start: Int, _ state: MachineState, _ words: inout [UInt64]) {
    func allow(_ node: Int) {
      for token in trie.numbers(at: node) { words[Int(token) / 64] |= 1 << UInt64(token % 64) }
    }
    if start > 0 || !trie.numbers(at: 0).isEmpty { allow(start) }
    guard !state.configurations.isEmpty else { return }
    let base = Int(trie.depths[start])
    var states = [state]
    var node = start + 1
    let end = Int(trie.ends[start])
    while node < end {
      let depth = Int(trie.depths[node]) - base
      let next = machine.next(states[depth - 1], trie.bytes[node])
      if next.configurations.isEmpty {
        if next.isComplete { allow(node) }
        node = Int(trie.ends[node])
        continue
      }
      allow(node)
      states.removeLast(states.count - depth)
      states.append(next)
      node += 1
    }
  }

  /// The same for a configuration that reads the name of a property.
  private func addMask(
    ofName configuration: Configuration, _ frame: Frame, _ properties: Properties, to words: inout [UInt64],
    _ cache: inout MaskCache
  ) {
    guard case .object(let rule) = machine.rules[Int(frame.rule)] else { return }
    let table = table(configuration, &cache)
    var own = [UInt64](repeating: 0, count: words.count)
    if properties.allowsOthers {
      if let staying = table.inside.last { own = staying }
    } else if table.inside.contains(where: { $0.contains { $0 != 0 } }) {
      // Only some of the names that the table takes for possible are left.
      var state = MachineState()
      state.add(configuration)
      return walk(vocabulary.trie, below: 0, state, &words)
    }
    for node in table.fragile where fits(node, configuration) {
      for token in vocabulary.trie.numbers(at: Int(node)) { own[Int(token) / 64] |= 1 << UInt64(token % 64) }
    }
    for exit in table.exits {
      guard let next = following(exit, rule, properties) else { continue }
      let colon = frame.with(.colon, place: exit.label, properties: next)
      var state = MachineState()
      guard let marks = machine.marks else { continue }
      state.add(Configuration(marks.colon, state: 0, parent: colon))
      follow(exit, state, &own)
    }
    for token in table.exits.flatMap(\.long) {
      let bit = UInt64(1) << UInt64(token % 64)
      own[Int(token) / 64] =
        fits(token: token, configuration) ? own[Int(token) / 64] | bit : own[Int(token) / 64] & ~bit
    }
    // A name that is there already may not end again.
    for place in configuration.low..<configuration.high where Int(exitLabel(rule)) < rule.classes.count {
      var rest = Array(properties.others[Int(place)].dropFirst(configuration.name.count)) + [0x22]
      if configuration.state == Terminal.beforeQuote { rest.insert(0x22, at: 0) }
      guard let node = vocabulary.trie.node(of: rest) else { continue }
      for token in vocabulary.trie.numbers(below: node) { own[Int(token) / 64] &= ~(1 << UInt64(token % 64)) }
    }
    for place in words.indices { words[place] |= own[place] }
  }

  /// The first class of names that are not named properties.
  private func exitLabel(_ rule: ObjectRule) -> Int32 { Int32(rule.namedCount) }

  private func following(_ exit: TerminalTable.Exit, _ rule: ObjectRule, _ properties: Properties)
    -> Properties?
  {
    guard exit.label >= 0 else { return nil }
    if Int(exit.label) < rule.namedCount {
      guard properties.allowed.contains(Int(exit.label)) else { return nil }
      return Properties(
        seen: properties.seen.union(NameSet([Int(exit.label)])), others: properties.others,
        count: properties.count + 1)
    }
    guard properties.allowsOthers else { return nil }
    // Which name it is matters only to tokens that are tried one by one.
    return Properties(seen: properties.seen, others: properties.others, count: properties.count + 1)
  }

  private func fits(token: Int32, _ configuration: Configuration) -> Bool {
    var state = MachineState()
    state.add(configuration)
    for byte in vocabulary.tokens[Int(token)] {
      state = machine.next(state, byte)
      if state.configurations.isEmpty && !state.isComplete { return false }
    }
    return true
  }

  private func fits(_ node: Int32, _ configuration: Configuration) -> Bool {
    guard let token = vocabulary.trie.numbers(at: Int(node)).first else { return false }
    return fits(token: token, configuration)
  }
}

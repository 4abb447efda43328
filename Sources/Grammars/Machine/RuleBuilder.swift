/// Collects rules and terminals.
struct RuleBuilder {
  private(set) var rules: [Rule] = []
  private(set) var terminals: [Terminal] = []
  /// Steps left for the automata of patterns.
  private var work = 2 * Pattern.maximumWork

  private struct TerminalKey: Hashable {
    let starts: [UInt32]
    let classes: [Int32]
    let table: [Int32]
    let labels: [Int32]
    let form: TextForm
    let isCounted: Bool
  }

  private var firstAlike: [TerminalKey: Int] = [:]
  private static let largestCompared = 200

  static let maximumRules = 20_000

  mutating func add(_ rule: Rule) throws(GrammarError) -> Int {
    guard rules.count < Self.maximumRules else {
      throw .tooComplex(what: "more than \(Self.maximumRules) rules")
    }
    rules.append(rule)
    return rules.count - 1
  }

  mutating func replace(_ place: Int, by rule: Rule) { rules[place] = rule }

  /// A terminal, as a rule.
  mutating func add(
    _ automaton: TextAutomaton, form: TextForm = .plain, bounds: LengthBounds = .none
  ) throws(GrammarError) -> Int {
    try add(.terminal(addTerminal(automaton, form: form, bounds: bounds)))
  }

  mutating func addTerminal(
    _ automaton: TextAutomaton, form: TextForm = .plain, bounds: LengthBounds = .none
  ) throws(GrammarError) -> Int {
    let encoding = try TextEncoding.shared(for: automaton, form: form)
    // Terminals that differ in their bounds alone, or not at all, share what is found about tokens.
    var alike = terminals.count
    if automaton.stateCount <= Self.largestCompared {
      let key = TerminalKey(
        starts: automaton.alphabet.starts, classes: automaton.alphabet.classes, table: automaton.table,
        labels: automaton.labels, form: form, isCounted: bounds != .none)
      alike = firstAlike[key] ?? alike
      firstAlike[key] = alike
    }
    terminals.append(
      try Terminal(automaton, encoding: encoding, isQuoted: form != .plain, bounds: bounds, alike: alike))
    return terminals.count - 1
  }

  /// A pattern as one terminal, or, where its automaton is too large, as rules whose repeats are counted.
  mutating func add(_ pattern: Pattern) throws(GrammarError) -> Int {
    do {
      return try add(pattern.automaton(work: &work))
    } catch .tooComplex(let what) {
      guard !pattern.hasAnchors, work > 0 else { throw .tooComplex(what: what) }
    }
    switch pattern {
    case .empty, .set, .start, .end: return try add(pattern.automaton(work: &work))
    case .sequence(let parts): return try add(.sequence(addAll(parts)))
    case .choice(let parts): return try add(.choice(addAll(parts)))
    case .repeated(let part, let minimum, let maximum):
      return try add(
        .repeated(add(part), minimum: Int32(clamping: minimum), maximum: Int32(clamping: maximum ?? .max)))
    }
  }

  private mutating func addAll(_ parts: [Pattern]) throws(GrammarError) -> [Int] {
    var places: [Int] = []
    for part in parts { places.append(try add(part)) }
    return places
  }

  func machine(root: Int, maximumDepth: Int32 = 500, marks: Machine.Marks? = nil) throws(GrammarError)
    -> Machine
  {
    try Machine(rules: rules, terminals: terminals, root: root, maximumDepth: maximumDepth, marks: marks)
  }
}

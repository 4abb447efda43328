/// A grammar as a pushdown automaton over bytes: rules, and the terminals that they consist of.
struct Machine: Sendable {
  var rules: [Rule]
  var terminals: [Terminal]
  let root: Int
  /// How deep frames may nest.
  let maximumDepth: Int32
  /// Whether a rule derives the empty text.
  private(set) var isNullable: [Bool]
  /// How many frames a rule needs for its shallowest text; ``unreachable`` where it has none.
  private(set) var depths: [Int32]
  /// The terminals that JSON's arrays and objects share.
  let marks: Marks?

  static let unreachable = Int32.max

  /// The places of the terminals of JSON's punctuation.
  struct Marks: Sendable {
    var space: Int
    var openArray: Int
    var closeArray: Int
    var openObject: Int
    var closeObject: Int
    var comma: Int
    var colon: Int
  }

  init(rules: [Rule], terminals: [Terminal], root: Int, maximumDepth: Int32, marks: Marks? = nil)
    throws(GrammarError)
  {
    self.rules = rules
    self.terminals = terminals
    self.root = root
    self.maximumDepth = maximumDepth
    self.marks = marks
    isNullable = [Bool](repeating: false, count: rules.count)
    depths = [Int32](repeating: Self.unreachable, count: rules.count)
    findNullable()
    try refuseLongChains()
    findDepths()
    finishArrays()
    try finishObjects()
  }

  /// A machine that no text fits.
  init() {
    (rules, terminals, root, maximumDepth, marks) = ([.choice([])], [], 0, 0, nil)
    (isNullable, depths) = ([false], [Self.unreachable])
  }

  /// Whether some text can be made of a rule.
  func isAlive(_ rule: Int) -> Bool { depths[rule] != Self.unreachable }

  /// Rules that begin with each other are entered one inside the other.
  private func refuseLongChains() throws(GrammarError) {
    var lengths = [Int](repeating: 1, count: rules.count)
    var changes = true
    while changes {
      changes = false
      for (place, rule) in rules.enumerated() {
        var first: [Int] = []
        switch rule {
        case .terminal, .array, .object: continue
        case .choice(let parts): first = parts
        case .repeated(let part, _, _): first = [part]
        case .sequence(let parts):
          first = Array(parts.prefix((parts.firstIndex { !isNullable[$0] } ?? parts.count - 1) + 1))
        }
        let length = 1 + (first.map { lengths[$0] }.max() ?? 0)
        guard length > lengths[place] else { continue }
        guard length <= 400 else { throw .tooComplex(what: "more than 400 rules begin with each other") }
        lengths[place] = length
        changes = true
      }
    }
  }

  private mutating func findNullable() {
    var changes = true
    while changes {
      changes = false
      for (place, rule) in rules.enumerated() where !isNullable[place] {
        let value =
          switch rule {
          case .terminal(let number): terminals[number].isNullable && !terminals[number].isEmpty
          case .sequence(let parts): parts.allSatisfy { isNullable[$0] }
          case .choice(let parts): parts.contains { isNullable[$0] }
          case .repeated(let part, let minimum, _): minimum == 0 || isNullable[part]
          case .array, .object: false
          }
        if value {
          isNullable[place] = true
          changes = true
        }
      }
    }
  }

  /// Depths only fall, from unreachable on, until none can.
  private mutating func findDepths() {
    var changes = true
    while changes {
      changes = false
      for (place, rule) in rules.enumerated() {
        let depth = depth(of: rule)
        if depth < depths[place] {
          depths[place] = depth
          changes = true
        }
      }
    }
  }

  private func depth(of rule: Rule) -> Int32 {
    func inside(_ depth: Int32) -> Int32 { depth == Self.unreachable ? depth : depth + 1 }
    switch rule {
    case .terminal(let number): return terminals[number].isEmpty ? Self.unreachable : 0
    case .sequence(let parts):
      var depth: Int32 = 0
      for part in parts.dropLast() { depth = max(depth, inside(depths[part])) }
      return max(depth, parts.last.map { depths[$0] } ?? 0)
    case .choice(let parts): return parts.map { depths[$0] }.min() ?? Self.unreachable
    case .repeated(let part, let minimum, let maximum):
      guard minimum <= maximum else { return Self.unreachable }
      return minimum == 0 ? 0 : inside(depths[part])
    case .array(let rule): return inside(depth(of: rule))
    case .object(let rule): return inside(depth(of: rule))
    }
  }

  /// The depth that the elements need which must be there.
  private func depth(of rule: ArrayRule) -> Int32 {
    guard rule.minimum <= rule.maximum, rule.contained <= rule.maximum else { return Self.unreachable }
    if let unique = rule.unique {
      let sorted = unique.map { depths[$0] }.sorted()
      guard rule.minimum > 0 else { return 0 }
      return sorted.count < Int(rule.minimum) ? Self.unreachable : sorted[Int(rule.minimum) - 1]
    }
    if rule.mostContained != .max, let rest = rule.rest, let other = rule.containedRest {
      return depth(of: rule, plain: depths[rest], contained: depths[other])
    }
    var depth: Int32 = 0
    for index in 0..<min(rule.minimum, Int32(rule.prefix.count) + 1) {
      guard let element = rule.element(index) else { return Self.unreachable }
      depth = max(depth, depths[element])
    }
    guard rule.contained > 0 else { return depth }
    // The first places at which an element can be contained; all before them must have some element, too.
    var (index, open) = (Int32(0), Int32(0))
    while open < rule.contained {
      guard index < rule.maximum, let element = rule.element(index) else { return Self.unreachable }
      depth = max(depth, depths[element])
      let isInPrefix = Int(index) < rule.prefix.count
      if let other = rule.containedElement(index), depths[other] != Self.unreachable {
        depth = max(depth, depths[other])
        if !isInPrefix { return rule.contained - open <= rule.maximum - index ? depth : Self.unreachable }
        open += 1
      } else if !isInPrefix {
        return Self.unreachable
      }
      index += 1
    }
    return depth
  }

  /// The same where elements are told apart by whether they are contained.
  private func depth(of rule: ArrayRule, plain: Int32, contained: Int32) -> Int32 {
    var depth: Int32 = 0
    if rule.contained > 0 { depth = contained }
    guard rule.minimum > rule.contained else { return depth }
    let couldAllBe = rule.minimum <= rule.mostContained
    return max(depth, couldAllBe ? min(plain, contained) : plain)
  }

  /// The depth that the properties need which must be there.
  private func depth(of rule: ObjectRule) -> Int32 {
    let required = rule.closure(of: rule.required)
    var depth: Int32 = 0
    var count = 0
    var optional: [Int32] = []
    for name in 0..<rule.namedCount {
      let value = depths[rule.classes[name]]
      if required.contains(name) {
        depth = max(depth, value)
        count += 1
      } else if value != Self.unreachable {
        optional.append(value)
      }
    }
    guard count <= rule.maximum, rule.minimum <= rule.maximum, depth != Self.unreachable else {
      return Self.unreachable
    }
    for set in rule.needsOneOf where !set.intersects(required) {
      let others = (0..<rule.classes.count).filter { $0 >= rule.namedCount || set.contains($0) }
      depth = max(depth, others.map { depths[rule.classes[$0]] }.min() ?? Self.unreachable)
      if depth == Self.unreachable { return depth }
    }
    guard count < rule.minimum else { return depth }
    let open = (rule.namedCount..<rule.classes.count).filter { depths[rule.classes[$0]] != Self.unreachable }
    if let deepest = open.map({ depths[rule.classes[$0]] }).max() {
      let names = rule.names.textCounts { open.contains(Int($0)) }.first ?? 0
      optional += [Int32](repeating: deepest, count: min(names, rule.minimum - count))
    }
    guard optional.count >= rule.minimum - count else { return Self.unreachable }
    return max(depth, optional.sorted()[rule.minimum - count - 1])
  }

  /// Takes from arrays what no element can be.
  private mutating func finishArrays() {
    for (place, rule) in rules.enumerated() {
      guard case .array(var array) = rule else { continue }
      if let unique = array.unique {
        array.unique = unique.filter { isAlive($0) }
        array.maximum = min(array.maximum, Int32(clamping: array.unique?.count ?? 0))
      }
      if let rest = array.rest, array.mostContained != .max, !isAlive(rest) {
        array.maximum = min(array.maximum, array.mostContained)
      }
      array.containedPrefix = array.containedPrefix.map { $0.flatMap { isAlive($0) ? $0 : nil } }
      array.containedRest = array.containedRest.flatMap { isAlive($0) ? $0 : nil }
      // Behind a place that nothing fits, there is nothing.
      if array.unique == nil, let last = array.prefix.firstIndex(where: { !isAlive($0) }) {
        array.maximum = min(array.maximum, Int32(clamping: last))
      } else if array.unique == nil, array.containedRest == nil, !(array.rest.map { isAlive($0) } ?? false) {
        array.maximum = min(array.maximum, Int32(clamping: array.prefix.count))
      }
      rules[place] = .array(array)
    }
  }

  /// Takes the names from objects whose values nothing fulfils, and counts what is left.
  private mutating func finishObjects() throws(GrammarError) {
    for (place, rule) in rules.enumerated() {
      guard case .object(var object) = rule else { continue }
      // A property is possible if all that must come with it are.
      let impossible = (0..<object.namedCount).filter { name in
        let needed = object.closure(of: object.required.union(NameSet([name])))
        let counts = (0..<object.namedCount).filter { needed.contains($0) }
        return counts.count > object.maximum || counts.contains { !isAlive(object.classes[$0]) }
      }
      let dead = Set(
        impossible + (object.namedCount..<object.classes.count).filter { !isAlive(object.classes[$0]) })
      let names = object.names.relabeled { dead.contains(Int($0)) ? -1 : $0 }
      object.names = names
      let namedCount = object.namedCount
      object.openCounts = names.textCounts { Int($0) >= namedCount }
      object.reachable = Self.reachableNames(names, namedCount: namedCount)
      object.terminal = terminals.count
      terminals.append(
        try Terminal(
          names, encoding: TextEncoding.shared(for: names, form: .jsonName), isQuoted: true,
          alike: terminals.count))
      rules[place] = .object(object)
    }
  }

  private static func reachableNames(_ names: TextAutomaton, namedCount: Int) -> [NameSet] {
    var sets = [NameSet](repeating: NameSet(), count: names.stateCount)
    // A name has one spelling, so the states on its way are those from the start: walk back from its end.
    var sources = [[Int32]](repeating: [], count: names.stateCount)
    for state in 0..<names.stateCount {
      for target in Set(names.targets(of: state)) where target >= 0 {
        sources[Int(target)].append(Int32(state))
      }
    }
    for (state, label) in names.labels.enumerated() where label >= 0 && Int(label) < namedCount {
      var pending = [state]
      while let next = pending.popLast() {
        guard !sets[next].contains(Int(label)) else { continue }
        sets[next].insert(Int(label))
        pending += sources[next].map(Int.init)
      }
    }
    return sets
  }
}

extension NameSet {
  func union(_ other: NameSet) -> NameSet {
    var both = self
    both.formUnion(other)
    return both
  }
}

/// Makes rules of a grammar in GBNF. Parts that are regular become one automaton each, so that only what is recursive
/// needs frames.
struct GBNFCompiler {
  private let rules: [String: GBNFRule]
  private var builder = RuleBuilder()
  private var patterns: [String: (pattern: Pattern, size: Int)?] = [:]
  private var places: [String: Int] = [:]
  private var pending: [String] = []
  private var nesting = 0

  /// A pattern with more parts stays a rule of its own.
  private static let maximumSize = 20_000
  /// One that nests deeper does, too.
  private static let maximumNesting = 400

  static func compile(_ text: String) throws(GrammarError) -> Machine {
    let list = try GBNFParser.parse(text)
    var rules: [String: GBNFRule] = [:]
    for rule in list {
      guard rules[rule.name] == nil else {
        throw .gbnf(line: rule.line, problem: "the rule \(rule.name) is defined twice")
      }
      rules[rule.name] = rule
    }
    for rule in list {
      if let (name, line) = rule.expression.references.first(where: { rules[$0.name] == nil }) {
        throw .gbnf(line: line, problem: "the rule \(name) is not defined")
      }
    }
    guard rules["root"] != nil else {
      throw .gbnf(line: 1, problem: "there is no rule root, with which a text begins")
    }
    try refuseLeftRecursion(list, rules)
    var compiler = GBNFCompiler(rules: rules)
    return try compiler.run()
  }

  private init(rules: [String: GBNFRule]) { self.rules = rules }

  private mutating func run() throws(GrammarError) -> Machine {
    let root = try compile(.reference("root", line: 1))
    while let name = pending.popLast() {
      guard let rule = rules[name], let place = places[name] else { continue }
      builder.replace(place, by: .choice([try compile(rule.expression)]))
    }
    return try builder.machine(root: root)
  }

  private mutating func compile(_ expression: GBNFExpression) throws(GrammarError) -> Int {
    if let regular = pattern(of: expression) { return try builder.add(regular.pattern) }
    switch expression {
    case .pattern(let pattern): return try builder.add(pattern)
    case .reference(let name, _):
      if let place = places[name] { return place }
      let place = try builder.add(Rule.choice([]))
      places[name] = place
      pending.append(name)
      return place
    case .sequence(let parts):
      let grouped = grouped(parts) { GBNFExpression.sequence($0) }
      // One group of all of them is what was too large, or nested too deep, as a whole.
      return try builder.add(.sequence(try compileAll(grouped.count == 1 ? parts : grouped)))
    case .choice(let parts):
      // The order of choices does not matter, so those that are regular become few.
      let regular = parts.filter { pattern(of: $0) != nil }
      let others = parts.filter { pattern(of: $0) == nil }
      let grouped = grouped(regular) { GBNFExpression.choice($0) }
      let isWhole = grouped.count == 1 && others.isEmpty
      return try builder.add(Rule.choice(try compileAll(isWhole ? parts : grouped + others)))
    case .repeated(let part, let minimum, let maximum):
      return try builder.add(
        .repeated(compile(part), minimum: Int32(clamping: minimum), maximum: Int32(clamping: maximum ?? .max))
      )
    }
  }

  private mutating func compileAll(_ parts: [GBNFExpression]) throws(GrammarError) -> [Int] {
    var places: [Int] = []
    for part in parts { places.append(try compile(part)) }
    return places
  }

  /// Joins neighbours that are regular, as far as they stay small enough.
  private mutating func grouped(
    _ parts: [GBNFExpression], _ join: ([GBNFExpression]) -> GBNFExpression
  ) -> [GBNFExpression] {
    var (result, run, total): ([GBNFExpression], [GBNFExpression], Int) = ([], [], 1)
    func endRun() {
      if run.count == 1 { result.append(run[0]) } else if !run.isEmpty { result.append(join(run)) }
      (run, total) = ([], 1)
    }
    for part in parts {
      let size = pattern(of: part)?.size
      if size.map({ total + $0 > Self.maximumSize }) ?? true { endRun() }
      if let size {
        run.append(part)
        total += size
      } else {
        result.append(part)
      }
    }
    endRun()
    return result
  }

  /// The expression as a pattern, if it is regular and not too large.
  private mutating func pattern(of expression: GBNFExpression) -> (pattern: Pattern, size: Int)? {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= Self.maximumNesting else { return nil }
    switch expression {
    case .pattern(let pattern):
      if case .sequence(let parts) = pattern { return (pattern, parts.count + 1) }
      return (pattern, 1)
    case .reference(let name, _): return pattern(ofRule: name)
    case .sequence(let parts): return joined(parts) { .sequence($0) }
    case .choice(let parts): return joined(parts) { .choice($0) }
    case .repeated(let part, let minimum, let maximum):
      guard let (inside, size) = pattern(of: part) else { return nil }
      let (copies, overflows) = size.multipliedReportingOverflow(by: max(1, maximum ?? minimum))
      guard !overflows, copies <= Self.maximumSize else { return nil }
      return (.repeated(inside, minimum: minimum, maximum: maximum), copies)
    }
  }

  private mutating func joined(
    _ parts: [GBNFExpression], _ join: ([Pattern]) -> Pattern
  ) -> (pattern: Pattern, size: Int)? {
    var (patterns, total): ([Pattern], Int) = ([], 1)
    for part in parts {
      guard let (pattern, size) = pattern(of: part), total + size <= Self.maximumSize else { return nil }
      patterns.append(pattern)
      total += size
    }
    return (join(patterns), total)
  }

  private mutating func pattern(ofRule name: String) -> (pattern: Pattern, size: Int)? {
    if let known = patterns[name] { return known }
    // While it is looked at, a rule counts as recursive: it is, if it is met again.
    patterns[name] = .some(nil)
    guard let rule = rules[name] else { return nil }
    var found = pattern(of: rule.expression) ?? patternOfTailRecursion(name, rule.expression)
    if let known = found, known.pattern.depth > Self.maximumNesting { found = nil }
    patterns[name] = .some(found)
    return found
  }

  /// `a ::= x a | y` is `x* y`.
  private mutating func patternOfTailRecursion(
    _ name: String, _ expression: GBNFExpression
  ) -> (pattern: Pattern, size: Int)? {
    guard case .choice(let parts) = expression else { return nil }
    var (loops, ends): ([GBNFExpression], [GBNFExpression]) = ([], [])
    for part in parts {
      if case .sequence(let inside) = part, case .reference(name, _)? = inside.last {
        loops.append(.sequence(Array(inside.dropLast())))
      } else {
        ends.append(part)
      }
    }
    guard !loops.isEmpty, !ends.isEmpty else { return nil }
    return pattern(of: .sequence([.repeated(.choice(loops), minimum: 0, maximum: nil), .choice(ends)]))
  }
}

extension GBNFCompiler {
  /// A rule that begins with itself would never come to a character.
  private static func refuseLeftRecursion(
    _ list: [GBNFRule], _ rules: [String: GBNFRule]
  ) throws(GrammarError) {
    var nullable: Set<String> = []
    var grows = true
    while grows {
      grows = false
      for rule in list where !nullable.contains(rule.name) && rule.expression.isNullable(nullable) {
        nullable.insert(rule.name)
        grows = true
      }
    }
    var done: Set<String> = []
    for start in list where !done.contains(start.name) {
      var path = [(name: start.name, next: start.expression.leftReferences(nullable))]
      var onPath: Set<String> = [start.name]
      while var top = path.popLast() {
        guard let name = top.next.popLast() else {
          done.insert(top.name)
          onPath.remove(top.name)
          continue
        }
        path.append(top)
        if onPath.contains(name) {
          throw .gbnf(
            line: rules[name]?.line ?? 1,
            problem: "the rule \(name) begins with itself (left recursion); repeat with * instead")
        }
        guard !done.contains(name), let rule = rules[name] else { continue }
        onPath.insert(name)
        path.append((name, rule.expression.leftReferences(nullable)))
      }
    }
  }
}

extension GBNFExpression {
  /// All rules that it names.
  fileprivate var references: [(name: String, line: Int)] {
    switch self {
    case .pattern: []
    case .reference(let name, let line): [(name, line)]
    case .sequence(let parts), .choice(let parts): parts.flatMap(\.references)
    case .repeated(let part, _, _): part.references
    }
  }

  /// Whether it derives the empty text, if the rules of `nullable` do.
  fileprivate func isNullable(_ nullable: Set<String>) -> Bool {
    switch self {
    case .pattern(.sequence(let parts)): parts.isEmpty
    case .pattern: false
    case .reference(let name, _): nullable.contains(name)
    case .sequence(let parts): parts.allSatisfy { $0.isNullable(nullable) }
    case .choice(let parts): parts.contains { $0.isNullable(nullable) }
    case .repeated(let part, let minimum, _): minimum == 0 || part.isNullable(nullable)
    }
  }

  /// The rules that it can begin with.
  fileprivate func leftReferences(_ nullable: Set<String>) -> [String] {
    switch self {
    case .pattern: return []
    case .reference(let name, _): return [name]
    case .sequence(let parts):
      var names: [String] = []
      for part in parts {
        names += part.leftReferences(nullable)
        if !part.isNullable(nullable) { break }
      }
      return names
    case .choice(let parts): return parts.flatMap { $0.leftReferences(nullable) }
    case .repeated(let part, _, let maximum): return maximum == 0 ? [] : part.leftReferences(nullable)
    }
  }
}

extension Grammar {
  /// All texts that a grammar in llama.cpp's GBNF derives from its rule `root`.
  ///
  /// - Parameter gbnf: Rules such as `root ::= "yes" | "no"`. References to tokens and left recursion are refused.
  /// - Throws: ``GrammarError`` with the line of what is wrong.
  public init(gbnf: String) throws(GrammarError) { try self.init(GBNFCompiler.compile(gbnf)) }
}

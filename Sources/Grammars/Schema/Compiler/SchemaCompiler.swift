import MartletJSON

/// Makes rules of a schema.
///
/// A rule is made for each set of schemas that apply to one value. Sets are remembered by their members, so recursive
/// schemas end, and those that are merged do, too.
struct SchemaCompiler {
  var options: SchemaOptions
  var builder = RuleBuilder()
  private var rules: [[Int]: Int] = [:]
  private var pending: [(schemas: [Int], rule: Int)] = []
  /// Where the rule of a set of schemas is in the document.
  private var paths: [Int: String] = [:]
  private var marks: Machine.Marks

  /// JSON readers refuse what nests deeper.
  private static let maximumDepth: Int32 = 400

  static func compile(_ document: SchemaDocument) throws(GrammarError) -> Machine {
    var compiler = try SchemaCompiler(document)
    let root = compiler.rule(for: [document.root])
    return try compiler.finish(root)
  }

  private init(_ document: SchemaDocument) throws(GrammarError) {
    options = SchemaOptions(document)
    func mark(_ pattern: String, _ builder: inout RuleBuilder) throws(GrammarError) -> Int {
      try builder.addTerminal(PatternParser.parse(pattern).automaton(work: &work))
    }
    var work = Pattern.maximumWork
    // A break is followed by few blanks, so that a text cannot go on with them for ever.
    let space = "( |\\n {0,20})"
    marks = Machine.Marks(
      space: try mark(space, &builder), openArray: try mark("\\[", &builder),
      closeArray: try mark("\(space)?\\]", &builder), openObject: try mark("\\{", &builder),
      closeObject: try mark("\(space)?\\}", &builder), comma: try mark(",", &builder),
      colon: try mark(":", &builder))
  }

  private mutating func finish(_ root: Int) throws(GrammarError) -> Machine {
    while let (schemas, rule) = pending.popLast() {
      var choices: [Int] = []
      for alternative in try options.alternatives(of: schemas) {
        var value = try SchemaConjunction(alternative, options.document)
        try value.reduce()
        choices += try self.choices(for: value)
      }
      builder.replace(rule, by: .choice(choices))
    }
    let machine = try builder.machine(root: root, maximumDepth: Self.maximumDepth, marks: marks)
    guard machine.isAlive(root) else { throw .unsatisfiable(path: culprit(machine, root)) }
    return machine
  }

  /// The rule of schemas that all apply to one value.
  mutating func rule(for schemas: [Int]) -> Int {
    let key = Set(schemas.filter { options.document.schemas[$0].boolean != true }).sorted()
    if let known = rules[key] { return known }
    guard let rule = try? builder.add(Rule.choice([])) else { return 0 }
    rules[key] = rule
    paths[rule] = key.first.map { options.document.schemas[$0].path } ?? "#"
    pending.append((key, rule))
    return rule
  }

  /// Follows what must be there and cannot be.
  private func culprit(_ machine: Machine, _ root: Int) -> String {
    var (rule, path) = (root, paths[root] ?? "#")
    var seen: Set<Int> = []
    while seen.insert(rule).inserted {
      if let known = paths[rule] { path = known }
      let next: Int?
      switch machine.rules[rule] {
      case .choice(let parts): next = parts.first
      case .array(let array):
        next = (0..<array.minimum).lazy.prefix(array.prefix.count + 1).compactMap { array.element($0) }
          .first { !machine.isAlive($0) }
      case .object(let object):
        next = (0..<object.namedCount).first {
          object.required.contains($0) && !machine.isAlive(object.classes[$0])
        }.map { object.classes[$0] }
      default: next = nil
      }
      guard let next else { break }
      rule = next
    }
    return path
  }

  /// The rules of a value, of which one holds.
  private mutating func choices(for value: SchemaConjunction) throws(GrammarError) -> [Int] {
    if let values = value.values { return try literals(values) }
    var choices: [Int] = []
    var names: [String] = []
    let isExcluded = { (other: JSON) in value.excluded.contains { SchemaValidator.areEqual($0, other) } }
    if value.types.contains(.null) && !isExcluded(.null) { names.append("null") }
    if value.types.contains(.boolean) {
      if !isExcluded(.bool(true)) { names.append("true") }
      if !isExcluded(.bool(false)) { names.append("false") }
    }
    if !names.isEmpty { choices.append(try builder.add(.words(names))) }
    if !value.types.isDisjoint(with: .number) {
      let excluded = value.excluded.compactMap {
        if case .number(let number) = $0 { Decimal(number) } else { nil }
      }
      for range in value.numbers.excluding(excluded) {
        do {
          choices.append(try builder.add(range.automaton()))
        } catch {
          throw .schema(path: value.path, problem: error.problem)
        }
      }
    }
    if value.types.contains(.string) { choices.append(try string(value)) }
    for other in value.excluded where value.types.contains(SchemaTypes(of: other)) {
      if other.arrayValue != nil || other.objectValue != nil {
        throw .schema(path: value.path, problem: "that a value is not one array or object cannot be enforced")
      }
    }
    if value.types.contains(.array) { choices.append(try array(value)) }
    if value.types.contains(.object) { choices.append(try object(value)) }
    return choices
  }

  private mutating func string(_ value: SchemaConjunction) throws(GrammarError) -> Int {
    let bounds = LengthBounds(
      minimum: Int32(clamping: value.minimumLength),
      maximum: value.maximumLength.map { Int32(clamping: $0) } ?? .max)
    do {
      return try builder.add(value.stringAutomaton(), form: .jsonString, bounds: bounds)
    } catch {
      throw .schema(path: value.path, problem: error.problem)
    }
  }
}

extension SchemaCompiler {
  /// Rules of values given one by one.
  mutating func literals(_ values: [JSON]) throws(GrammarError) -> [Int] {
    var choices: [Int] = []
    let strings = values.compactMap(\.stringValue)
    if !strings.isEmpty { choices.append(try builder.add(.words(strings), form: .jsonString)) }
    let words = values.flatMap { value -> [String] in
      switch value {
      case .null: ["null"]
      case .bool(let flag): [flag ? "true" : "false"]
      case .number(let number): Self.spellings(of: number)
      default: []
      }
    }
    if !words.isEmpty { choices.append(try builder.add(.words(words))) }
    for value in values {
      switch value {
      case .array(let elements):
        var parts: [Int] = []
        for element in elements { parts.append(try literal(element)) }
        let count = Int32(clamping: parts.count)
        choices.append(
          try builder.add(.array(ArrayRule(prefix: parts, rest: nil, minimum: count, maximum: count))))
      case .object(let members):
        var parts: [Int] = []
        for (_, member) in members { parts.append(try literal(member)) }
        choices.append(
          try builder.add(
            .object(
              ObjectRule(
                classes: parts, namedCount: parts.count, names: .words(members.keys),
                required: NameSet(0..<parts.count)))))
      default: break
      }
    }
    return choices
  }

  private mutating func literal(_ value: JSON) throws(GrammarError) -> Int {
    let choices = try literals([value])
    return choices.count == 1 ? choices[0] : try builder.add(Rule.choice(choices))
  }

  /// The ways to write one number: as it was given, and without an exponent or a fraction of zeros.
  private static func spellings(of number: JSONNumber) -> [String] {
    [number.literal] + (Decimal(number).text.map { [$0] } ?? [])
  }
}

import MartletJSON

/// Schemas that all apply, and choices of which one option each does.
struct SchemaOption {
  var schemas: [Int] = []
  var choices: [[SchemaOption]] = []
}

/// Resolves the keywords that combine schemas: what is left are alternatives, each a list of schemas of which only
/// the keywords about the value itself count.
struct SchemaOptions {
  var document: SchemaDocument
  private var negations: [Int: [SchemaOption]] = [:]
  private var disjoint: [[Int]: Bool] = [:]
  private var isTesting = 0

  private static let maximumAlternatives = 512

  init(_ document: SchemaDocument) { self.document = document }

  /// The alternatives of schemas that all apply. None is left where they contradict each other in their types.
  mutating func alternatives(of schemas: [Int]) throws(GrammarError) -> [[Int]] {
    var result: [[Int]] = []
    try expand(SchemaOption(schemas: schemas), [], .all, [], &result)
    return result
  }

  private mutating func expand(
    _ option: SchemaOption, _ given: Set<Int>, _ givenTypes: SchemaTypes, _ givenChoices: [[SchemaOption]],
    _ result: inout [[Int]]
  ) throws(GrammarError) {
    var (found, types, choices) = (given, givenTypes, givenChoices + option.choices)
    var pending = option.schemas
    while let index = pending.popLast() {
      let schema = document.schemas[index]
      if schema.boolean == false { return }
      if schema.boolean == true || !found.insert(index).inserted { continue }
      types.formIntersection(schema.types)
      pending += schema.references + schema.allOf
      choices += schema.anyOf.map { $0.map { SchemaOption(schemas: [$0]) } }
      if !schema.oneOf.isEmpty { choices.append(try exactlyOne(of: schema.oneOf, schema.path)) }
      for other in schema.not { choices.append(try negation(of: other, depth: 0)) }
      if let condition = schema.condition { choices.append(try options(of: condition)) }
      for (name, dependent) in schema.dependentSchemas {
        let without = document.add(path: schema.path) { [never] in $0.properties = [(name, never)] }
        let with = document.add(path: schema.path) {
          $0.required = [name]; $0.types = .object
        }
        choices.append([SchemaOption(schemas: [without]), SchemaOption(schemas: [with, dependent])])
      }
    }
    guard !types.isEmpty else { return }
    guard let choice = choices.popLast() else {
      result.append(found.sorted())
      guard result.count <= Self.maximumAlternatives else {
        throw .schema(
          path: found.min().map { document.schemas[$0].path } ?? "#",
          problem: "its choices make more than \(Self.maximumAlternatives) alternatives")
      }
      return
    }
    for option in choice { try expand(option, found, types, choices, &result) }
  }

  private lazy var never: Int = document.add(path: "#") { $0.boolean = false }

  private mutating func options(
    of condition: (test: Int, then: Int?, otherwise: Int?)
  ) throws(GrammarError) -> [SchemaOption] {
    let with = SchemaOption(schemas: [condition.test] + [condition.then].compactMap(\.self))
    let without = SchemaOption(
      schemas: [condition.otherwise].compactMap(\.self), choices: [try negation(of: condition.test, depth: 0)]
    )
    if condition.then == nil && condition.otherwise == nil { return [SchemaOption()] }
    return [with, without]
  }

  /// Each of the schemas without the others. Where two exclude each other anyway, nothing need be added.
  private mutating func exactlyOne(of schemas: [Int], _ path: String) throws(GrammarError) -> [SchemaOption] {
    var result: [SchemaOption] = []
    for (place, schema) in schemas.enumerated() {
      var option = SchemaOption(schemas: [schema])
      for (otherPlace, other) in schemas.enumerated() where otherPlace != place {
        if areDisjoint(schema, other) { continue }
        do {
          option.choices.append(try negation(of: other, depth: 0))
        } catch {
          throw .schema(
            path: path + "/oneOf",
            problem:
              "whether exactly one of its schemas is fulfilled cannot be decided: schemas \(place) and "
              + "\(otherPlace) may both be, and \(error.problem); use anyOf, or give them different types or a "
              + "required property with different constants")
        }
      }
      result.append(option)
    }
    return result
  }

  /// Whether no value fulfils both, as far as that is easily seen.
  private mutating func areDisjoint(_ first: Int, _ second: Int) -> Bool {
    let key = [min(first, second), max(first, second)]
    if let known = disjoint[key] { return known }
    // Inside a test, deeper ones are cut off: what is not known counts as possible.
    guard isTesting < 3 else { return false }
    isTesting += 1
    let result = isEmpty(key, depth: 0)
    isTesting -= 1
    disjoint[key] = result
    return result
  }

  private mutating func isEmpty(_ schemas: [Int], depth: Int) -> Bool {
    guard depth < 4 else { return false }
    do {
      for alternative in try alternatives(of: schemas) {
        var value = try SchemaConjunction(alternative, document)
        try value.reduce()
        if try !isEmpty(value, depth: depth) { return false }
      }
      return true
    } catch {
      return false
    }
  }

  private mutating func isEmpty(_ value: SchemaConjunction, depth: Int) throws(GrammarError) -> Bool {
    if let values = value.values { return values.isEmpty }
    var types = value.types
    if types.contains(.object) {
      for name in value.required where isEmpty(value.valueSchemas(of: name), depth: depth + 1) {
        types.remove(.object)
        break
      }
    }
    if types.contains(.array) {
      for place in 0..<min(value.minimumItems, 8)
      where isEmpty(value.elementSchemas(at: place), depth: depth + 1) {
        types.remove(.array)
        break
      }
    }
    if types.contains(.string), try value.stringAutomaton().isEmpty { types.remove(.string) }
    return types.isEmpty
  }
}

extension SchemaOptions {
  /// Options of which one holds exactly where the schema is not fulfilled.
  mutating func negation(of index: Int, depth: Int) throws(GrammarError) -> [SchemaOption] {
    if let known = negations[index] { return known }
    let schema = document.schemas[index]
    guard depth < 20 else {
      throw .schema(path: schema.path, problem: "its opposite is too deep")
    }
    if let boolean = schema.boolean { return boolean ? [] : [SchemaOption()] }
    let path = schema.path
    func refuse(_ keyword: String) -> GrammarError {
      .schema(path: "\(path)/\(keyword)", problem: "the opposite of \(keyword) cannot be enforced")
    }
    if !schema.oneOf.isEmpty { throw refuse("oneOf") }
    if !schema.divisors.isEmpty { throw refuse("multipleOf") }
    if schema.isUnique { throw refuse("uniqueItems") }
    if schema.maximumContains != nil && schema.contains != nil { throw refuse("maxContains") }
    if !schema.patternProperties.isEmpty { throw refuse("patternProperties") }
    if let names = schema.propertyNames, document.schemas[names].boolean != true {
      throw refuse("propertyNames")
    }
    var options = ownNegations(of: schema)
    if let others = schema.additionalProperties, document.schemas[others].boolean != true {
      options.append(try additionalNegation(of: schema, others))
    }
    for part in schema.references + schema.allOf { options += try negation(of: part, depth: depth + 1) }
    for group in schema.anyOf {
      var all = SchemaOption()
      for part in group { all.choices.append(try negation(of: part, depth: depth + 1)) }
      options.append(all)
    }
    options += schema.not.map { SchemaOption(schemas: [$0]) }
    if let condition = schema.condition {
      if let then = condition.then {
        options.append(
          SchemaOption(schemas: [condition.test], choices: [try negation(of: then, depth: depth + 1)]))
      }
      if let otherwise = condition.otherwise {
        options.append(
          SchemaOption(
            choices: [
              try negation(of: condition.test, depth: depth + 1),
              try negation(of: otherwise, depth: depth + 1),
            ]))
      }
    }
    for (name, dependent) in schema.dependentSchemas {
      let with = document.add(path: path) {
        $0.types = .object; $0.required = [name]
      }
      options.append(SchemaOption(schemas: [with], choices: [try negation(of: dependent, depth: depth + 1)]))
    }
    negations[index] = options
    return options
  }

  /// A name that is no named property, with a value that the rest may not have: said by the names, so only where no
  /// other name may be there at all.
  private mutating func additionalNegation(of schema: Schema, _ others: Int) throws(GrammarError)
    -> SchemaOption
  {
    guard document.schemas[others].boolean == false else {
      throw .schema(
        path: schema.path + "/additionalProperties",
        problem: "the opposite of additionalProperties cannot be enforced")
    }
    let index = document.add(path: schema.path) {
      $0.types = .object
      $0.needsOtherThan = [schema.properties.map(\.name)]
    }
    return SchemaOption(schemas: [index])
  }

  /// The opposites of the keywords about the value itself.
  private mutating func ownNegations(of schema: Schema) -> [SchemaOption] {
    var options: [SchemaOption] = []
    let path = schema.path
    func opposite(_ part: Int) -> Int { document.add(path: path) { $0.not = [part] } }
    func add(_ types: SchemaTypes, _ fill: (inout Schema) -> Void) {
      let index = document.add(path: path) {
        $0.types = types
        fill(&$0)
      }
      options.append(SchemaOption(schemas: [index]))
    }
    let never = never
    if schema.types != .all { add(SchemaTypes.all.subtracting(schema.types)) { _ in } }
    for list in schema.values { add(.all) { $0.excluded = list } }
    if !schema.excluded.isEmpty { add(.all) { $0.values = [schema.excluded] } }
    for bound in schema.lower {
      add(.number) { $0.upper = [NumberBound(value: bound.value, isInclusive: !bound.isInclusive)] }
    }
    for bound in schema.upper {
      add(.number) { $0.lower = [NumberBound(value: bound.value, isInclusive: !bound.isInclusive)] }
    }
    if schema.minimumLength > 0 { add(.string) { $0.maximumLength = schema.minimumLength - 1 } }
    if let maximum = schema.maximumLength { add(.string) { $0.minimumLength = maximum + 1 } }
    for pattern in schema.patterns { add(.string) { $0.opposites = [pattern] } }
    if schema.minimumItems > 0 { add(.array) { $0.maximumItems = schema.minimumItems - 1 } }
    if let maximum = schema.maximumItems { add(.array) { $0.minimumItems = maximum + 1 } }
    for (place, part) in schema.prefixItems.enumerated() {
      let other = opposite(part)
      let free = document.add(path: path) { $0.boolean = true }
      add(.array) {
        $0.prefixItems = [Int](repeating: free, count: place) + [other]
        $0.minimumItems = place + 1
      }
    }
    if let items = schema.items {
      let other = opposite(items)
      let free = document.add(path: path) { $0.boolean = true }
      add(.array) {
        $0.contains = other
        $0.containsFrom = schema.prefixItems.count
        $0.items = free
      }
    }
    if let contains = schema.contains, schema.minimumContains == 1 {
      let other = opposite(contains)
      add(.array) { $0.items = other }
    } else if schema.contains != nil && schema.minimumContains > 1 {
      let contains = schema.contains
      add(.array) {
        $0.contains = contains
        $0.minimumContains = 0
        $0.maximumContains = schema.minimumContains - 1
      }
    }
    if schema.minimumProperties > 0 { add(.object) { $0.maximumProperties = schema.minimumProperties - 1 } }
    if let maximum = schema.maximumProperties { add(.object) { $0.minimumProperties = maximum + 1 } }
    for name in schema.required { add(.object) { $0.properties = [(name, never)] } }
    for (name, part) in schema.properties {
      let other = opposite(part)
      add(.object) {
        $0.required = [name]
        $0.properties = [(name, other)]
      }
    }
    for (name, others) in schema.dependentRequired {
      for other in others {
        add(.object) {
          $0.required = [name]
          $0.properties = [(other, never)]
        }
      }
    }
    return options
  }
}

import MartletJSON

/// What several schemas that all apply say about a value together.
struct SchemaConjunction {
  /// The schemas, of which only the keywords about the value itself count.
  let schemas: [Schema]
  let document: SchemaDocument
  private let places: [Int]
  private(set) var types = SchemaTypes.all
  /// The only values allowed, if they are listed.
  private(set) var values: [JSON]?
  private(set) var excluded: [JSON] = []
  private(set) var numbers = NumberRange()
  private(set) var minimumLength = 0
  private(set) var maximumLength: Int?
  private(set) var minimumItems = 0
  private(set) var maximumItems: Int?
  private(set) var isUnique = false
  /// Names of properties in the order in which schemas name them.
  private(set) var required: [String] = []
  private(set) var minimumProperties = 0
  private(set) var maximumProperties: Int?

  init(_ places: [Int], _ document: SchemaDocument) throws(GrammarError) {
    self.places = places
    self.document = document
    schemas = places.map { document.schemas[$0] }
    for schema in schemas {
      types.formIntersection(schema.types)
      excluded += schema.excluded
      for bound in schema.lower { numbers.raise(to: bound) }
      for bound in schema.upper { numbers.lower(to: bound) }
      numbers.divisors += schema.divisors.filter { !numbers.divisors.contains($0) }
      minimumLength = max(minimumLength, schema.minimumLength)
      maximumLength = Self.smaller(maximumLength, schema.maximumLength)
      minimumItems = max(minimumItems, schema.minimumItems)
      maximumItems = Self.smaller(maximumItems, schema.maximumItems)
      isUnique = isUnique || schema.isUnique
      required += schema.required.filter { !required.contains($0) }
      minimumProperties = max(minimumProperties, schema.minimumProperties)
      maximumProperties = Self.smaller(maximumProperties, schema.maximumProperties)
    }
  }

  /// Where to look for what is wrong.
  var path: String { places.min().map { document.schemas[$0].path } ?? "#" }

  private static func smaller(_ first: Int?, _ second: Int?) -> Int? {
    guard let first, let second else { return first ?? second }
    return min(first, second)
  }

  /// Takes away the types of which nothing is left, and the listed values that other keywords exclude.
  mutating func reduce() throws(GrammarError) {
    numbers.allowsIntegers = types.contains(.integer)
    numbers.allowsFractions = types.contains(.fraction)
    if numbers.isEmpty { types.subtract(.number) }
    if let maximumLength, maximumLength < minimumLength { types.remove(.string) }
    if let maximumItems, maximumItems < minimumItems { types.remove(.array) }
    if let maximumProperties, maximumProperties < max(minimumProperties, required.count) {
      types.remove(.object)
    }
    let lists = schemas.flatMap(\.values)
    guard var listed = lists.first else { return }
    for list in lists.dropFirst() {
      listed = listed.filter { value in list.contains { SchemaValidator.areEqual($0, value) } }
    }
    let validator = SchemaValidator(document: document)
    var kept: [JSON] = []
    for value in listed where !kept.contains(where: { SchemaValidator.areEqual($0, value) }) {
      if places.allSatisfy({ validator.fulfils(value, ownKeywordsOf: $0) }) { kept.append(value) }
    }
    values = kept
    types.formIntersection(kept.reduce(into: []) { $0.formUnion(SchemaTypes(of: $1)) })
  }

  /// The schemas of the element at a place.
  func elementSchemas(at place: Int) -> [Int] {
    schemas.compactMap { place < $0.prefixItems.count ? $0.prefixItems[place] : $0.items }
  }

  /// The schemas of the value of a property.
  func valueSchemas(of name: String) -> [Int] {
    schemas.flatMap { schema -> [Int] in
      var found = schema.properties.filter { $0.name == name }.map(\.schema)
      found += schema.patternProperties.filter { $0.pattern.automaton.contains(name) }.map(\.schema)
      return found.isEmpty ? [schema.additionalProperties].compactMap(\.self) : found
    }
  }

  /// The strings, but for the bounds of their length.
  func stringAutomaton() throws(GrammarError) -> TextAutomaton {
    var parts = schemas.flatMap { $0.patterns.map(\.automaton) }
    for pattern in schemas.flatMap(\.opposites) { parts.append(try pattern.automaton.complement()) }
    let texts = excluded.compactMap(\.stringValue)
    if !texts.isEmpty { parts.append(try TextAutomaton.words(texts).complement()) }
    return try .intersection(parts)
  }

  /// The strings, the bounds of their length included.
  func boundedStringAutomaton() throws(GrammarError) -> TextAutomaton {
    guard minimumLength > 0 || maximumLength != nil else { return try stringAutomaton() }
    return try .intersection([stringAutomaton(), .lengths(minimumLength, maximumLength)])
  }
}

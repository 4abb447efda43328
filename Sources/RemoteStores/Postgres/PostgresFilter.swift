import MartletJSON
import MartletVectorStore

/// The condition of a statement over a table of records, with its parameters.
///
/// Nothing of a filter stands in the SQL but its form: keys, values and texts are parameters. Each condition is true or
/// false and never NULL, and finds the records that it finds in Martlet's own store.
struct PostgresCondition {
  /// What stands behind WHERE.
  private(set) var sql = ""
  private(set) var values: [PostgresValue]
  /// The records that match a pattern, by the bytes of the pattern: the server does not know RE2.
  private let matching: [[UInt8]: [Int64]]

  /// - Parameters:
  ///   - values: Parameters that stand before the condition's own.
  ///   - matching: The keys of the records whose texts match, for each pattern of the filter.
  init(
    _ filter: Filter?, ids: [String]? = nil, after values: [PostgresValue] = [],
    matching: [[UInt8]: [Int64]] = [:]
  ) {
    self.values = values
    self.matching = matching
    let condition = if let filter { text(of: filter) } else { "true" }
    let named = ids.map { $0.filter(PostgresMetadata.isKept) }
    let place = if let named { mark(.texts(named)) } else { "" }
    sql = named == nil ? condition : "\(condition) AND id = ANY(\(place))"
  }

  /// Takes another parameter, and gives what stands for it in the SQL.
  mutating func mark(_ value: PostgresValue) -> String {
    values.append(value)
    return "$\(values.count)"
  }

  // MARK: Parts

  private mutating func text(of filter: Filter) -> String {
    switch filter {
    case .all(let filters): joined(filters, " AND ", ofNone: "true")
    case .any(let filters): joined(filters, " OR ", ofNone: "false")
    case .metadata(let key, let condition): text(of: condition, key)
    case .document(let condition): text(of: condition)
    }
  }

  private mutating func joined(_ filters: [Filter], _ joint: String, ofNone: String) -> String {
    var parts = [String]()
    for filter in filters { parts.append(text(of: filter)) }
    return parts.isEmpty ? ofNone : "(" + parts.joined(separator: joint) + ")"
  }

  private mutating func text(of condition: DocumentCondition) -> String {
    switch condition {
    case .contains(let part): contains(part)
    case .notContains(let part): "NOT \(contains(part))"
    case .matches(let expression): matches(expression)
    case .notMatches(let expression): "NOT \(matches(expression))"
    }
  }

  private mutating func contains(_ part: String) -> String {
    guard PostgresMetadata.isKept(part) else { return "false" }
    return "coalesce(strpos(document, \(mark(.text(part)))) > 0, false)"
  }

  private mutating func matches(_ expression: RegularExpression) -> String {
    "(key = ANY(\(mark(.integers(matching[Array(expression.pattern.utf8)] ?? [])))))"
  }

  private mutating func text(of condition: MetadataCondition, _ key: String) -> String {
    // What has such a key or value cannot be in the table.
    guard PostgresMetadata.isKept(key) else { return condition.isNegative ? "true" : "false" }
    switch condition {
    case .equal(let value): return isOne(of: [value], key)
    case .notEqual(let value): return "NOT \(isOne(of: [value], key))"
    case .oneOf(let values): return isOne(of: values, key)
    case .noneOf(let values): return "NOT \(isOne(of: values, key))"
    case .ordered(let order, let number): return compare(order, number, key)
    case .contains(let value): return hasElement(value, key)
    case .notContains(let value): return "NOT \(hasElement(value, key))"
    }
  }

  /// The index of the metadata answers whether an object contains another.
  private mutating func isOne(of wanted: [FilterValue], _ key: String) -> String {
    let texts = wanted.filter(\.isKept).map { PostgresMetadata.object(key, PostgresMetadata.text(of: $0)) }
    switch texts.count {
    case 0: return "false"
    case 1: return "(metadata @> \(mark(.json(texts[0]))))"
    default: return "(metadata @> ANY(\(mark(.jsons(texts)))))"
    }
  }

  private mutating func compare(
    _ order: MetadataCondition.Order, _ number: FilterNumber, _ key: String
  ) -> String {
    let key = mark(.text(key))
    let isNumber = "jsonb_typeof(metadata -> \(key)) = 'number'"
    if case .double(let double) = number, !double.isFinite {
      // All numbers are on one side of infinity, and none is on any side of what is no number.
      let isBelow = order == .less || order == .lessOrEqual
      let holds = !double.isNaN && (double > 0) == isBelow
      return "(coalesce(\(isNumber), false) AND \(holds))"
    }
    let bound = mark(.numeric(PostgresMetadata.literal(number)))
    return
      "coalesce(CASE WHEN \(isNumber) THEN (metadata ->> \(key))::numeric \(order.sign) \(bound) END, false)"
  }

  /// A list of integers has no point in its first element, and one of doubles has.
  private mutating func hasElement(_ value: FilterValue, _ key: String) -> String {
    guard value.isKept else { return "false" }
    let key = mark(.text(key))
    let element = mark(.json(PostgresMetadata.text(of: value)))
    let kind: String
    switch value {
    case .number(.integer): kind = " AND strpos(metadata -> \(key) ->> 0, '.') = 0"
    case .number(.double): kind = " AND strpos(metadata -> \(key) ->> 0, '.') > 0"
    case .string, .bool: kind = ""
    }
    return
      "coalesce(jsonb_typeof(metadata -> \(key)) = 'array' AND metadata -> \(key) @> \(element)\(kind), false)"
  }
}

extension PostgresMetadata {
  /// An object with one member, whose value is JSON already.
  fileprivate static func object(_ key: String, _ value: String) -> String {
    "{" + JSON.quoted(key) + ":" + value + "}"
  }
}

extension FilterValue {
  /// Whether a value of a table can equal it.
  fileprivate var isKept: Bool {
    switch self {
    case .string(let text): PostgresMetadata.isKept(text)
    case .number(.double(let number)): number.isFinite
    case .number(.integer), .bool: true
    }
  }
}

extension MetadataCondition {
  /// Whether records pass that lack the key.
  fileprivate var isNegative: Bool {
    switch self {
    case .notEqual, .noneOf, .notContains: true
    case .equal, .oneOf, .ordered, .contains: false
    }
  }
}

extension Filter {
  /// The patterns in it, each once.
  var patterns: [RegularExpression] {
    var found = [RegularExpression]()
    func collect(_ filter: Filter) {
      switch filter {
      case .all(let filters), .any(let filters): filters.forEach(collect)
      case .metadata: break
      case .document(.matches(let expression)), .document(.notMatches(let expression)):
        if !found.contains(expression) { found.append(expression) }
      case .document: break
      }
    }
    collect(self)
    return found
  }
}

import MartletJSON

extension Filter {
  /// Reads Chroma's `where`: `{"year": 1999}`, `{"year": {"$gte": 1999}}`, `{"$and": […]}` and so on. The key
  /// `#document` stands for the text.
  ///
  /// - Throws: For what is no filter, with the place.
  public init(where json: JSON) throws(FilterError) {
    do { self = try Self.read(json, Self.readMetadata) } catch { throw error.inside("where") }
  }

  /// Reads Chroma's `where_document`: `{"$contains": "bird"}`, `{"$regex": "^A"}`, `{"$or": […]}` and so on.
  ///
  /// - Throws: For what is no filter, with the place.
  public init(whereDocument json: JSON) throws(FilterError) {
    do {
      self = try Self.read(json) { (name, operand) throws(FilterError) in
        .document(try Self.readDocument(name, operand))
      }
    } catch {
      throw error.inside("where_document")
    }
  }

  private typealias Leaf = (_ name: String, _ operand: JSON) throws(FilterError) -> Filter

  /// Reads `$and` and `$or`, and leaves the rest to `leaf`. As deep as JSON is read (512 levels), so deep this calls
  /// itself.
  private static func read(_ json: JSON, _ leaf: Leaf) throws(FilterError) -> Filter {
    let (name, operand) = try single(json, "condition")
    do {
      switch name {
      case "$and": return .all(try readList(operand, leaf))
      case "$or": return .any(try readList(operand, leaf))
      default: return try leaf(name, operand)
      }
    } catch {
      throw error.inside(name)
    }
  }

  /// - Throws: For an empty list, too: to let a mistake of a program's choose all records, or none, would be unkind.
  private static func readList(_ json: JSON, _ leaf: Leaf) throws(FilterError) -> [Filter] {
    guard let elements = json.arrayValue else {
      throw FilterError("expected a list of conditions, found \(json.kind)")
    }
    guard !elements.isEmpty else { throw FilterError("expected at least one condition, found an empty list") }
    var filters = [Filter]()
    filters.reserveCapacity(elements.count)
    for (place, element) in elements.enumerated() {
      do { filters.append(try read(element, leaf)) } catch { throw error.inside("[\(place)]") }
    }
    return filters
  }

  /// The one member of an object.
  private static func single(_ json: JSON, _ what: String) throws(FilterError) -> (String, JSON) {
    guard let object = json.objectValue else { throw FilterError("expected an object, found \(json.kind)") }
    guard object.count == 1, let member = object.first else {
      let names = object.keys.prefix(5).map { "\"\(FilterError.shown($0))\"" }.joined(separator: ", ")
      throw FilterError(
        object.isEmpty
          ? "expected one \(what), found an empty object"
          : "expected one \(what), found \(object.count) (\(names)); join conditions with $and or $or")
    }
    return (member.key, member.value)
  }

  // MARK: Metadata

  private static func readMetadata(_ key: String, _ json: JSON) throws(FilterError) -> Filter {
    guard key.utf8.first != UInt8(ascii: "$") else {
      throw FilterError("unknown operator; here stand $and, $or, or a key of the metadata")
    }
    let isDocument = key == "#document"
    guard case .object = json else {
      guard !isDocument else {
        throw FilterError("expected an object such as {\"$contains\": …}, found \(json.kind)")
      }
      return .metadata(key, .equal(try readValue(json)))
    }
    let (name, operand) = try single(json, "operator")
    do {
      return isDocument
        ? .document(try readDocument(name, operand)) : .metadata(key, try readCondition(name, operand))
    } catch {
      throw error.inside(name)
    }
  }

  private static func readCondition(_ name: String, _ operand: JSON) throws(FilterError) -> MetadataCondition
  {
    switch name {
    case "$eq": return .equal(try readValue(operand))
    case "$ne": return .notEqual(try readValue(operand))
    case "$in": return .oneOf(try readValues(operand))
    case "$nin": return .noneOf(try readValues(operand))
    case "$contains": return .contains(try readValue(operand))
    case "$not_contains": return .notContains(try readValue(operand))
    case "$regex", "$not_regex":
      throw FilterError("patterns are for texts; the key #document stands for a record's text")
    default:
      guard let order = MetadataCondition.Order(rawValue: name) else {
        throw FilterError(
          "unknown operator; there are $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $contains, $not_contains")
      }
      guard case .number(let number) = operand else {
        throw FilterError("expected a number, found \(operand.kind)")
      }
      return .ordered(order, try readNumber(number))
    }
  }

  private static func readValue(_ json: JSON) throws(FilterError) -> FilterValue {
    switch json {
    case .string(let text): return .string(text)
    case .bool(let truth): return .bool(truth)
    case .number(let number): return .number(try readNumber(number))
    case .null, .array, .object:
      throw FilterError("expected a string, a number or a boolean, found \(json.kind)")
    }
  }

  private static func readNumber(_ number: JSONNumber) throws(FilterError) -> FilterNumber {
    do {
      switch try MetadataNumber(number) {
      case .integer(let whole): return .integer(whole)
      case .double(let value): return .double(value)
      }
    } catch { throw FilterError("\(error.literal) \(error.problem)") }
  }

  /// Values of one kind; whole numbers and others are one.
  private static func readValues(_ json: JSON) throws(FilterError) -> [FilterValue] {
    guard let elements = json.arrayValue else {
      throw FilterError("expected a list of values, found \(json.kind)")
    }
    guard let first = elements.first else {
      throw FilterError("expected at least one value, found an empty list")
    }
    var values = [FilterValue]()
    values.reserveCapacity(elements.count)
    for (place, element) in elements.enumerated() {
      do throws(FilterError) {
        values.append(try readValue(element))
        guard element.kind == first.kind else {
          throw FilterError("expected \(first.kind) as before it in the list, found \(element.kind)")
        }
      } catch {
        throw error.inside("[\(place)]")
      }
    }
    return values
  }

  // MARK: Texts

  private static func readDocument(_ name: String, _ operand: JSON) throws(FilterError) -> DocumentCondition {
    switch name {
    case "$contains": return .contains(try readText(operand))
    case "$not_contains": return .notContains(try readText(operand))
    case "$regex": return .matches(try RegularExpression(try readText(operand)))
    case "$not_regex": return .notMatches(try RegularExpression(try readText(operand)))
    default:
      throw FilterError("unknown operator for texts; there are $contains, $not_contains, $regex, $not_regex")
    }
  }

  private static func readText(_ json: JSON) throws(FilterError) -> String {
    guard let text = json.stringValue else { throw FilterError("expected a string, found \(json.kind)") }
    return text
  }
}

import MartletCSQLite
import MartletJSON
import MartletSQLite

@testable import MartletVectorStore

extension Filter {
  /// Whether a record passes, by going through the filter step by step: what the index and SQLite are held to.
  func matches(_ metadata: Metadata, _ document: String?) -> Bool {
    switch self {
    case .all(let filters): filters.allSatisfy { $0.matches(metadata, document) }
    case .any(let filters): filters.contains { $0.matches(metadata, document) }
    case .metadata(let key, let condition):
      condition.matches(metadata.first { $0.key.utf8.elementsEqual(key.utf8) }?.value)
    case .document(.contains(let part)): document.map { has($0, part) } ?? false
    case .document(.notContains(let part)): !(document.map { has($0, part) } ?? false)
    case .document(.matches(let expression)): document.map { expression.matches($0) } ?? false
    case .document(.notMatches(let expression)): !(document.map { expression.matches($0) } ?? false)
    }
  }
}

private func has(_ text: String, _ part: String) -> Bool {
  let (text, part) = (Array(text.utf8), Array(part.utf8))
  return text.count >= part.count
    && (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
}

extension MetadataCondition {
  func matches(_ value: MetadataValue?) -> Bool {
    switch self {
    case .equal(let wanted): wanted.isSame(value)
    case .notEqual(let wanted): !wanted.isSame(value)
    case .oneOf(let wanted): wanted.contains { $0.isSame(value) }
    case .noneOf(let wanted): !wanted.contains { $0.isSame(value) }
    case .contains(let wanted): wanted.isElement(of: value)
    case .notContains(let wanted): !wanted.isElement(of: value)
    case .ordered(let order, let number):
      value.flatMap(FilterNumber.init).map { found in
        switch order {
        case .greater: number.isLess(found)
        case .greaterOrEqual: number.isLess(found) || number.isSame(found)
        case .less: found.isLess(number)
        case .lessOrEqual: found.isLess(number) || number.isSame(found)
        }
      } ?? false
    }
  }
}

extension FilterValue {
  func isSame(_ value: MetadataValue?) -> Bool {
    switch (self, value) {
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.bool(let a), .bool(let b)): a == b
    case (.number(let a), .some(let b)): FilterNumber(b)?.isSame(a) ?? false
    default: false
    }
  }

  func isElement(of value: MetadataValue?) -> Bool {
    switch (self, value) {
    case (.string(let a), .strings(let list)): list.contains { a.utf8.elementsEqual($0.utf8) }
    case (.bool(let a), .bools(let list)): list.contains(a)
    case (.number(.integer(let a)), .integers(let list)): list.contains(a)
    case (.number(.double(let a)), .doubles(let list)): list.contains(a)
    default: false
    }
  }
}

extension FilterNumber {
  init?(_ value: MetadataValue) {
    switch value {
    case .integer(let whole): self = .integer(whole)
    case .double(let number): self = .double(number)
    default: return nil
    }
  }

  /// The number as the whole number below it and the rest, exactly; whole numbers beyond `Int` are its ends.
  private var parts: (whole: Int, rest: Double) {
    switch self {
    case .integer(let whole): return (whole, 0)
    case .double(let number):
      let floor = number.rounded(.down)
      guard let whole = Int(exactly: floor) else { return floor < 0 ? (.min, floor) : (.max, floor) }
      return (whole, number - floor)
    }
  }

  func isLess(_ other: FilterNumber) -> Bool { !isNaN && !other.isNaN && parts < other.parts }
  func isSame(_ other: FilterNumber) -> Bool { !isNaN && !other.isNaN && parts == other.parts }
  private var isNaN: Bool { if case .double(let number) = self { number.isNaN } else { false } }
}

/// Records in the index of metadata and in a table of SQLite's, as a collection has them.
struct FilterBench {
  let records: [(metadata: Metadata, document: String?)]
  let index = MetadataIndex()
  let connection: StoreConnection

  init(_ records: [(metadata: Metadata, document: String?)]) throws {
    self.records = records
    connection = try StoreConnection(path: ":memory:", readOnly: false)
    try connection.execute(
      "CREATE TABLE records_1 (key INTEGER PRIMARY KEY, document TEXT, metadata TEXT NOT NULL)")
    for (slot, record) in records.enumerated() {
      index.add(slot: slot, metadata: record.metadata)
      try connection.run(
        "INSERT INTO records_1 VALUES (?, ?, ?)", .integer(slot), .optional(record.document),
        .text(record.metadata.encoded))
    }
  }

  func byTruth(_ filter: Filter) -> [Int] {
    records.indices.filter { filter.matches(records[$0].metadata, records[$0].document) }
  }

  func bySQL(_ filter: Filter) throws -> [Int] {
    let (condition, values) = try filter.sql()
    return try connection.rows("SELECT key FROM records_1 WHERE \(condition) ORDER BY key", values) {
      (row: SQLiteRow) throws(VectorStoreError) in Int(row.integer(0))
    }
  }

  func byIndex(_ filter: Filter) throws -> [Int] {
    let allowed = try index.allowed(filter, slots: records.count) { condition in
      var slots = SlotSet(count: records.count)
      for slot in try bySQL(.document(condition)) { slots.insert(slot) }
      return slots
    }
    var slots = [Int]()
    allowed.forEach { slots.append($0) }
    return slots
  }
}

import MartletSQLite

extension Filter {
  /// The filter as a condition on the rows of a table of records, by their columns `document` and `metadata`.
  ///
  /// Nothing of the filter stands in the SQL but its form: keys, values and patterns are bound to its question marks,
  /// in the order of `values`.
  ///
  /// SQLite's reader of JSON ends a text at a NUL, so that conditions on metadata with one find other records than
  /// `MetadataIndex`.
  ///
  /// - Throws: Where the filter has more levels or conditions than SQLite's parser takes.
  func sql() throws(FilterError) -> (condition: String, values: [SQLiteValue]) {
    var writer = FilterSQL()
    try writer.write(self, level: 0)
    return (writer.sql, writer.values)
  }
}

private struct FilterSQL {
  var sql = ""
  var values = [SQLiteValue]()
  private var conditions = 0

  /// SQLite's parser has a stack of 100 words, and its expressions 1000 levels, a chain of ANDs included.
  private static let mostLevels = 24
  private static let mostConditions = 800

  mutating func write(_ filter: Filter, level: Int) throws(FilterError) {
    guard level < Self.mostLevels else {
      throw FilterError("more than \(Self.mostLevels) levels of $and and $or")
    }
    switch filter {
    case .all(let filters): try write(filters, " AND ", ofNone: "1", level)
    case .any(let filters): try write(filters, " OR ", ofNone: "0", level)
    case .metadata(let key, let condition):
      try count()
      write(key, condition)
    case .document(let condition):
      try count()
      write(condition)
    }
  }

  private mutating func count() throws(FilterError) {
    conditions += 1
    guard conditions <= Self.mostConditions else {
      throw FilterError("more than \(Self.mostConditions) conditions")
    }
  }

  private mutating func write(
    _ filters: [Filter], _ joint: String, ofNone: String, _ level: Int
  ) throws(FilterError) {
    guard !filters.isEmpty else { return sql += ofNone }
    sql += "("
    for (place, filter) in filters.enumerated() {
      if place > 0 { sql += joint }
      try write(filter, level: level + 1)
    }
    sql += ")"
  }

  // MARK: Conditions, each true or false and never NULL

  private mutating func write(_ condition: DocumentCondition) {
    switch condition {
    case .contains(let part): writeText("martlet_contains", part)
    case .notContains(let part):
      sql += "NOT "
      writeText("martlet_contains", part)
    case .matches(let expression): writeText("martlet_matches", expression.pattern)
    case .notMatches(let expression):
      sql += "NOT "
      writeText("martlet_matches", expression.pattern)
    }
  }

  private mutating func writeText(_ function: String, _ text: String) {
    sql += "ifnull(\(function)(?, document), 0)"
    values.append(.text(text))
  }

  private mutating func write(_ key: String, _ condition: MetadataCondition) {
    switch condition {
    case .equal(let value): writeEqual(key, [value])
    case .notEqual(let value):
      sql += "NOT "
      writeEqual(key, [value])
    case .oneOf(let values): writeEqual(key, values)
    case .noneOf(let values):
      sql += "NOT "
      writeEqual(key, values)
    case .ordered(let order, let number):
      sql += "EXISTS (SELECT 1 FROM json_each(metadata) m WHERE m.key = ? "
      sql += "AND m.type IN ('integer', 'real') AND m.value \(order.sign) ?)"
      values += [.text(key), number.bound]
    case .contains(let value): writeContains(key, value)
    case .notContains(let value):
      sql += "NOT "
      writeContains(key, value)
    }
  }

  private mutating func writeEqual(_ key: String, _ wanted: [FilterValue]) {
    sql += "EXISTS (SELECT 1 FROM json_each(metadata) m WHERE m.key = ? AND ("
    values.append(.text(key))
    // One list for each kind: a chain of ORs would be too deep for SQLite.
    var isFirst = true
    writeOne(
      of: wanted.compactMap { if case .string(let text) = $0 { .text(text) } else { nil } }, "'text'",
      &isFirst)
    writeOne(
      of: wanted.compactMap { if case .number(let number) = $0 { number.bound } else { nil } },
      "'integer', 'real'",
      &isFirst)
    for (truth, type) in [(true, "true"), (false, "false")] where wanted.contains(.bool(truth)) {
      sql += (isFirst ? "" : " OR ") + "m.type = '\(type)'"
      isFirst = false
    }
    sql += isFirst ? "0))" : "))"
  }

  private mutating func writeOne(of bound: [SQLiteValue], _ types: String, _ isFirst: inout Bool) {
    guard !bound.isEmpty else { return }
    let marks = repeatElement("?", count: bound.count).joined(separator: ", ")
    sql += (isFirst ? "" : " OR ") + "m.type IN (\(types)) AND m.value IN (\(marks))"
    values += bound
    isFirst = false
  }

  private mutating func writeContains(_ key: String, _ value: FilterValue) {
    // Only of a list may the elements be asked for: json_each refuses other texts.
    sql += "EXISTS (SELECT 1 FROM json_each(metadata) m, "
    sql += "json_each(CASE m.type WHEN 'array' THEN m.value ELSE '[]' END) e WHERE m.key = ? AND e.type = "
    values.append(.text(key))
    switch value {
    case .string(let text):
      sql += "'text' AND e.value = ?)"
      values.append(.text(text))
    case .number(let number):
      if case .integer = number { sql += "'integer'" } else { sql += "'real'" }
      sql += " AND e.value = ?)"
      values.append(number.bound)
    case .bool(let truth): sql += truth ? "'true')" : "'false')"
    }
  }
}

extension FilterNumber {
  fileprivate var bound: SQLiteValue {
    switch self {
    case .integer(let whole): .integer(whole)
    case .double(let number): .double(number)
    }
  }
}

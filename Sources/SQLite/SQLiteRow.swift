import MartletCSQLite

/// The current row of a statement, valid until the next one. Columns count from 0, and are converted as SQLite converts
/// them: a text is 0 as an integer.
public struct SQLiteRow {
  @usableFromInline let statement: OpaquePointer

  /// Whether a column is NULL.
  @inlinable public func isNull(_ column: Int32) -> Bool {
    sqlite3_column_type(statement, column) == SQLITE_NULL
  }
  /// A column as a whole number; 0 for NULL.
  @inlinable public func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
  /// A column as a whole number, or nil for NULL.
  @inlinable public func optionalInteger(_ column: Int32) -> Int? {
    isNull(column) ? nil : Int(integer(column))
  }
  /// A column as a floating-point number; 0 for NULL.
  @inlinable public func double(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }

  /// A column as a text; bytes that are not UTF-8 are replaced. Empty for NULL.
  @inlinable public func text(_ column: Int32) -> String {
    withBytes(column) { String(decoding: $0, as: UTF8.self) }
  }

  /// A column as a text, or nil for NULL.
  @inlinable public func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

  /// The bytes of a blob or a text, valid during the call.
  @inlinable public func withBytes<Result>(_ column: Int32, _ body: (UnsafeRawBufferPointer) -> Result)
    -> Result
  {
    // The pointer has to be asked for before the count: asking may convert the value.
    let start =
      sqlite3_column_type(statement, column) == SQLITE_BLOB
      ? sqlite3_column_blob(statement, column)
      : sqlite3_column_text(statement, column).map { UnsafeRawPointer($0) }
    let count = Int(sqlite3_column_bytes(statement, column))
    return body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
  }
}

/// A value that is bound to a parameter of a statement.
public enum SQLiteValue: Sendable, Equatable {
  /// NULL.
  case null
  /// A whole number.
  case integer(Int64)
  /// A floating-point number; SQLite makes NULL of one that is not a number.
  case double(Double)
  /// A text.
  case text(String)
  /// Bytes.
  case blob([UInt8])

  /// A whole number.
  public static func integer(_ value: Int) -> SQLiteValue { .integer(Int64(value)) }
  /// A whole number, or NULL.
  public static func optional(_ value: Int?) -> SQLiteValue { value.map { .integer(Int64($0)) } ?? .null }
  /// A text, or NULL.
  public static func optional(_ value: String?) -> SQLiteValue { value.map { .text($0) } ?? .null }
}

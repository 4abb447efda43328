/// A value of a record's or a collection's metadata, of the kinds that Chroma has.
public enum MetadataValue: Sendable, Equatable, Hashable {
  /// Text.
  case string(String)
  /// A whole number.
  case integer(Int)
  /// A number with a fraction; infinities and NaN have no place in JSON and are refused.
  case double(Double)
  /// A truth value.
  case bool(Bool)
  /// Texts, at least one.
  case strings([String])
  /// Whole numbers, at least one.
  case integers([Int])
  /// Numbers with fractions, at least one.
  case doubles([Double])
  /// Truth values, at least one.
  case bools([Bool])

  /// The text, where it is one.
  public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
  /// The whole number, where it is one.
  public var integerValue: Int? { if case .integer(let value) = self { value } else { nil } }
}

extension MetadataValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral
{
  /// Text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A number with a fraction.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}

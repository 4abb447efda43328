/// A value that those of the metadata are compared with.
public enum FilterValue: Sendable, Hashable {
  /// A text.
  case string(String)
  /// A number.
  case number(FilterNumber)
  /// A truth value.
  case bool(Bool)

  /// A whole number.
  public static func integer(_ number: Int) -> FilterValue { .number(.integer(number)) }
  /// A number with a fraction.
  public static func double(_ number: Double) -> FilterValue { .number(.double(number)) }
}

/// A number that those of the metadata are compared with.
public enum FilterNumber: Sendable, Hashable {
  /// A whole number.
  case integer(Int)
  /// A number with a fraction.
  case double(Double)

  /// The same number as an integer where it is one: the form in which 1 and 1.0 are the same.
  var canonical: FilterNumber {
    if case .double(let number) = self, let whole = Int(exactly: number) { .integer(whole) } else { self }
  }
}

extension FilterValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral
{
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .number(.integer(value)) }
  /// A number with a fraction.
  public init(floatLiteral value: Double) { self = .number(.double(value)) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension FilterNumber: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
  /// A whole number.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A number with a fraction.
  public init(floatLiteral value: Double) { self = .double(value) }
}

/// A JSON number that keeps the text it was written in, so that a file passes through unchanged.
public struct JSONNumber: Sendable, Equatable {
  /// The text, valid by RFC 8259: `-12`, `0.50`, `1e-05`.
  public let literal: String

  /// For text that a parser has checked.
  init(checkedLiteral: String) { literal = checkedLiteral }

  /// A whole number.
  public init(_ value: Int) { literal = String(value) }

  /// A number in the shortest text that reads back as the same `Double`; nil where it is not finite.
  public init?(_ value: Double) {
    guard value.isFinite else { return nil }
    literal = value.description
  }

  /// A number in the shortest text that reads back as the same `Float`; nil where it is not finite.
  public init?(_ value: Float) {
    guard value.isFinite else { return nil }
    literal = value.description
  }

  /// The whole number, if there is no fraction and it fits: `7`, `7.0` and `7e0` are all 7.
  public var intValue: Int? {
    if let value = Int(literal) { return value }
    let number = doubleValue
    guard number.magnitude <= 9_007_199_254_740_992 else { return nil }
    let whole = Int(number)
    return Double(whole) == number ? whole : nil
  }

  /// The nearest `Double`; infinite where the number is too large for one.
  public var doubleValue: Double { Double(literal) ?? .nan }
}

extension JSONNumber: CustomStringConvertible {
  /// The literal text.
  public var description: String { literal }
}

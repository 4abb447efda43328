import MartletSeededRandom
import MartletVectorStore

/// Records and filters drawn at random, with few keys and values, so that they meet.
public struct RandomFilters {
  /// What is drawn from.
  public var random: SplitMix64
  /// Texts that conditions ask for besides those that records have.
  private let strangeTexts: [String]
  /// Numbers that conditions ask for besides those that records have.
  private let strangeNumbers: [Double]

  /// Draws; the strange are what conditions ask for, and no record has.
  public init(random: SplitMix64, strangeTexts: [String] = [], strangeNumbers: [Double] = []) {
    (self.random, self.strangeTexts, self.strangeNumbers) = (random, strangeTexts, strangeNumbers)
  }

  private static let keys = ["k", "a b", "\"", "é", "e\u{301}", "$.k", ""]
  private static let texts =
    ["", "a", "A", "1", "true", "é", "e\u{301}", "'; DROP TABLE records_1; --", "\u{1}\n\"\\", "%", "a_b"]
    + [String(repeating: "long", count: 40), String(repeating: "long", count: 41)]
  private static let integers = [0, 1, 2, -3, 1 << 53, 1 << 53 + 1, .max, .max - 1, .min, .min + 1]
  private static let doubles = [
    0, -0.0, 1, 1.5, -2.5, 0.125, 0.1, 1e-7, 0x1p53, 0x1p63, -0x1p63, -0x1p64, 1e300, -1e300,
    .leastNonzeroMagnitude,
  ]
  private static let patterns = ["^a", "l+", "(?i)A", "[0-9]", "é$", "^$", ""]

  /// One element of a list.
  public mutating func pick<Element>(_ list: [Element]) -> Element {
    list[Int.random(in: 0..<list.count, using: &random)]
  }
  /// A number from 0 to the limit.
  public mutating func number(below limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

  /// A value of a few that meet.
  public mutating func value() -> MetadataValue {
    switch number(below: 8) {
    case 0, 1: .string(pick(Self.texts))
    case 2, 3: .integer(pick(Self.integers))
    case 4: .double(pick(Self.doubles))
    case 5: .bool(number(below: 2) == 0)
    case 6: .strings((0...number(below: 3)).map { _ in pick(Self.texts) })
    default:
      switch number(below: 3) {
      case 0: .integers((0...number(below: 3)).map { _ in pick(Self.integers) })
      case 1: .doubles((0...number(below: 3)).map { _ in pick(Self.doubles) })
      default: .bools((0...number(below: 3)).map { _ in number(below: 2) == 0 })
      }
    }
  }

  /// What a record holds beside its vector.
  public mutating func record() -> (metadata: Metadata, document: String?) {
    var metadata = Metadata()
    for _ in 0..<number(below: 4) { metadata[pick(Self.keys)] = value() }
    return (metadata, number(below: 4) == 0 ? nil : pick(Self.texts) + pick(Self.texts))
  }

  /// What a condition asks for.
  public mutating func operand() -> FilterValue {
    switch number(below: 4) {
    case 0: .string(pick(Self.texts + strangeTexts))
    case 1: .number(.integer(pick(Self.integers)))
    case 2: .number(.double(pick(Self.doubles + strangeNumbers)))
    default: .bool(number(below: 2) == 0)
    }
  }

  /// What is asked of a key.
  public mutating func condition() -> MetadataCondition {
    switch number(below: 10) {
    case 0: return .equal(operand())
    case 1: return .notEqual(operand())
    case 2: return .oneOf((0..<number(below: 5)).map { _ in operand() })
    case 3: return .noneOf((0..<number(below: 5)).map { _ in operand() })
    case 4: return .contains(operand())
    case 5: return .notContains(operand())
    default:
      let bound: FilterNumber =
        number(below: 2) == 0
        ? .integer(pick(Self.integers)) : .double(pick(Self.doubles + [.infinity, -.infinity, .nan]))
      return .ordered(pick(MetadataCondition.Order.allCases), bound)
    }
  }

  /// A filter of that depth at most.
  public mutating func filter(depth: Int) throws -> Filter {
    switch number(below: depth > 0 ? 12 : 6) {
    case 0:
      let part = pick(Self.texts + strangeTexts)
      return .document(number(below: 2) == 0 ? .contains(part) : .notContains(part))
    case 1:
      let expression = try RegularExpression(pick(Self.patterns))
      return .document(number(below: 2) == 0 ? .matches(expression) : .notMatches(expression))
    case 2...5: return .metadata(pick(Self.keys + ["missing"] + strangeTexts), condition())
    default:
      var parts = [Filter]()
      for _ in 0..<number(below: 4) { parts.append(try filter(depth: depth - 1)) }
      return number(below: 2) == 0 ? .all(parts) : .any(parts)
    }
  }
}

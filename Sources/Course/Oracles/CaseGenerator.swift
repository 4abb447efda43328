import MartletJSON

/// Draws inputs for programs. Equal seeds draw equal inputs (SplitMix64: Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", 2014).
public struct CaseGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A generator that begins with a seed.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// An integer in a range.
  public mutating func integer(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  /// A number in a range, with three decimals, so that people can work a case out by hand.
  public mutating func number(in range: ClosedRange<Double>) -> Double {
    (Double.random(in: range, using: &self) * 1000).rounded() / 1000
  }

  /// Numbers in a range.
  public mutating func numbers(_ count: Int, in range: ClosedRange<Double> = -3...3) -> [Double] {
    (0..<count).map { _ in number(in: range) }
  }

  /// Rows of numbers.
  public mutating func matrix(rows: Int, columns: Int, in range: ClosedRange<Double> = -3...3) -> [[Double]] {
    (0..<rows).map { _ in numbers(columns, in: range) }
  }

  /// One of several values.
  public mutating func one<Element>(of choices: [Element]) -> Element {
    choices[integer(in: 0...choices.count - 1)]
  }

  /// Words, with repetitions, of a small vocabulary.
  public mutating func words(_ count: Int) -> [String] {
    let vocabulary = [
      "the", "swift", "sleeps", "on", "wing", "a", "river", "mill", "stone", "old", "bird", "sky", "over",
      "red",
      "town", "rain",
    ]
    return (0..<count).map { _ in one(of: vocabulary) }
  }
}

extension JSON {
  /// A list of numbers.
  public static func numbers(_ values: [Double]) -> JSON { .array(values.map { JSON($0) }) }

  /// A list of rows of numbers.
  public static func matrix(_ rows: [[Double]]) -> JSON { .array(rows.map { .numbers($0) }) }
}

extension JSON {
  /// The member's number, or 0.
  func number(_ key: String) -> Double { self[key]?.doubleValue ?? 0 }

  /// The member's integer, or 0.
  func integer(_ key: String) -> Int { self[key]?.intValue ?? 0 }

  /// The member's text, or an empty one.
  func text(_ key: String) -> String { self[key]?.stringValue ?? "" }

  /// The member's numbers.
  func numbers(_ key: String) -> [Double] { self[key]?.arrayValue?.compactMap(\.doubleValue) ?? [] }

  /// The member's texts.
  func texts(_ key: String) -> [String] { self[key]?.arrayValue?.compactMap(\.stringValue) ?? [] }

  /// The member's rows of numbers.
  func matrix(_ key: String) -> [[Double]] {
    self[key]?.arrayValue?.map { $0.arrayValue?.compactMap(\.doubleValue) ?? [] } ?? []
  }
}

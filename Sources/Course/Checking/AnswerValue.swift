import Foundation
import MartletJSON

/// Learners' texts as values, and values compared.
enum AnswerValue {
  /// The value of a text; throws why the text is none of the type.
  static func read(_ text: String, as type: AnswerType) throws(CourseError) -> JSON {
    let plain = text.trimmed
    guard !plain.isEmpty else { throw .answer("The answer is empty.") }
    switch type {
    case .number, .integer:
      // People write 1 024 and 1,024 for large numbers, and a percent sign is said by the question.
      let compact = plain.filter { !$0.isWhitespace && $0 != "_" }
      let number = Double(compact) ?? grouped(compact)
      guard let number, number.isFinite else { throw .answer("‘\(plain)’ is no number.") }
      if type == .integer, number != number.rounded() || abs(number) > 9e15 {
        throw .answer("‘\(plain)’ is no whole number.")
      }
      return type == .integer ? JSON(Int(number)) : JSON(number)
    case .text: return .string(plain)
    case .words, .list:
      let parts = parts(of: plain)
      guard !parts.isEmpty else { throw .answer("The answer is empty.") }
      return .array(parts.map { .string($0) })
    case .boolean:
      switch plain.lowercased() {
      case "yes", "y", "true": return true
      case "no", "n", "false": return false
      default: throw .answer("‘\(plain)’ is neither yes nor no.")
      }
    }
  }

  /// The text that a value of a solution stands for, as a learner would type it.
  static func text(of value: JSON) -> String {
    switch value {
    case .null: ""
    case .string(let text): text
    case .array(let elements): elements.map(text).joined(separator: ", ")
    case .bool(let flag): flag ? "yes" : "no"
    default: value.serialized()
    }
  }

  /// Whether a value is the right one. `expected` may be of any JSON kind that the type can be read from.
  static func matches(_ given: JSON, _ expected: JSON, type: AnswerType, tolerance: Double) -> Bool {
    switch type {
    case .number, .integer:
      guard let given = given.doubleValue, let expected = expected.doubleValue else { return false }
      return abs(given - expected) <= tolerance + 1e-12
    case .text: return fold(text(of: given)) == fold(text(of: expected))
    case .words: return Set(texts(given)) == Set(texts(expected))
    case .list: return texts(given) == texts(expected)
    case .boolean: return given.isTruthy == expected.isTruthy
    }
  }

  /// Splits at commas; where there are none, at white space.
  private static func parts(of text: String) -> [String] {
    let separated =
      text.contains(",") || text.contains("\n")
      ? text.split { $0 == "," || $0 == "\n" } : text.split(whereSeparator: \.isWhitespace)
    return separated.map { String($0).trimmed }.filter { !$0.isEmpty }
  }

  private static func texts(_ value: JSON) -> [String] {
    (value.arrayValue ?? parts(of: text(of: value)).map { .string($0) }).map { fold(text(of: $0)) }
  }

  private static func fold(_ text: String) -> String {
    var folded = text.trimmed.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    while let last = folded.last, ".!?".contains(last) { folded.removeLast() }
    return folded
  }

  /// 1,024 or 12,345,678: groups of three digits.
  private static func grouped(_ text: String) -> Double? {
    let groups = text.split(separator: ",", omittingEmptySubsequences: false)
    guard groups.count > 1, (1...3).contains(groups[0].filter(\.isNumber).count),
      groups.dropFirst().allSatisfy({ $0.prefix(3).count == 3 && $0.prefix(3).allSatisfy(\.isNumber) }),
      groups.dropFirst().dropLast().allSatisfy({ $0.count == 3 })
    else { return nil }
    return Double(groups.joined())
  }
}

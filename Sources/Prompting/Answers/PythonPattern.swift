/// Rewrites a pattern of Python's `re` as RE2 writes the same.
enum PythonPattern {
  private static let space = #"\s\x0b\x1c-\x1f\x{85}\p{Z}"#
  private static let word = #"\p{L}\p{N}_"#

  /// The pattern for RE2, and whether its last group stands for a `$` at the end.
  static func translated(_ pattern: String) throws(AnswerPatternError) -> (String, endsWithDollar: Bool) {
    let scalars = Array(pattern.unicodeScalars)
    let isMultiline = Self.isMultiline(scalars)
    var output = ""
    var isInClass = false
    var classStart = 0
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      switch scalar {
      case "\\":
        index += 1
        guard index < scalars.count else { throw AnswerPatternError(description: "a pattern ends with \\") }
        output += try escape(scalars, at: &index, isInClass: isInClass, in: pattern)
      case "[" where !isInClass:
        (isInClass, classStart) = (true, index)
        output.unicodeScalars.append(scalar)
        if index + 1 < scalars.count, scalars[index + 1] == "^" {
          index += 1
          classStart = index
          output += "^"
        }
      case "[":
        output += #"\["#
      case "]" where isInClass && index > classStart + 1:
        isInClass = false
        output += "]"
      case "$" where !isInClass && !isMultiline:
        guard index == scalars.count - 1 else {
          throw AnswerPatternError(
            description:
              "the pattern \(JSONText.quoted(pattern)) has a $ before its end; write \\Z for the end")
        }
        return (output + #"(\n?\z)"#, true)
      case "{" where !isInClass && index + 1 < scalars.count && scalars[index + 1] == ",":
        output += "{0"
      default: output.unicodeScalars.append(scalar)
      }
      index += 1
    }
    return (output, false)
  }

  private static func escape(
    _ scalars: [Unicode.Scalar], at index: inout Int, isInClass: Bool, in pattern: String
  ) throws(AnswerPatternError) -> String {
    switch scalars[index] {
    case "d": return #"\p{Nd}"#
    case "D": return #"\P{Nd}"#
    case "w": return isInClass ? word : "[\(word)]"
    case "s": return isInClass ? space : "[\(space)]"
    case "W" where !isInClass: return "[^\(word)]"
    case "S" where !isInClass: return "[^\(space)]"
    case "W", "S":
      throw AnswerPatternError(
        description: "the pattern \(JSONText.quoted(pattern)) has \\\(scalars[index]) in brackets")
    case "Z" where !isInClass: return #"\z"#
    case "u":
      let digits = scalars[(index + 1)...].prefix(4)
      guard digits.count == 4, digits.allSatisfy({ $0.properties.isASCIIHexDigit }) else {
        throw AnswerPatternError(
          description: "the pattern \(JSONText.quoted(pattern)) has \\u without four digits")
      }
      index += 4
      return #"\x{"# + String(String.UnicodeScalarView(digits)) + "}"
    case let other: return "\\" + String(Character(other))
    }
  }

  /// Whether a flag makes `$` match at the end of each line, as RE2's does too.
  private static func isMultiline(_ scalars: [Unicode.Scalar]) -> Bool {
    for start in scalars.indices.dropLast(2) where scalars[start] == "(" && scalars[start + 1] == "?" {
      let flags = scalars[(start + 2)...].prefix { $0.properties.isAlphabetic }
      let end = start + 2 + flags.count
      if flags.contains("m"), end < scalars.count, scalars[end] == ")" || scalars[end] == ":" { return true }
    }
    return false
  }
}

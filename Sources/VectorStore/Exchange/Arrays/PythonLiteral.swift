/// The few words of Python's literals that NumPy's headers are written in.
struct PythonLiteral {
  enum Value {
    case text(String)
    case bool(Bool)
    case numbers([Int])
    /// Keys, and their values in the same order.
    case dictionary(keys: [String], values: [Value])
    /// A list or a tuple of other things: the type of an array of structures.
    case other
  }

  private var rest: Substring
  private var depth = 0

  init(_ text: String) { rest = text[...] }

  /// The value that the text is; nil where it is none.
  mutating func parse() -> Value? {
    guard let value = value() else { return nil }
    skipSpace()
    return rest.isEmpty ? value : nil
  }

  private mutating func skipSpace() { rest = rest.drop { $0 == " " || $0 == "\n" || $0 == "\t" } }

  private mutating func take(_ word: String) -> Bool {
    skipSpace()
    guard rest.hasPrefix(word) else { return false }
    rest = rest.dropFirst(word.count)
    return true
  }

  private mutating func value() -> Value? {
    skipSpace()
    switch rest.first {
    case "'", "\"": return text().map { .text($0) }
    case "T": return take("True") ? .bool(true) : nil
    case "F": return take("False") ? .bool(false) : nil
    case "{": return dictionary()
    case "(": return tuple()
    case "[": return list()
    default: return nil
    }
  }

  private mutating func text() -> String? {
    guard let quote = rest.popFirst(), let end = rest.firstIndex(of: quote) else { return nil }
    let text = rest[..<end]
    guard !text.contains("\\") else { return nil }
    rest = rest[rest.index(after: end)...]
    return String(text)
  }

  private mutating func dictionary() -> Value? {
    guard depth < 4, take("{") else { return nil }
    depth += 1
    defer { depth -= 1 }
    var (keys, values) = ([String](), [Value]())
    while !take("}") {
      skipSpace()
      guard let key = text(), take(":"), let value = value() else { return nil }
      keys.append(key)
      values.append(value)
      if !take(",") { return take("}") ? .dictionary(keys: keys, values: values) : nil }
    }
    return .dictionary(keys: keys, values: values)
  }

  /// A shape: whole numbers from 0 up. Python 2 wrote an L behind long ones.
  private mutating func tuple() -> Value? {
    guard take("(") else { return nil }
    var numbers = [Int]()
    while !take(")") {
      skipSpace()
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let number = Int(digits) else { return nil }
      rest = rest.dropFirst(digits.count)
      _ = take("L")
      numbers.append(number)
      if !take(",") { return take(")") ? .numbers(numbers) : nil }
    }
    return .numbers(numbers)
  }

  /// The parts of a structure, which are passed over up to their end.
  private mutating func list() -> Value? {
    var depth = 0
    while let character = rest.popFirst() {
      if character == "[" { depth += 1 }
      if character == "]" { depth -= 1 }
      if depth == 0 { return .other }
    }
    return nil
  }
}

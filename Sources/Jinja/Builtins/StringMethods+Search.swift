extension StringMethods {
  /// A part of a text, selected by the optional `start` and `end` of Python's search methods.
  private struct Window {
    let scalars: [Unicode.Scalar]
    let start: Int
    let end: Int

    /// Whether Python looks into the window at all: its start may lie behind the text's end.
    var isValid: Bool { start <= end && start <= scalars.count }
    var text: String { isValid ? Text.string(scalars[start..<end]) : "" }

    init(_ text: String, _ start: Value?, _ end: Value?, _ name: String) throws(TemplateError) {
      scalars = Array(text.unicodeScalars)
      let count = scalars.count
      func bound(_ value: Value?, _ fallback: Int) throws(TemplateError) -> Int {
        guard let index = try value.given?.requireInteger("\(name)()") else { return fallback }
        return index < 0 ? max(0, index + count) : index
      }
      self.start = try bound(start, 0)
      self.end = min(try bound(end, count), count)
    }
  }

  static func hasAffix(_ name: String, _ text: String, _ arguments: Arguments) throws(TemplateError) -> Value
  {
    guard arguments.named.isEmpty else {
      throw TemplateError(.operation("\(name)() takes no named arguments"))
    }
    let values = try arguments.bind("\(name)()", ["affix", "start", "end"], required: 1)
    let window = try Window(text, values[1], values[2], name)
    var affixes: [Value] = [values[0] ?? .none]
    if case .tuple(let several) = affixes[0] { affixes = several.items }
    let bytes = Text.Bytes(window.text.utf8)
    var isFound = false
    for affix in affixes {
      let part = Text.Bytes(try affix.requireText("\(name)()").utf8)
      let matches =
        name == "startswith" ? bytes.starts(with: part) : bytes.suffix(part.count).elementsEqual(part)
      isFound = isFound || matches && window.isValid
    }
    return .boolean(isFound)
  }

  static func find(_ name: String, _ text: String, _ arguments: Arguments) throws(TemplateError) -> Value {
    guard arguments.named.isEmpty else {
      throw TemplateError(.operation("\(name)() takes no named arguments"))
    }
    let values = try arguments.bind("\(name)()", ["sub", "start", "end"], required: 1)
    let part = try (values[0] ?? .none).requireText("\(name)()")
    let window = try Window(text, values[1], values[2], name)
    if name == "count" { return .integer(count(part, in: window)) }
    if let place = place(of: part, in: window, fromRight: name.hasPrefix("r")) { return .integer(place) }
    guard name.hasSuffix("find") else { throw TemplateError(.operation("\(name)() does not find the text")) }
    return .integer(-1)
  }

  private static func count(_ part: String, in window: Window) -> Int {
    guard window.isValid else { return 0 }
    if part.isEmpty { return window.end - window.start + 1 }
    return Text.ranges(of: Text.Bytes(part.utf8), in: Text.Bytes(window.text.utf8)).count
  }

  private static func place(of part: String, in window: Window, fromRight: Bool) -> Int? {
    guard window.isValid else { return nil }
    if part.isEmpty { return fromRight ? window.end : window.start }
    let bytes = Text.Bytes(window.text.utf8)
    let sub = Text.Bytes(part.utf8)
    let range =
      fromRight
      ? Text.lastRanges(of: sub, in: bytes, limit: 1).last : Text.firstRange(of: sub, in: bytes, from: 0)
    return range.map { window.start + Text.string(bytes[..<$0.lowerBound]).unicodeScalars.count }
  }
}

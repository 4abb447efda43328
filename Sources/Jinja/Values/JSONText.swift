/// Writes values as Python's `json.dumps` does.
struct JSONText {
  var ensuresASCII = false
  /// What one level is indented by; nil writes everything on one line.
  var indent: String?
  var itemSeparator = ", "
  var keySeparator = ": "
  var sortsKeys = false

  func text(of value: Value) throws(TemplateError) -> String {
    var text = ""
    try write(value, level: 0, into: &text)
    return text
  }

  private func write(_ value: Value, level: Int, into text: inout String) throws(TemplateError) {
    try Text.requireRoom(text.utf8.count)
    switch value {
    case .none: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .largeInteger(let digits): text += digits
    case .float(let value): text += Self.text(of: value)
    case .string(let value), .markup(let value): write(value, into: &text)
    case .list(let value), .tuple(let value): try write(value.items, level: level, into: &text)
    case .dictionary(let value): try write(value, level: level, into: &text)
    case .undefined(let reason):
      throw TemplateError(.undefined("'tojson' needs a value, but \(reason)"))
    default: throw TemplateError(.operation("'tojson' does not work on a value of the kind \(value.kind)"))
    }
  }

  private static func text(of value: Double) -> String {
    value.isFinite ? pythonText(of: value) : value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
  }

  private func write(_ items: [Value], level: Int, into text: inout String) throws(TemplateError) {
    guard !items.isEmpty else {
      text += "[]"
      return
    }
    text += "["
    for (place, item) in items.enumerated() {
      if place > 0 { text += itemSeparator }
      breakLine(level: level + 1, into: &text)
      try write(item, level: level + 1, into: &text)
    }
    breakLine(level: level, into: &text)
    text += "]"
  }

  private func write(_ value: DictionaryValue, level: Int, into text: inout String) throws(TemplateError) {
    guard value.count > 0 else {
      text += "{}"
      return
    }
    text += "{"
    for (place, member) in try members(of: value).enumerated() {
      if place > 0 { text += itemSeparator }
      breakLine(level: level + 1, into: &text)
      write(try Self.keyText(member.key), into: &text)
      text += keySeparator
      try write(member.value, level: level + 1, into: &text)
    }
    breakLine(level: level, into: &text)
    text += "}"
  }

  private func members(of value: DictionaryValue) throws(TemplateError) -> [(key: Value, value: Value)] {
    let members = zip(value.keys, value.values).map { (key: $0, value: $1) }
    guard sortsKeys else { return members }
    return try stablySorted(members) { (left, right) throws(TemplateError) in
      try left.key.isLess(than: right.key)
    }
  }

  private static func keyText(_ key: Value) throws(TemplateError) -> String {
    switch key {
    case .string(let text), .markup(let text): return text
    case .none: return "null"
    case .boolean(let value): return value ? "true" : "false"
    case .integer(let value): return String(value)
    case .float(let value): return text(of: value)
    default: throw TemplateError(.operation("'tojson' cannot write a key of the kind \(key.kind)"))
    }
  }

  private func breakLine(level: Int, into text: inout String) {
    guard let indent else { return }
    text += "\n"
    for _ in 0..<level { text += indent }
  }

  private func write(_ string: String, into text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{8}": text += "\\b"
      case "\u{C}": text += "\\f"
      default:
        if scalar.value < 0x20 || ensuresASCII && scalar.value > 0x7E {
          if scalar.value == 0x7F { text += "\u{7F}" } else { writeEscape(scalar, into: &text) }
        } else {
          text.unicodeScalars.append(scalar)
        }
      }
    }
    text += "\""
  }

  private func writeEscape(_ scalar: Unicode.Scalar, into text: inout String) {
    for unit in String(scalar).utf16 {
      let digits = String(unit, radix: 16)
      text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }
}

/// Merge sort, which leaves equal elements in their order, with a comparison that may fail.
func stablySorted<Element>(
  _ items: [Element], by isBefore: (Element, Element) throws(TemplateError) -> Bool
) throws(TemplateError) -> [Element] {
  guard items.count > 1 else { return items }
  let middle = items.count / 2
  let left = try stablySorted(Array(items[..<middle]), by: isBefore)
  let right = try stablySorted(Array(items[middle...]), by: isBefore)
  var merged: [Element] = []
  merged.reserveCapacity(items.count)
  var (i, j) = (0, 0)
  while i < left.count && j < right.count {
    if try isBefore(right[j], left[i]) {
      merged.append(right[j])
      j += 1
    } else {
      merged.append(left[i])
      i += 1
    }
  }
  return merged + left[i...] + right[j...]
}

extension Value {
  /// Python's `str`: what `{{ value }}` prints.
  func printed() throws(TemplateError) -> String {
    switch self {
    case .undefined: return ""
    case .string(let text), .markup(let text): return text
    default: return try represented()
    }
  }

  /// Python's `repr`.
  func represented() throws(TemplateError) -> String {
    var text = ""
    try represent(into: &text)
    return text
  }

  private func represent(into text: inout String) throws(TemplateError) {
    switch self {
    case .undefined: text += "Undefined"
    case .none: text += "None"
    case .boolean(let value): text += value ? "True" : "False"
    case .integer(let value): text += String(value)
    case .largeInteger(let digits): text += digits
    case .float(let value): text += pythonText(of: value)
    case .string(let value): text += Self.quoted(value)
    case .markup(let value): text += "Markup(\(Self.quoted(value)))"
    case .list(let value): try Self.represent(value.items, between: "[", "]", into: &text)
    case .tuple(let value):
      try Self.represent(value.items, between: "(", value.items.count == 1 ? ",)" : ")", into: &text)
    case .dictionary(let value): try value.represent(into: &text)
    case .view(let view):
      text += "dict_\(view.kind.rawValue)("
      try Self.represent(try view.elements, between: "[", "]", into: &text)
      text += ")"
    case .range(let range):
      text += "range(\(range.start), \(range.stop)" + (range.step == 1 ? ")" : ", \(range.step))")
    case .macro(let macro): text += "<Macro \(Self.quoted(macro.definition.name))>"
    case .iterator:
      throw TemplateError(.unsupported("printing a lazy sequence; '| list' would make it a list"))
    case .namespace, .loop, .function, .method:
      throw TemplateError(.unsupported("printing a \(kind)"))
    }
    try Text.requireRoom(text.utf8.count)
  }

  fileprivate static func represent(
    _ items: [Value], between opening: String, _ closing: String, into text: inout String
  ) throws(TemplateError) {
    text += opening
    var isFirst = true
    for item in items {
      if !isFirst { text += ", " }
      isFirst = false
      try item.represent(into: &text)
    }
    text += closing
  }

  /// A text in Python's quotes: single ones, unless it holds single and no double ones.
  static func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
    var result = String.UnicodeScalarView([quote])
    for scalar in scalars {
      switch scalar {
      case quote, "\\": result.append(contentsOf: ["\\", scalar])
      case "\n": result.append(contentsOf: ["\\", "n"])
      case "\r": result.append(contentsOf: ["\\", "r"])
      case "\t": result.append(contentsOf: ["\\", "t"])
      default:
        if scalar.isPythonPrintable {
          result.append(scalar)
        } else {
          result.append(contentsOf: escape(scalar).unicodeScalars)
        }
      }
    }
    result.append(quote)
    return String(result)
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    let (letter, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
    return "\\" + letter + String(repeating: "0", count: width - digits.count) + digits
  }
}

extension DictionaryValue {
  fileprivate func represent(into text: inout String) throws(TemplateError) {
    text += "{"
    for (place, key) in keys.enumerated() {
      if place > 0 { text += ", " }
      try text += key.represented() + ": " + values[place].represented()
    }
    text += "}"
  }
}

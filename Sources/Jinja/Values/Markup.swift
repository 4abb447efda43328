/// Texts that are marked with `safe` or `escape`, as markupsafe's `Markup`: what is joined to one by `+` is escaped, and
/// so are the texts that its methods put into it. Printing and `~` take it as it is: templates run without
/// autoescaping.
enum Markup {
  /// A text with the five characters escaped that HTML reads otherwise.
  static func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: { [0x26, 0x3C, 0x3E, 0x22, 0x27].contains($0) }) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&#34;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A value's text, escaped unless it is marked.
  static func escaped(_ value: Value) throws(TemplateError) -> String {
    if case .markup(let text) = value { return text }
    return escaped(try value.printed())
  }

  /// `left + right` of texts of which one is marked.
  static func joined(_ left: Value, _ right: Value) throws(TemplateError) -> Value {
    let (left, right) = (try escaped(left), try escaped(right))
    try Text.requireRoom(left.utf8.count + right.utf8.count)
    return .markup(left + right)
  }

  /// `format % values` of a marked format.
  static func format(_ format: String, _ values: Value) throws(TemplateError) -> Value {
    // markupsafe escapes what `repr` gives too.
    guard !format.contains("%r"), !format.contains("%a") else { throw unsupported("'%r' in a format") }
    let escaped: Value
    switch values {
    case .tuple(let several):
      escaped = try .tuple(
        try several.items.mapThrowing { (item) throws(TemplateError) in try Self.item(item) })
    case .dictionary(let dictionary):
      var copy = DictionaryValue()
      for (key, value) in zip(dictionary.keys, dictionary.values) { try copy.set(key, to: try item(value)) }
      escaped = .dictionary(copy)
    default: escaped = try item(values)
    }
    guard let text = try PercentFormat.apply(format, to: escaped).text else { return escaped }
    return .markup(text)
  }

  private static func item(_ value: Value) throws(TemplateError) -> Value {
    switch value {
    case .string(let text): .string(escaped(text))
    case .markup, .none, .boolean, .integer, .float: value
    default: throw unsupported("formatting a \(value.kind)")
    }
  }

  /// Calls a method of `str` on a marked text.
  static func call(_ name: String, on text: String, _ arguments: Arguments) throws(TemplateError) -> Value {
    var arguments = arguments
    switch name {
    case "format": throw unsupported("the method 'format'")
    case "join":
      if let items = arguments.positional.first {
        let escaped = try items.elements().mapThrowing { (item) throws(TemplateError) in
          Value.string(try Self.escaped(item))
        }
        arguments.positional[0] = try .list(escaped)
      }
    case "replace", "center", "ljust", "rjust":
      if arguments.positional.count > 1, arguments.positional[1].text != nil {
        arguments.positional[1] = .string(try escaped(arguments.positional[1]))
      }
    default: break
    }
    return try marked(try StringMethods.call(name, on: text, arguments))
  }

  /// The texts that a method gave, marked.
  private static func marked(_ value: Value) throws(TemplateError) -> Value {
    switch value {
    case .string(let text): return .markup(text)
    case .list(let list): return try .list(list.items.map { $0.text.map { .markup($0) } ?? $0 })
    case .tuple(let tuple): return try .tuple(tuple.items.map { $0.text.map { .markup($0) } ?? $0 })
    default: return value
    }
  }

  static func unsupported(_ what: String) -> TemplateError {
    TemplateError(.unsupported("\(what) on a text that is marked with 'safe' or 'escape'"))
  }
}

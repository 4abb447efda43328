extension FilterLibrary {
  /// Filters on texts.
  static let textFilters: [String: Filter] = [
    "upper": plain("upper") { Text.uppercased($0) },
    "lower": plain("lower") { Text.lowercased($0) },
    "title": plain("title") { Text.titlecasedWords($0) },
    "capitalize": plain("capitalize") { Text.capitalized($0) },
    "string": plain("string") { $0 },
    "trim": trim, "replace": replace, "indent": indent, "center": center, "truncate": truncate,
    "format": format, "safe": safe, "escape": escape, "e": escape, "tojson": toJSON,
    "wordcount": { (value, arguments, _) throws(TemplateError) in
      try arguments.requireNone("the filter 'wordcount'")
      var count = 0
      var isInWord = false
      for scalar in try value.printed().unicodeScalars {
        if scalar.isPythonWord, !isInWord { count += 1 }
        isInWord = scalar.isPythonWord
      }
      return .integer(count)
    },
  ]

  /// A filter without arguments on a value's text.
  private static func plain(_ name: String, _ change: @escaping @Sendable (String) -> String) -> Filter {
    { (value, arguments, _) throws(TemplateError) in
      try arguments.requireNone("the filter '\(name)'")
      return .string(change(try value.printed()))
    }
  }

  private static let trim: Filter = { (value, arguments, _) throws(TemplateError) in
    let characters = try arguments.bind("the filter 'trim'", ["chars"])[0]
    let set = try characters.given?.requireText("the filter 'trim'")
    return .string(Text.strip(try value.printed(), set, .both))
  }

  private static let replace: Filter = { (value, arguments, _) throws(TemplateError) in
    let values = try arguments.bind("the filter 'replace'", ["old", "new", "count"], required: 2)
    let limit = try values[2].given?.requireInteger("the filter 'replace'") ?? -1
    let old = try (values[0] ?? .none).printed()
    let new = try (values[1] ?? .none).printed()
    return .string(try Text.replace(old, with: new, in: value.printed(), limit: limit))
  }

  private static let indent: Filter = { (value, arguments, _) throws(TemplateError) in
    let values = try arguments.bind("the filter 'indent'", ["width", "first", "blank"])
    let indentation: String
    if let text = values[0]?.text {
      indentation = text
    } else {
      let width = try values[0]?.requireInteger("the filter 'indent'") ?? 4
      try Text.requireRoom(width)
      indentation = String(repeating: " ", count: max(0, width))
    }
    let text = try value.requireText("the filter 'indent'")
    let lines = Text.lines(of: text + "\n")
    try Text.requireRoom(lines.count, times: indentation.utf8.count)
    let indentsBlank = values[2]?.isTruthy ?? false
    var result = values[1]?.isTruthy ?? false ? indentation : ""
    for (place, line) in lines.enumerated() {
      if place > 0 { result += "\n" + (indentsBlank || !line.isEmpty ? indentation : "") }
      result += line
    }
    return .string(result)
  }

  private static let center: Filter = { (value, arguments, _) throws(TemplateError) in
    let width = try arguments.bind("the filter 'center'", ["width"])[0]?.requireInteger("the filter 'center'")
    return .string(try Text.pad(value.printed(), to: width ?? 80, with: " ", .both))
  }

  private static let truncate: Filter = { (value, arguments, _) throws(TemplateError) in
    let callee = "the filter 'truncate'"
    let values = try arguments.bind(callee, ["length", "killwords", "end", "leeway"])
    let length = try values[0]?.requireInteger(callee) ?? 255
    let end = try values[2]?.requireText(callee) ?? "..."
    let leeway = try values[3].given?.requireInteger(callee) ?? 5
    let scalars = Array(try value.requireText(callee).unicodeScalars)
    let endCount = end.unicodeScalars.count
    guard length >= endCount, leeway >= 0 else {
      throw TemplateError(.operation("\(callee) needs a length of at least \(endCount)"))
    }
    // Written so that a huge length cannot overflow.
    if scalars.count <= length || scalars.count - length <= leeway { return value }
    let kept = Text.string(scalars[..<(length - endCount)])
    if values[1]?.isTruthy ?? false { return .string(kept + end) }
    return .string(Text.split(kept, by: " ", limit: 1, fromRight: true)[0] + end)
  }

  private static let format: Filter = { (value, arguments, _) throws(TemplateError) in
    let text = try value.printed()
    guard !arguments.named.isEmpty else {
      return try PercentFormat.apply(text, to: .tuple(arguments.positional))
    }
    guard arguments.positional.isEmpty else {
      throw TemplateError(.operation("the filter 'format' takes values by place or by name, not both"))
    }
    var dictionary = DictionaryValue()
    for (name, value) in arguments.named { try dictionary.set(.string(name), to: value) }
    return try PercentFormat.apply(text, to: .dictionary(dictionary))
  }

  private static let safe: Filter = { (value, arguments, _) throws(TemplateError) in
    try arguments.requireNone("the filter 'safe'")
    return .markup(try value.printed())
  }

  private static let escape: Filter = { (value, arguments, _) throws(TemplateError) in
    try arguments.requireNone("the filter 'escape'")
    return .markup(try Markup.escaped(value))
  }

  private static let toJSON: Filter = { (value, arguments, _) throws(TemplateError) in
    let callee = "the filter 'tojson'"
    let values = try arguments.bind(callee, ["ensure_ascii", "indent", "separators", "sort_keys"])
    var json = JSONText()
    json.ensuresASCII = values[0]?.isTruthy ?? false
    if let indent = values[1].given {
      let width = try indent.text == nil ? indent.requireInteger(callee) : 0
      try Text.requireRoom(width, times: 1 << 10)
      json.indent = indent.text ?? String(repeating: " ", count: max(0, width))
      json.itemSeparator = ","
    }
    if let separators = values[2].given {
      let pair = try separators.elements()
      guard pair.count == 2 else { throw TemplateError(.operation("\(callee) needs two separators")) }
      json.itemSeparator = try pair[0].requireText(callee)
      json.keySeparator = try pair[1].requireText(callee)
    }
    json.sortsKeys = values[3]?.isTruthy ?? false
    let text = try json.text(of: value)
    try Text.requireRoom(text.utf8.count)
    return .string(text)
  }
}

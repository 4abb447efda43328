/// The methods of Python's `str`.
enum StringMethods {
  static func call(_ name: String, on text: String, _ arguments: Arguments) throws(TemplateError) -> Value {
    if let result = try callPlain(name, on: text, arguments) { return result }
    switch name {
    case "strip", "lstrip", "rstrip":
      let values = try bind(name, ["chars"], arguments)
      let side: Text.Side = name == "strip" ? .both : name == "lstrip" ? .left : .right
      return .string(Text.strip(text, try values[0].given?.requireText("\(name)()"), side))
    case "split", "rsplit": return try split(name, text, arguments)
    case "splitlines":
      let values = try bind(name, ["keepends"], arguments, allowsNames: true)
      return try .list(Text.lines(of: text, keepingEnds: values[0]?.isTruthy ?? false).map { .string($0) })
    case "replace":
      let values = try bind(name, ["old", "new", "count"], required: 2, arguments)
      let limit = try values[2]?.requireInteger("replace()") ?? -1
      return .string(
        try Text.replace(
          try string(values, 0, name), with: try string(values, 1, name), in: text, limit: limit))
    case "join":
      return .string(try join(text, try bind(name, ["iterable"], required: 1, arguments)[0] ?? .none))
    case "removeprefix", "removesuffix":
      let affix = try string(try bind(name, ["affix"], required: 1, arguments), 0, name)
      return .string(remove(affix, from: text, isPrefix: name == "removeprefix"))
    case "partition", "rpartition": return try partition(name, text, arguments)
    case "startswith", "endswith": return try hasAffix(name, text, arguments)
    case "find", "rfind", "index", "rindex", "count": return try find(name, text, arguments)
    case "center", "ljust", "rjust": return try pad(name, text, arguments)
    case "zfill":
      let width = try (try bind(name, ["width"], required: 1, arguments)[0] ?? .none).requireInteger(
        "zfill()")
      return .string(try zeroFilled(text, to: width))
    case "format": return .string(try BraceFormat.apply(text, arguments))
    default: throw TemplateError(.unsupported("the method '\(name)' of a str"))
    }
  }

  /// Methods without arguments.
  private static func callPlain(
    _ name: String, on text: String, _ arguments: Arguments
  ) throws(TemplateError) -> Value? {
    let result: Value
    switch name {
    case "upper": result = .string(Text.uppercased(text))
    case "lower": result = .string(Text.lowercased(text))
    case "title": result = .string(Text.titlecased(text))
    case "capitalize": result = .string(Text.capitalized(text))
    case "swapcase": result = .string(Text.swappedCase(text))
    case "isupper": result = .boolean(Text.hasCase(text, upper: true))
    case "islower": result = .boolean(Text.hasCase(text, upper: false))
    case "isspace": result = .boolean(all(text) { $0.isPythonSpace })
    case "isalpha": result = .boolean(all(text) { $0.isPythonAlphabetic })
    case "isdecimal": result = .boolean(all(text) { $0.properties.generalCategory == .decimalNumber })
    case "isdigit": result = .boolean(all(text) { [.decimal, .digit].contains($0.properties.numericType) })
    case "isnumeric": result = .boolean(all(text) { $0.properties.numericType != nil })
    case "isalnum":
      result = .boolean(all(text) { $0.isPythonAlphabetic || $0.properties.numericType != nil })
    case "isascii": result = .boolean(text.utf8.allSatisfy { $0 < 0x80 })
    default: return nil
    }
    try arguments.requireNone("\(name)()")
    return result
  }

  private static func all(_ text: String, _ holds: (Unicode.Scalar) -> Bool) -> Bool {
    !text.isEmpty && text.unicodeScalars.allSatisfy(holds)
  }

  private static func bind(
    _ name: String, _ parameters: [String], required: Int = 0, _ arguments: Arguments,
    allowsNames: Bool = false
  ) throws(TemplateError) -> [Value?] {
    guard allowsNames || arguments.named.isEmpty else {
      throw TemplateError(.operation("\(name)() takes no named arguments"))
    }
    return try arguments.bind("\(name)()", parameters, required: required)
  }

  private static func string(_ values: [Value?], _ place: Int, _ name: String) throws(TemplateError) -> String
  {
    try (values[place] ?? .none).requireText("\(name)()")
  }

  private static func split(
    _ name: String, _ text: String, _ arguments: Arguments
  ) throws(TemplateError) -> Value {
    let values = try bind(name, ["sep", "maxsplit"], arguments, allowsNames: true)
    let limit = try values[1]?.requireInteger("\(name)()") ?? -1
    let pieces: [String]
    if let separator = try values[0].given?.requireText("\(name)()") {
      guard !separator.isEmpty else {
        throw TemplateError(.operation("\(name)() needs a separator that is not empty"))
      }
      pieces = Text.split(text, by: separator, limit: limit, fromRight: name == "rsplit")
    } else {
      pieces = Text.splitAtSpaces(text, limit: limit, fromRight: name == "rsplit")
    }
    return try .list(pieces.map { .string($0) })
  }

  private static func join(_ separator: String, _ values: Value) throws(TemplateError) -> String {
    var result = ""
    for (place, value) in try values.elements().enumerated() {
      if place > 0 { result += separator }
      guard let text = value.text else {
        throw TemplateError(.operation("join() needs texts, but element \(place) is \(value.kind)"))
      }
      result += text
      try Text.requireRoom(result.utf8.count)
    }
    return result
  }

  private static func remove(_ affix: String, from text: String, isPrefix: Bool) -> String {
    let bytes = Text.Bytes(text.utf8)
    let part = Text.Bytes(affix.utf8)
    if isPrefix { return bytes.starts(with: part) ? Text.string(bytes.dropFirst(part.count)) : text }
    return bytes.suffix(part.count).elementsEqual(part) ? Text.string(bytes.dropLast(part.count)) : text
  }

  private static func partition(
    _ name: String, _ text: String, _ arguments: Arguments
  ) throws(TemplateError) -> Value {
    let separator = try string(try bind(name, ["sep"], required: 1, arguments), 0, name)
    guard !separator.isEmpty else {
      throw TemplateError(.operation("\(name)() needs a separator that is not empty"))
    }
    let isLast = name == "rpartition"
    let pieces = Text.split(text, by: separator, limit: 1, fromRight: isLast)
    let parts =
      pieces.count == 2
      ? [pieces[0], separator, pieces[1]] : isLast ? ["", "", text] : [text, "", ""]
    return try .tuple(parts.map { .string($0) })
  }

  private static func pad(_ name: String, _ text: String, _ arguments: Arguments) throws(TemplateError)
    -> Value
  {
    let values = try bind(name, ["width", "fillchar"], required: 1, arguments)
    let fill = Array(try values[1]?.requireText("\(name)()").unicodeScalars ?? " ".unicodeScalars)
    guard fill.count == 1 else {
      throw TemplateError(.operation("\(name)() needs a single character to fill with"))
    }
    let width = try (values[0] ?? .none).requireInteger("\(name)()")
    let side: Text.Side = name == "center" ? .both : name == "ljust" ? .left : .right
    return .string(try Text.pad(text, to: width, with: fill[0], side))
  }

  private static func zeroFilled(_ text: String, to width: Int) throws(TemplateError) -> String {
    let sign = text.unicodeScalars.first.flatMap { $0 == "-" || $0 == "+" ? String($0) : nil } ?? ""
    let digits = String(text.unicodeScalars.dropFirst(sign.isEmpty ? 0 : 1))
    return try sign + Text.pad(digits, to: width - (sign.isEmpty ? 0 : 1), with: "0", .right)
  }
}

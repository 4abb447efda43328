/// Python's `str.format`, without attributes and elements of arguments; a format behind `:` may give a width,
/// an alignment, and for floats a precision with `f`.
enum BraceFormat {
  static func apply(_ format: String, _ arguments: Arguments) throws(TemplateError) -> String {
    var scalars = ArraySlice(format.unicodeScalars)
    var result = ""
    var nextPlace = 0
    while let scalar = scalars.popFirst() {
      if scalar == "{" || scalar == "}", scalars.first == scalar {
        scalars.removeFirst()
        result.unicodeScalars.append(scalar)
      } else if scalar == "{" {
        guard let end = scalars.firstIndex(of: "}") else {
          throw TemplateError(.operation("format() finds a '{' that is never closed"))
        }
        result += try field(Text.string(scalars[..<end]), arguments, &nextPlace)
        try Text.requireRoom(result.utf8.count)
        scalars = scalars[(end + 1)...]
      } else if scalar == "}" {
        throw TemplateError(.operation("format() finds a single '}'"))
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func field(
    _ text: String, _ arguments: Arguments, _ nextPlace: inout Int
  ) throws(TemplateError) -> String {
    let parts = Text.split(text, by: ":", limit: 1, fromRight: false)
    let name = parts[0]
    if name.unicodeScalars.contains(where: { ".[!{".unicodeScalars.contains($0) }) {
      throw TemplateError(.unsupported("'{\(text)}' in format()"))
    }
    let value: Value
    if name.isEmpty || Int(name) != nil {
      let place = Int(name) ?? nextPlace
      if name.isEmpty { nextPlace += 1 }
      guard arguments.positional.indices.contains(place) else {
        throw TemplateError(.operation("format() is given too few values"))
      }
      value = arguments.positional[place]
    } else {
      guard let named = arguments.named.first(where: { $0.name == name }) else {
        throw TemplateError(.operation("format() is given no value named '\(name)'"))
      }
      value = named.value
    }
    return try formatted(value, parts.count > 1 ? parts[1] : "")
  }

  private static func formatted(_ value: Value, _ specification: String) throws(TemplateError) -> String {
    if specification.isEmpty { return try value.printed() }
    var scalars = ArraySlice(specification.unicodeScalars)
    let alignment = scalars.first.flatMap { "<>^".unicodeScalars.contains($0) ? $0 : nil }
    if alignment != nil { scalars.removeFirst() }
    let isZeroFilled = scalars.first == "0"
    let width = Int(takeDigits(&scalars)) ?? 0
    var precision: Int?
    if scalars.first == "." {
      scalars.removeFirst()
      precision = Int(takeDigits(&scalars))
    }
    let kind = Text.string(scalars)
    let text = try converted(value, kind, precision, specification)
    guard width <= 1000, !isZeroFilled || alignment == nil && Number(value) != nil else {
      throw unsupported(specification)
    }
    if isZeroFilled {
      let sign = text.hasPrefix("-") ? "-" : ""
      return try sign
        + Text.pad(String(text.dropFirst(sign.count)), to: width - sign.count, with: "0", .right)
    }
    let side: Text.Side =
      switch alignment {
      case "<": .left
      case ">": .right
      case "^": .both
      default: Number(value) == nil ? .left : .right
      }
    if side == .both { return try centered(text, width) }
    return try Text.pad(text, to: width, with: " ", side)
  }

  /// `format` puts the odd blank to the right, unlike `str.center`.
  private static func centered(_ text: String, _ width: Int) throws(TemplateError) -> String {
    let count = text.unicodeScalars.count
    let left = max(0, width - count) / 2
    return try Text.pad(Text.pad(text, to: count + left, with: " ", .right), to: width, with: " ", .left)
  }

  private static func takeDigits(_ scalars: inout ArraySlice<Unicode.Scalar>) -> String {
    let digits = scalars.prefix { $0.isASCIIDigit }
    scalars = scalars[digits.endIndex...]
    return Text.string(digits)
  }

  private static func converted(
    _ value: Value, _ kind: String, _ precision: Int?, _ specification: String
  ) throws(TemplateError) -> String {
    switch (value, kind) {
    case (.string(let text), ""), (.string(let text), "s"):
      return precision.map { Text.string(text.unicodeScalars.prefix($0)) } ?? text
    case (.integer(let number), ""), (.integer(let number), "d"):
      guard precision == nil else { throw unsupported(specification) }
      return String(number)
    case (.float, "f"), (.integer, "f"):
      guard let number = Number(value)?.double, number.isFinite, abs(number) < 1e300, precision ?? 6 <= 100
      else {
        throw unsupported(specification)
      }
      return Number.fixed(number, digits: precision ?? 6)
    default: throw unsupported(specification)
    }
  }

  private static func unsupported(_ specification: String) -> TemplateError {
    TemplateError(.unsupported("the format '\(specification)' in format()"))
  }
}

/// Python's `format % values`, for the conversions s, r, d, i, u, f, e, g, x, o, c and %.
struct PercentFormat {
  private var scalars: ArraySlice<Unicode.Scalar>
  private let values: Value
  private var nextValue = 0
  private var usesNames = false

  static func apply(_ format: String, to values: Value) throws(TemplateError) -> Value {
    var formatter = PercentFormat(scalars: ArraySlice(format.unicodeScalars), values: values)
    return .string(try formatter.run())
  }

  private init(scalars: ArraySlice<Unicode.Scalar>, values: Value) {
    self.scalars = scalars
    self.values = values
  }

  private mutating func run() throws(TemplateError) -> String {
    var result = ""
    while let scalar = scalars.popFirst() {
      if scalar == "%" {
        result += try convert()
        try Text.requireRoom(result.utf8.count)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    if case .tuple(let several) = values, !usesNames, nextValue < several.items.count { throw leftOver }
    if !usesNames, nextValue == 0 {
      switch values {
      case .tuple, .dictionary, .list, .range, .undefined: break
      default: throw leftOver
      }
    }
    return result
  }

  private var leftOver: TemplateError { TemplateError(.operation("'%' is given more values than it prints")) }

  private struct Conversion {
    var flags: Set<Unicode.Scalar> = []
    var width = 0
    var precision: Int?
    var letter: Unicode.Scalar = "s"
  }

  private mutating func convert() throws(TemplateError) -> String {
    var conversion = Conversion()
    let key = try parseKey()
    while let flag = scalars.first, "#0- +".unicodeScalars.contains(flag) {
      conversion.flags.insert(flag)
      scalars.removeFirst()
    }
    conversion.width = try parseNumber() ?? 0
    if scalars.first == "." {
      scalars.removeFirst()
      conversion.precision = try parseNumber() ?? 0
    }
    guard let letter = scalars.popFirst() else {
      throw TemplateError(.operation("the format ends behind '%'"))
    }
    if letter == "%" { return "%" }
    conversion.letter = letter
    let text = try Self.text(of: try value(for: key), conversion)
    return try Self.padded(text, conversion)
  }

  private mutating func parseKey() throws(TemplateError) -> String? {
    guard scalars.first == "(" else { return nil }
    guard let end = scalars.firstIndex(of: ")") else {
      throw TemplateError(.operation("the name behind '%(' is never closed"))
    }
    let name = Text.string(scalars[(scalars.startIndex + 1)..<end])
    scalars = scalars[(end + 1)...]
    return name
  }

  private mutating func parseNumber() throws(TemplateError) -> Int? {
    if scalars.first == "*" { throw TemplateError(.unsupported("'*' in a '%' format")) }
    let digits = scalars.prefix { $0.isASCIIDigit }
    guard !digits.isEmpty else { return nil }
    scalars = scalars[digits.endIndex...]
    guard let number = Int(Text.string(digits)), number <= 1000 else {
      throw TemplateError(.limit("a width or precision above 1000"))
    }
    return number
  }

  private mutating func value(for key: String?) throws(TemplateError) -> Value {
    if let key {
      usesNames = true
      guard case .dictionary(let dictionary) = values else {
        throw TemplateError(.operation("'%(\(key))' needs a mapping"))
      }
      guard let value = dictionary.value(for: key) else {
        throw TemplateError(.operation("'%(\(key))' is not in the mapping"))
      }
      return value
    }
    nextValue += 1
    if case .tuple(let several) = values {
      guard nextValue <= several.items.count else {
        throw TemplateError(.operation("'%' is given too few values"))
      }
      return several.items[nextValue - 1]
    }
    guard nextValue == 1 else { throw TemplateError(.operation("'%' is given too few values")) }
    return values
  }

  private static func text(of value: Value, _ conversion: Conversion) throws(TemplateError) -> String {
    switch conversion.letter {
    case "s": return limited(try value.printed(), conversion)
    case "r": return limited(try value.represented(), conversion)
    case "d", "i", "u":
      try value.requireDefined()
      guard let number = Number(value), let whole = wholePart(of: number) else {
        throw TemplateError(.operation("'%\(conversion.letter)' needs a number, not \(value.kind)"))
      }
      return signed(String(whole.magnitude), isNegative: whole < 0, conversion)
    case "f", "F", "e", "g":
      try value.requireDefined()
      guard let number = Number(value) else {
        throw TemplateError(.operation("'%\(conversion.letter)' needs a number, not \(value.kind)"))
      }
      guard number.double.isFinite, abs(number.double) < 1e300 else {
        throw TemplateError(.unsupported("'%\(conversion.letter)' of \(number.double)"))
      }
      let format = "%.\(min(conversion.precision ?? 6, 100))\(conversion.letter)"
      let isNegative = number.double.sign == .minus
      return signed(Number.formatted(format, number.double.magnitude), isNegative: isNegative, conversion)
    case "x", "X", "o":
      guard let number = value.index, !conversion.flags.contains("#") else {
        throw TemplateError(.operation("'%\(conversion.letter)' needs a whole number, not \(value.kind)"))
      }
      let digits = String(
        number.magnitude, radix: conversion.letter == "o" ? 8 : 16, uppercase: conversion.letter == "X")
      return signed(digits, isNegative: number < 0, conversion)
    case "c":
      if let text = value.text, text.unicodeScalars.count == 1 { return text }
      throw TemplateError(.unsupported("'%c' of anything but a single character"))
    default:
      throw TemplateError(.unsupported("the conversion '%\(conversion.letter)'"))
    }
  }

  private static func wholePart(of number: Number) -> Int? {
    switch number {
    case .integer(let value): value
    case .float(let value): Int(exactly: value.rounded(.towardZero))
    }
  }

  private static func limited(_ text: String, _ conversion: Conversion) -> String {
    conversion.precision.map { Text.string(text.unicodeScalars.prefix($0)) } ?? text
  }

  private static func signed(_ digits: String, isNegative: Bool, _ conversion: Conversion) -> String {
    let sign =
      isNegative ? "-" : conversion.flags.contains("+") ? "+" : conversion.flags.contains(" ") ? " " : ""
    guard conversion.flags.contains("0"), !conversion.flags.contains("-") else { return sign + digits }
    let zeros = max(0, conversion.width - sign.utf8.count - digits.utf8.count)
    return sign + String(repeating: "0", count: zeros) + digits
  }

  private static func padded(_ text: String, _ conversion: Conversion) throws(TemplateError) -> String {
    try Text.pad(text, to: conversion.width, with: " ", conversion.flags.contains("-") ? .left : .right)
  }
}

extension FilterLibrary {
  /// Filters that make or change numbers.
  static let numberFilters: [String: Filter] = ["abs": abs, "int": int, "float": float, "round": round]

  private static let abs: Filter = { (value, arguments, _) throws(TemplateError) in
    try arguments.requireNone("the filter 'abs'")
    try value.requireDefined()
    switch Number(value) {
    case .integer(let number)?:
      guard number != .min else { throw Number.overflow }
      return .integer(Swift.abs(number))
    case .float(let number)?: return .float(number.magnitude)
    case nil: throw TemplateError(.operation("the filter 'abs' needs a number, not \(value.kind)"))
    }
  }

  private static let int: Filter = { (value, arguments, _) throws(TemplateError) in
    let values = try arguments.bind("the filter 'int'", ["default", "base"])
    let base = try values[1]?.requireInteger("the filter 'int'") ?? 10
    let fallback = values[0] ?? .integer(0)
    try value.requireDefined()
    switch value {
    case .integer, .largeInteger: return value
    case .boolean(let value): return .integer(value ? 1 : 0)
    case .float(let number): return try whole(number) ?? fallback
    case .string(let text), .markup(let text):
      try requireASCIIDigits(text)
      guard [2, 8, 10, 16].contains(base) else {
        throw TemplateError(.unsupported("'int' to the base \(base)"))
      }
      if let number = try integer(text, base: base) { return .integer(number) }
      return try Self.number(text).flatMap { (number) throws(TemplateError) in try whole(number) } ?? fallback
    default: return fallback
    }
  }

  private static let float: Filter = { (value, arguments, _) throws(TemplateError) in
    let fallback = try arguments.bind("the filter 'float'", ["default"])[0] ?? .float(0)
    try value.requireDefined()
    switch value {
    case .string(let text), .markup(let text):
      try requireASCIIDigits(text)
      return number(text).map { .float($0) } ?? fallback
    case .largeInteger(let text): return .float(Double(text) ?? .infinity)
    default: return Number(value).map { .float($0.double) } ?? fallback
    }
  }

  private static let round: Filter = { (value, arguments, _) throws(TemplateError) in
    let callee = "the filter 'round'"
    let values = try arguments.bind(callee, ["precision", "method"])
    let precision = try values[0]?.requireInteger(callee) ?? 0
    let method = try values[1]?.requireText(callee) ?? "common"
    try value.requireDefined()
    guard let number = Number(value) else {
      throw TemplateError(.operation("\(callee) needs a number, not \(value.kind)"))
    }
    guard (0...100).contains(precision) else {
      throw TemplateError(.unsupported("\(callee) with a precision of \(precision)"))
    }
    switch (method, number) {
    case ("common", .integer(let number)): return .integer(number)
    case ("common", .float(let number)):
      guard precision > 0 || number.isFinite else { return .float(number) }
      return .float(Number.rounded(number, digits: precision))
    case ("ceil", _), ("floor", _):
      let scale = try Number.power(10, Double(precision))
      let scaled = (number.double * scale).rounded(method == "ceil" ? .up : .down)
      guard scaled.isFinite else { throw TemplateError(.operation("\(callee) needs a finite number")) }
      return .float((scaled == 0 ? 0 : scaled) / scale)
    default: throw TemplateError(.operation("\(callee) knows the methods common, ceil and floor only"))
    }
  }

  private static func whole(_ number: Double) throws(TemplateError) -> Value? {
    guard number.isFinite else { return nil }
    guard let whole = Int(exactly: number.rounded(.towardZero)) else {
      throw TemplateError(.unsupported("a whole number beyond 64 bits"))
    }
    return .integer(whole)
  }

  /// Python reads the digits of all scripts; here they are refused.
  private static func requireASCIIDigits(_ text: String) throws(TemplateError) {
    guard text.unicodeScalars.allSatisfy({ $0.isASCII || $0.properties.numericType != .decimal }) else {
      throw TemplateError(.unsupported("a number in digits other than 0 to 9"))
    }
  }

  /// A text as Python's `int` reads it; nil when it is no whole number.
  private static func integer(_ text: String, base: Int) throws(TemplateError) -> Int? {
    var digits = Substring(Text.strip(text, nil, .both))
    let isNegative = digits.hasPrefix("-")
    if isNegative || digits.hasPrefix("+") { digits.removeFirst() }
    let prefix = [2: "0b", 8: "0o", 16: "0x"][base]
    if let prefix, digits.lowercased().hasPrefix(prefix) {
      digits.removeFirst(2)
      if digits.hasPrefix("_") { digits.removeFirst() }
    }
    guard let plain = withoutUnderscores(digits), plain.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
      plain.utf8.allSatisfy({ Character(Unicode.Scalar($0)).hexDigitValue.map { $0 < base } ?? false })
    else { return nil }
    guard let number = Int((isNegative ? "-" : "") + plain, radix: base) else {
      throw TemplateError(.unsupported("the whole number \(plain), which does not fit 64 bits"))
    }
    return number
  }

  /// A text as Python's `float` reads it; nil when it is no number.
  private static func number(_ text: String) -> Double? {
    let trimmed = Text.strip(text, nil, .both)
    var name = Substring(trimmed.lowercased())
    if name.hasPrefix("+") || name.hasPrefix("-") { name.removeFirst() }
    let sign: Double = trimmed.hasPrefix("-") ? -1 : 1
    if ["inf", "infinity"].contains(name) { return sign * .infinity }
    if name == "nan" { return .nan }
    guard let plain = withoutUnderscores(Substring(trimmed)),
      plain.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains($0) })
    else { return nil }
    let padded = plain.hasSuffix(".") ? plain + "0" : plain
    return Double(padded.replacingBareDots())
  }

  /// Digits without the underscores that Python allows between two of them; nil where one stands elsewhere.
  private static func withoutUnderscores(_ text: Substring) -> String? {
    let bytes = Array(text.utf8)
    guard !bytes.isEmpty, bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
    for (place, byte) in bytes.enumerated() where byte == 0x5F {
      let isBetween =
        place > 0 && place + 1 < bytes.count && bytes[place - 1].isAlphanumeric
        && bytes[place + 1].isAlphanumeric
      if !isBetween { return nil }
    }
    return Text.string(bytes.filter { $0 != 0x5F })
  }
}

extension UInt8 {
  fileprivate var isAlphanumeric: Bool {
    self >= 0x30 && self <= 0x39 || (self | 0x20) >= 0x61 && (self | 0x20) <= 0x7A
  }
}

extension String {
  /// `.5` and `1.e5`, which Swift does not read, with the zeros that Python leaves out.
  fileprivate func replacingBareDots() -> String {
    var result: [UInt8] = []
    let bytes = Array(utf8)
    for (place, byte) in bytes.enumerated() {
      let isDigitBefore = place > 0 && bytes[place - 1].isAlphanumeric && bytes[place - 1] | 0x20 != 0x65
      let isDigitAfter = place + 1 < bytes.count && bytes[place + 1] >= 0x30 && bytes[place + 1] <= 0x39
      guard byte == 0x2E, isDigitBefore || isDigitAfter else {
        result.append(byte)
        continue
      }
      if !isDigitBefore { result.append(0x30) }
      result.append(0x2E)
      if !isDigitAfter { result.append(0x30) }
    }
    return Text.string(result)
  }
}

extension Value {
  /// Python's arithmetic, on numbers, texts and lists.
  static func compute(
    _ left: Value, _ binary: BinaryOperator, _ right: Value
  ) throws(TemplateError) -> Value {
    if binary == .modulo, case .string(let format) = left {
      return try PercentFormat.apply(format, to: right)
    }
    if binary == .modulo, case .markup(let format) = left { return try Markup.format(format, right) }
    try left.requireDefined()
    try right.requireDefined()
    if let a = Number(left), let b = Number(right) { return try Number.compute(a, binary, b) }
    if case .largeInteger(let text) = left { throw beyondWords(text) }
    if case .largeInteger(let text) = right { throw beyondWords(text) }
    if let combined = try combine(left, binary, right) { return combined }
    throw TemplateError(
      .operation("'\(binary.rawValue)' does not work on \(left.kind) and \(right.kind)"))
  }

  private static func combine(
    _ left: Value, _ binary: BinaryOperator, _ right: Value
  ) throws(TemplateError) -> Value? {
    switch (left, binary, right) {
    case (.string(let a), .add, .string(let b)):
      try Text.requireRoom(a.utf8.count + b.utf8.count)
      return .string(a + b)
    case (.markup, .add, .string), (.markup, .add, .markup), (.string, .add, .markup):
      return try Markup.joined(left, right)
    case (.list(let a), .add, .list(let b)): return try .list(a.items + b.items)
    case (.tuple(let a), .add, .tuple(let b)): return try .tuple(a.items + b.items)
    case (_, .multiply, _):
      if let count = right.index { return try left.repeated(count) }
      if let count = left.index { return try right.repeated(count) }
      return nil
    default: return nil
    }
  }

  /// `"ab" * 3` and `[1] * 3`.
  private func repeated(_ count: Int) throws(TemplateError) -> Value? {
    let count = max(0, count)
    switch self {
    case .string(let text):
      try Text.requireRoom(count, times: text.utf8.count)
      return .string(String(repeating: text, count: count))
    case .markup(let text):
      try Text.requireRoom(count, times: text.utf8.count)
      return .markup(String(repeating: text, count: count))
    case .list(let value): return try .list(Self.repeated(value.items, count))
    case .tuple(let value): return try .tuple(Self.repeated(value.items, count))
    default: return nil
    }
  }

  private static func repeated(_ items: [Value], _ count: Int) throws(TemplateError) -> [Value] {
    let (total, overflow) = items.count.multipliedReportingOverflow(by: count)
    guard !overflow, total <= RangeValue.maximumCount else {
      throw TemplateError(.limit("a repeated list grows too long"))
    }
    return Array(repeatElement(items, count: count).joined())
  }

  private static func beyondWords(_ text: String) -> TemplateError {
    TemplateError(.unsupported("arithmetic on \(text), which does not fit 64 bits"))
  }

  /// `-value` and `+value`.
  func signed(_ sign: UnaryOperator) throws(TemplateError) -> Value {
    try requireDefined()
    guard let number = Number(self) else {
      throw TemplateError(.operation("a sign does not work on \(kind)"))
    }
    switch (number, sign) {
    case (.integer(let value), .plus): return .integer(value)
    case (.float(let value), .plus): return .float(value)
    case (.float(let value), _): return .float(-value)
    case (.integer(let value), _):
      guard value != .min else { throw Number.overflow }
      return .integer(-value)
    }
  }
}

extension Number {
  static var overflow: TemplateError { TemplateError(.limit("a number grows beyond 64 bits")) }
  private static var zeroDivision: TemplateError { TemplateError(.operation("division by zero")) }

  /// Python's operators on numbers.
  static func compute(
    _ left: Number, _ binary: BinaryOperator, _ right: Number
  ) throws(TemplateError) -> Value {
    if case .integer(let a) = left, case .integer(let b) = right, binary != .divide {
      return try compute(a, binary, b)
    }
    let a = left.double
    let b = right.double
    switch binary {
    case .add: return .float(a + b)
    case .subtract: return .float(a - b)
    case .multiply: return .float(a * b)
    case .divide:
      guard b != 0 else { throw zeroDivision }
      return .float(a / b)
    case .floorDivide, .modulo:
      guard b != 0 else { throw zeroDivision }
      let (quotient, remainder) = floorDivision(a, b)
      return .float(binary == .modulo ? remainder : quotient)
    case .power: return .float(try power(a, b))
    }
  }

  private static func compute(_ a: Int, _ binary: BinaryOperator, _ b: Int) throws(TemplateError) -> Value {
    let result: (partialValue: Int, overflow: Bool)
    switch binary {
    case .add: result = a.addingReportingOverflow(b)
    case .subtract: result = a.subtractingReportingOverflow(b)
    case .multiply: result = a.multipliedReportingOverflow(by: b)
    case .divide: return .float(Double(a) / Double(b))
    case .floorDivide, .modulo:
      guard b != 0 else { throw zeroDivision }
      let (quotient, overflow) = a.dividedReportingOverflow(by: b)
      guard !overflow else { throw Self.overflow }
      let remainder = a - quotient * b
      let isBelow = remainder != 0 && (remainder < 0) != (b < 0)
      result = (binary == .modulo ? remainder + (isBelow ? b : 0) : quotient - (isBelow ? 1 : 0), false)
    case .power:
      guard b >= 0 else { return .float(try power(Double(a), Double(b))) }
      result = power(a, b)
    }
    guard !result.overflow else { throw overflow }
    return .integer(result.partialValue)
  }

  private static func power(_ base: Int, _ exponent: Int) -> (partialValue: Int, overflow: Bool) {
    if base == 0 || base == 1 { return (exponent == 0 ? 1 : base, false) }
    if base == -1 { return (exponent % 2 == 0 ? 1 : -1, false) }
    var result = 1
    for _ in 0..<min(exponent, 64) {
      let (product, overflow) = result.multipliedReportingOverflow(by: base)
      if overflow { return (0, true) }
      result = product
    }
    return (result, exponent > 64)
  }
}

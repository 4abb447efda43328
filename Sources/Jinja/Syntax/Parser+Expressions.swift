extension Parser {
  /// Expressions with commas between them make a tuple; one alone is itself.
  mutating func parseTuple(
    allowsConditional: Bool = true, isParenthesized: Bool = false
  ) throws(TemplateError) -> Expression {
    let position = current.position
    var items: [Expression] = []
    var isTuple = false
    while true {
      if !items.isEmpty { try expect(.comma) }
      if isTupleEnd { break }
      items.append(try parseExpression(allowsConditional: allowsConditional))
      guard isSymbol(.comma) else { break }
      isTuple = true
    }
    if !isTuple {
      if let only = items.first { return only }
      guard isParenthesized else { throw unexpected(wanted: "an expression") }
    }
    return try expression(.tuple(items), at: position, over: items)
  }

  var isTupleEnd: Bool {
    switch current.kind {
    case .variableEnd, .blockEnd, .symbol(.rightParenthesis): true
    default: false
    }
  }

  mutating func parseExpression(allowsConditional: Bool = true) throws(TemplateError) -> Expression {
    expressionDepth += 1
    defer { expressionDepth -= 1 }
    guard expressionDepth <= RenderLimits.Source.maximumExpressionDepth else {
      throw TemplateError(
        .limit("expressions nest deeper than \(RenderLimits.Source.maximumExpressionDepth)"),
        at: current.position)
    }
    return allowsConditional ? try parseConditional() : try parseOr()
  }

  private mutating func parseConditional() throws(TemplateError) -> Expression {
    let position = current.position
    let known = unknownNames.count
    var value = try parseOr()
    while skip(name: "if") {
      let test = try parseOr()
      let otherwise = skip(name: "else") ? try parseExpression() : nil
      // Only now is it clear that what stands before the `if` may not be reached.
      unknownNames.removeSubrange(known...)
      value = try expression(
        .conditional(test: test, then: value, otherwise: otherwise), at: position,
        over: [value, test] + (otherwise.map { [$0] } ?? []))
    }
    return value
  }

  private mutating func parseOr() throws(TemplateError) -> Expression {
    var left = try parseAnd()
    while isName("or") {
      let position = advance().position
      let right = try parseAnd()
      left = try expression(.or(left, right), at: position, over: [left, right])
    }
    return left
  }

  private mutating func parseAnd() throws(TemplateError) -> Expression {
    var left = try parseNot()
    while isName("and") {
      let position = advance().position
      let right = try parseNot()
      left = try expression(.and(left, right), at: position, over: [left, right])
    }
    return left
  }

  private mutating func parseNot() throws(TemplateError) -> Expression {
    var positions: [SourcePosition] = []
    while isName("not") { positions.append(advance().position) }
    var operand = try parseComparison()
    for position in positions.reversed() {
      operand = try expression(.unary(.not, operand), at: position, over: [operand])
    }
    return operand
  }

  private mutating func parseComparison() throws(TemplateError) -> Expression {
    let position = current.position
    let first = try parseSum()
    var rest: [(comparison: ComparisonOperator, operand: Expression)] = []
    while let comparison = skipComparison() {
      rest.append((comparison, try parseSum()))
    }
    guard !rest.isEmpty else { return first }
    return try expression(.comparison(first, rest), at: position, over: [first] + rest.map(\.operand))
  }

  private mutating func skipComparison() -> ComparisonOperator? {
    switch current.kind {
    case .symbol(let symbol):
      guard let comparison = ComparisonOperator(rawValue: symbol.rawValue) else { return nil }
      advance()
      return comparison
    case .name("in"):
      advance()
      return .isIn
    case .name("not") where following.kind == .name("in"):
      advance()
      advance()
      return .isNotIn
    default: return nil
    }
  }

  private mutating func parseSum() throws(TemplateError) -> Expression {
    var left = try parseConcatenation()
    while let binary = skipBinary([.add, .subtract]) {
      let right = try parseConcatenation()
      left = try expression(.binary(binary.symbol, left, right), at: binary.position, over: [left, right])
    }
    return left
  }

  private mutating func parseConcatenation() throws(TemplateError) -> Expression {
    let position = current.position
    var parts = [try parseProduct()]
    while skip(.tilde) { parts.append(try parseProduct()) }
    return parts.count == 1 ? parts[0] : try expression(.concatenation(parts), at: position, over: parts)
  }

  private mutating func parseProduct() throws(TemplateError) -> Expression {
    var left = try parsePower()
    while let binary = skipBinary([.multiply, .divide, .floorDivide, .modulo]) {
      let right = try parsePower()
      left = try expression(.binary(binary.symbol, left, right), at: binary.position, over: [left, right])
    }
    return left
  }

  /// Jinja2's power associates to the left, and binds less than a sign: `-2**2` is 4.
  private mutating func parsePower() throws(TemplateError) -> Expression {
    var left = try parseUnary()
    while let binary = skipBinary([.power]) {
      let right = try parseUnary()
      left = try expression(.binary(binary.symbol, left, right), at: binary.position, over: [left, right])
    }
    return left
  }

  private mutating func skipBinary(
    _ symbols: [BinaryOperator]
  ) -> (symbol: BinaryOperator, position: SourcePosition)? {
    guard case .symbol(let symbol) = current.kind, let binary = BinaryOperator(rawValue: symbol.rawValue),
      symbols.contains(binary)
    else { return nil }
    return (binary, advance().position)
  }

  private mutating func parseUnary() throws(TemplateError) -> Expression {
    var signs: [(UnaryOperator, SourcePosition)] = []
    while isSymbol(.subtract) || isSymbol(.add) {
      let sign: UnaryOperator = isSymbol(.subtract) ? .negate : .plus
      signs.append((sign, advance().position))
    }
    var operand = try parsePostfix(try parsePrimary())
    for (sign, position) in signs.reversed() {
      operand = try parsePostfix(try expression(.unary(sign, operand), at: position, over: [operand]))
    }
    return try parseFiltersAndTests(operand)
  }
}

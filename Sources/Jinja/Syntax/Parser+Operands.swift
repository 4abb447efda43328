extension Parser {
  /// A name, a literal, or an expression in brackets.
  mutating func parsePrimary() throws(TemplateError) -> Expression {
    let token = current
    switch token.kind {
    case .name(let name):
      advance()
      return try parseNamed(name, at: token.position)
    case .string:
      var text = ""
      while case .string(let piece) = current.kind {
        text += piece
        advance()
      }
      return try expression(.constant(.string(text)), at: token.position)
    case .integer(let number):
      advance()
      return try expression(.constant(.integer(number)), at: token.position)
    case .float(let number):
      advance()
      return try expression(.constant(.float(number)), at: token.position)
    case .symbol(.leftParenthesis):
      advance()
      let inner = try parseTuple(isParenthesized: true)
      try expect(.rightParenthesis)
      return inner
    case .symbol(.leftBracket): return try parseList()
    case .symbol(.leftBrace): return try parseDictionary()
    default: throw unexpected(wanted: "an expression")
    }
  }

  private mutating func parseNamed(_ name: String, at position: SourcePosition) throws(TemplateError)
    -> Expression
  {
    switch name {
    case "true", "True": return try expression(.constant(.boolean(true)), at: position)
    case "false", "False": return try expression(.constant(.boolean(false)), at: position)
    case "none", "None": return try expression(.constant(.none), at: position)
    default:
      noteRead(name)
      return try expression(.name(name), at: position)
    }
  }

  private mutating func parseList() throws(TemplateError) -> Expression {
    let position = advance().position
    var items: [Expression] = []
    while !isSymbol(.rightBracket) {
      if !items.isEmpty { try expect(.comma) }
      if isSymbol(.rightBracket) { break }
      items.append(try parseExpression())
    }
    try expect(.rightBracket)
    return try expression(.list(items), at: position, over: items)
  }

  private mutating func parseDictionary() throws(TemplateError) -> Expression {
    let position = advance().position
    var items: [(key: Expression, value: Expression)] = []
    while !isSymbol(.rightBrace) {
      if !items.isEmpty { try expect(.comma) }
      if isSymbol(.rightBrace) { break }
      let key = try parseExpression()
      try expect(.colon)
      items.append((key, try parseExpression()))
    }
    try expect(.rightBrace)
    return try expression(.dictionary(items), at: position, over: items.flatMap { [$0.key, $0.value] })
  }

  /// Attributes, elements and calls behind an operand.
  mutating func parsePostfix(_ operand: Expression) throws(TemplateError) -> Expression {
    var operand = operand
    while true {
      switch current.kind {
      case .symbol(.dot): operand = try parseAttribute(of: operand)
      case .symbol(.leftBracket): operand = try parseElement(of: operand)
      case .symbol(.leftParenthesis): operand = try parseCall(of: operand)
      default: return operand
      }
    }
  }

  private mutating func parseCall(of callee: Expression) throws(TemplateError) -> Expression {
    let position = current.position
    let arguments = try parseArguments()
    return try expression(.call(callee, arguments), at: position, over: [callee] + arguments.expressions)
  }

  private mutating func parseAttribute(of operand: Expression) throws(TemplateError) -> Expression {
    let position = advance().position
    switch current.kind {
    case .name(let name):
      advance()
      return try expression(.attribute(operand, name), at: position, over: [operand])
    case .integer(let number):
      let index = try expression(.constant(.integer(number)), at: advance().position)
      return try expression(.element(operand, index: index), at: position, over: [operand])
    default: throw unexpected(wanted: "a name or a number behind '.'")
    }
  }

  private mutating func parseElement(of operand: Expression) throws(TemplateError) -> Expression {
    let position = advance().position
    let start = isSymbol(.colon) || isSymbol(.rightBracket) ? nil : try parseExpression()
    guard isSymbol(.colon) else { return try parseIndex(first: start, of: operand, at: position) }
    advance()
    let stop = isSymbol(.colon) || isSymbol(.rightBracket) ? nil : try parseExpression()
    let step = skip(.colon) && !isSymbol(.rightBracket) ? try parseExpression() : nil
    if isSymbol(.comma) {
      throw TemplateError(.unsupported("a slice among several indices"), at: current.position)
    }
    try expect(.rightBracket)
    return try expression(
      .slice(operand, start: start, stop: stop, step: step), at: position,
      over: [operand] + [start, stop, step].compactMap(\.self))
  }

  private mutating func parseIndex(
    first: Expression?, of operand: Expression, at position: SourcePosition
  ) throws(TemplateError) -> Expression {
    var indices = first.map { [$0] } ?? []
    while skip(.comma) { indices.append(try parseExpression()) }
    try expect(.rightBracket)
    let index = indices.count == 1 ? indices[0] : try expression(.tuple(indices), at: position, over: indices)
    return try expression(.element(operand, index: index), at: position, over: [operand, index])
  }

  /// Filters, tests and calls behind an operand.
  mutating func parseFiltersAndTests(_ operand: Expression) throws(TemplateError) -> Expression {
    var operand = operand
    while true {
      if skip(.pipe) {
        let call = try parseFilterCall()
        operand = try expression(
          .filter(operand, call), at: call.position, over: [operand] + call.arguments.expressions)
      } else if isName("is") {
        operand = try parseTest(of: operand)
      } else if isSymbol(.leftParenthesis) {
        operand = try parseCall(of: operand)
      } else {
        return operand
      }
    }
  }

  /// `| name(arguments) | …`
  mutating func parseFilterChain() throws(TemplateError) -> [FilterCall] {
    var filters: [FilterCall] = []
    while skip(.pipe) { filters.append(try parseFilterCall()) }
    return filters
  }

  mutating func parseFilterCall() throws(TemplateError) -> FilterCall {
    let position = current.position
    let name = try parseDottedName()
    note(FilterLibrary.fault(of: name, at: position))
    let arguments = isSymbol(.leftParenthesis) ? try parseArguments() : CallArguments()
    return FilterCall(name: name, arguments: arguments, position: position)
  }

  private mutating func parseDottedName() throws(TemplateError) -> String {
    var name = try expectAnyName()
    while skip(.dot) { name += "." + (try expectAnyName()) }
    return name
  }

  private mutating func parseTest(of operand: Expression) throws(TemplateError) -> Expression {
    advance()
    let isNegated = skip(name: "not")
    let position = current.position
    let name = try parseDottedName()
    note(TestLibrary.fault(of: name, at: position))
    var arguments = CallArguments()
    if isSymbol(.leftParenthesis) {
      arguments = try parseArguments()
    } else if beginsTestArgument {
      if isName("is") {
        throw TemplateError(.syntax("tests with 'is' cannot follow each other"), at: current.position)
      }
      arguments.positional = [try parsePostfix(try parsePrimary())]
    }
    let test = try expression(
      .test(operand, name: name, arguments), at: position, over: [operand] + arguments.expressions)
    return isNegated ? try expression(.unary(.not, test), at: position, over: [test]) : test
  }

  private var beginsTestArgument: Bool {
    switch current.kind {
    case .name(let name): !["else", "or", "and"].contains(name)
    case .string, .integer, .float, .symbol(.leftBracket), .symbol(.leftBrace): true
    default: false
    }
  }

  /// The arguments of a call, parentheses included.
  mutating func parseArguments() throws(TemplateError) -> CallArguments {
    let position = advance().position
    var arguments = CallArguments()
    var isFirst = true
    while !isSymbol(.rightParenthesis) {
      if !isFirst {
        try expect(.comma)
        if isSymbol(.rightParenthesis) { break }
      }
      isFirst = false
      try parseArgument(into: &arguments, callAt: position)
    }
    try expect(.rightParenthesis)
    return arguments
  }

  private mutating func parseArgument(
    into arguments: inout CallArguments, callAt position: SourcePosition
  ) throws(TemplateError) {
    let misplaced = TemplateError(.syntax("the arguments of the call stand in the wrong order"), at: position)
    if skip(.multiply) {
      guard arguments.spread == nil, arguments.namedSpread == nil else { throw misplaced }
      arguments.spread = try parseExpression()
    } else if skip(.power) {
      guard arguments.namedSpread == nil else { throw misplaced }
      arguments.namedSpread = try parseExpression()
    } else if case .name(let name) = current.kind, following.kind == .symbol(.assign) {
      guard arguments.namedSpread == nil else { throw misplaced }
      guard !arguments.named.contains(where: { $0.name == name }) else {
        throw TemplateError(.syntax("the argument '\(name)' is given twice"), at: current.position)
      }
      advance()
      advance()
      arguments.named.append((name, try parseExpression()))
    } else {
      guard arguments.spread == nil, arguments.namedSpread == nil, arguments.named.isEmpty else {
        throw misplaced
      }
      arguments.positional.append(try parseExpression())
    }
  }
}

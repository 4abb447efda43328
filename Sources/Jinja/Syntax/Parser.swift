/// Builds statements out of tokens: a recursive-descent parser with the precedences of Jinja2's.
struct Parser {
  let tokens: [Token]
  var index = 0
  /// Statements that are open around the current one, for messages and to bound the nesting.
  var openTags: [(name: String, position: SourcePosition)] = []
  /// Loops around the current statement within the same macro.
  var loopDepth = 0
  /// Expressions that are being parsed around the current one.
  var expressionDepth = 0
  /// The names that are read in each macro around the current place.
  var namesReadInMacros: [Set<String>] = []

  /// Whether an unknown filter or test is an error only when it is reached: as in Jinja2 that is so in the branches and
  /// tests of `if`, but not in a loop, a macro or another block inside of them.
  var checksNamesWhenReached = false
  /// How many `if` statements are open around the current place.
  var branchDepth = 0
  /// Filters and tests that make the template invalid: they do not exist, or are left out here.
  var unknownNames: [TemplateError] = []

  /// The statements of a whole template.
  static func statements(of source: String, style: TemplateStyle) throws(TemplateError) -> [Statement] {
    var parser = Parser(tokens: try Lexer.tokens(of: source, style: style))
    let statements = try parser.parseStatements(until: [])
    if let error = parser.unknownNames.first { throw error }
    return statements
  }

  /// Remembers what is wrong with a filter or a test, unless it may never be reached. What Jinja2 knows and is left out
  /// here is reached in fewer places: every `if` around it counts.
  mutating func note(_ fault: TemplateError?) {
    guard let fault, !checksNamesWhenReached else { return }
    if case .unsupported = fault.problem, branchDepth > 0 { return }
    unknownNames.append(fault)
  }

  /// Parses a block that Jinja2 compiles with names checked, whatever is around it.
  mutating func inBlock<Result>(
    _ parse: (inout Parser) throws(TemplateError) -> Result
  ) throws(TemplateError) -> Result {
    let outer = checksNamesWhenReached
    checksNamesWhenReached = false
    let result = try parse(&self)
    checksNamesWhenReached = outer
    return result
  }

  private init(tokens: [Token]) { self.tokens = tokens }

  var current: Token { tokens[index] }
  var following: Token { tokens[min(index + 1, tokens.count - 1)] }

  @discardableResult
  mutating func advance() -> Token {
    let token = tokens[index]
    if index + 1 < tokens.count { index += 1 }
    return token
  }

  func isSymbol(_ symbol: Symbol) -> Bool { current.kind == .symbol(symbol) }
  func isName(_ name: String) -> Bool { current.kind == .name(name) }

  mutating func skip(_ symbol: Symbol) -> Bool {
    guard isSymbol(symbol) else { return false }
    advance()
    return true
  }

  mutating func skip(name: String) -> Bool {
    guard isName(name) else { return false }
    advance()
    return true
  }

  mutating func expect(_ symbol: Symbol) throws(TemplateError) {
    guard skip(symbol) else { throw unexpected(wanted: "'\(symbol.rawValue)'") }
  }

  mutating func expect(name: String) throws(TemplateError) {
    guard skip(name: name) else { throw unexpected(wanted: "'\(name)'") }
  }

  mutating func expectAnyName() throws(TemplateError) -> String {
    guard case .name(let name) = current.kind else { throw unexpected(wanted: "a name") }
    advance()
    return name
  }

  mutating func expectBlockEnd() throws(TemplateError) {
    guard current.kind == .blockEnd else { throw unexpected(wanted: "'%}'") }
    advance()
  }

  func unexpected(wanted: String) -> TemplateError {
    TemplateError(.syntax("expected \(wanted), found \(current.text)"), at: current.position)
  }

  /// Template text and statements up to one of the tags in `endings`, which is left as the current token.
  mutating func parseStatements(until endings: Set<String>) throws(TemplateError) -> [Statement] {
    var statements: [Statement] = []
    while true {
      let token = current
      switch token.kind {
      case .data(let text):
        advance()
        statements.append(Statement(node: .text(text), position: token.position))
      case .variableBegin:
        advance()
        let expression = try parseTuple()
        guard current.kind == .variableEnd else { throw unexpected(wanted: "'}}'") }
        advance()
        statements.append(Statement(node: .print(expression), position: token.position))
      case .blockBegin:
        advance()
        if case .name(let name) = current.kind, endings.contains(name) { return statements }
        statements.append(contentsOf: try parseStatement())
        try expectBlockEnd()
      default:
        guard endings.isEmpty else { throw unclosed() }
        return statements
      }
    }
  }

  /// The body of a block statement: behind its opening tag, up to the closing one, which stays current.
  mutating func parseBody(until endings: Set<String>) throws(TemplateError) -> [Statement] {
    _ = skip(.colon)
    try expectBlockEnd()
    return try parseStatements(until: endings)
  }

  private func unclosed() -> TemplateError {
    guard let tag = openTags.last else {
      return TemplateError(.syntax("the template ends too early"), at: current.position)
    }
    return TemplateError(
      .syntax("'{% \(tag.name) %}' is never closed with '{% end\(tag.name) %}'"), at: tag.position)
  }

  func expression(
    _ node: Expression.Node, at position: SourcePosition, over children: [Expression] = []
  ) throws(TemplateError) -> Expression {
    let depth = 1 + (children.lazy.map(\.depth).max() ?? 0)
    guard depth <= RenderLimits.Source.maximumExpressionDepth else {
      throw TemplateError(
        .limit("expressions nest deeper than \(RenderLimits.Source.maximumExpressionDepth)"), at: position)
    }
    return Expression(node: node, position: position, depth: depth)
  }
}

extension Parser {
  /// One `{% … %}` statement; the current token is its name, and afterwards its closing `%}`.
  mutating func parseStatement() throws(TemplateError) -> [Statement] {
    let position = current.position
    guard case .name(let tag) = current.kind else { throw unexpected(wanted: "the name of a statement") }
    guard openTags.count < RenderLimits.Source.maximumStatementDepth else {
      throw TemplateError(
        .limit("statements nest deeper than \(RenderLimits.Source.maximumStatementDepth)"), at: position)
    }
    advance()
    openTags.append((tag, position))
    let nodes = try parseStatement(named: tag, at: position)
    openTags.removeLast()
    return nodes.map { Statement(node: $0, position: position) }
  }

  private mutating func parseStatement(
    named tag: String, at position: SourcePosition
  ) throws(TemplateError) -> [Statement.Node] {
    switch tag {
    case "for": return [try parseFor()]
    case "if": return [try parseIf()]
    case "set": return [try parseSet()]
    case "macro": return [try parseMacro()]
    case "call": return [try parseCallBlock()]
    case "filter": return [try parseFilterBlock()]
    case "with": return [try parseWith()]
    case "generation": return [try parseGeneration()]
    case "print": return try parsePrint()
    case "break", "continue":
      guard loopDepth > 0 else {
        throw TemplateError(.syntax("'\(tag)' stands outside of a loop"), at: position)
      }
      return [tag == "break" ? .breakLoop : .continueLoop]
    case "include", "extends", "import", "from", "block":
      throw TemplateError(
        .unsupported("'{% \(tag) %}': a chat template is a single file and cannot use others"), at: position)
    case "autoescape", "do", "trans", "debug":
      throw TemplateError(.unsupported("the statement '{% \(tag) %}'"), at: position)
    default: throw unknownTag(tag, at: position)
    }
  }

  private func unknownTag(_ tag: String, at position: SourcePosition) -> TemplateError {
    guard openTags.count > 1 else {
      return TemplateError(.syntax("there is no statement '{% \(tag) %}'"), at: position)
    }
    let open = openTags[openTags.count - 2].name
    return TemplateError(
      .syntax("there is no statement '{% \(tag) %}' (the innermost open one is '{% \(open) %}')"),
      at: position)
  }

  private mutating func parseFor() throws(TemplateError) -> Statement.Node {
    let position = current.position
    let target = try parseTarget(allowsNamespace: false)
    if case .name("loop") = target {
      throw TemplateError(.syntax("'loop' tells of the loop itself and cannot be its variable"), at: position)
    }
    try expect(name: "in")
    let iterable = try parseTuple(allowsConditional: false)
    return try inBlock { (parser) throws(TemplateError) in
      .loop(try parser.parseLoop(target, over: iterable))
    }
  }

  private mutating func parseLoop(
    _ target: AssignmentTarget, over iterable: Expression
  ) throws(TemplateError) -> LoopStatement {
    let condition = skip(name: "if") ? try parseExpression() : nil
    if isName("recursive") {
      throw TemplateError(.unsupported("recursive loops"), at: current.position)
    }
    loopDepth += 1
    let body = try parseBody(until: ["endfor", "else"])
    loopDepth -= 1
    var otherwise: [Statement] = []
    if isName("else") {
      advance()
      otherwise = try parseBody(until: ["endfor"])
    }
    advance()
    return LoopStatement(
      target: target, iterable: iterable, condition: condition, body: body, otherwise: otherwise)
  }

  private mutating func parseIf() throws(TemplateError) -> Statement.Node {
    var branches: [(test: Expression, body: [Statement])] = []
    var otherwise: [Statement] = []
    let outer = checksNamesWhenReached
    checksNamesWhenReached = true
    branchDepth += 1
    defer {
      checksNamesWhenReached = outer
      branchDepth -= 1
    }
    while true {
      let test = try parseTuple(allowsConditional: false)
      branches.append((test, try parseBody(until: ["elif", "else", "endif"])))
      if skip(name: "elif") { continue }
      if skip(name: "else") {
        otherwise = try parseBody(until: ["endif"])
      }
      advance()
      return .conditional(branches, otherwise: otherwise)
    }
  }

  private mutating func parseSet() throws(TemplateError) -> Statement.Node {
    let target = try parseTarget(allowsNamespace: true)
    if skip(.assign) { return .set(target, try parseTuple()) }
    return try inBlock { (parser) throws(TemplateError) in
      let filters = try parser.parseFilterChain()
      let body = try parser.parseBody(until: ["endset"])
      parser.advance()
      return .setBlock(target, filters, body)
    }
  }

  private mutating func parseFilterBlock() throws(TemplateError) -> Statement.Node {
    try inBlock { (parser) throws(TemplateError) in
      let first = try parser.parseFilterCall()
      let filters = [first] + (try parser.parseFilterChain())
      let body = try parser.parseBody(until: ["endfilter"])
      parser.advance()
      return .filter(filters, body)
    }
  }

  private mutating func parseWith() throws(TemplateError) -> Statement.Node {
    var bindings: [(target: AssignmentTarget, value: Expression)] = []
    while current.kind != .blockEnd {
      if !bindings.isEmpty { try expect(.comma) }
      let target = try parseTarget(allowsNamespace: false)
      try expect(.assign)
      bindings.append((target, try parseExpression()))
    }
    let body = try inBlock { (parser) throws(TemplateError) in try parser.parseBody(until: ["endwith"]) }
    advance()
    return .with(bindings, body)
  }

  private mutating func parseGeneration() throws(TemplateError) -> Statement.Node {
    let outerLoops = loopDepth
    loopDepth = 0
    let body = try inBlock { (parser) throws(TemplateError) in
      try parser.parseBody(until: ["endgeneration"])
    }
    loopDepth = outerLoops
    advance()
    return .generation(body)
  }

  private mutating func parsePrint() throws(TemplateError) -> [Statement.Node] {
    var nodes: [Statement.Node] = []
    while current.kind != .blockEnd {
      if !nodes.isEmpty { try expect(.comma) }
      nodes.append(.print(try parseExpression()))
    }
    return nodes
  }

  /// What an assignment binds: a name, `namespace.attribute`, or several with commas.
  private mutating func parseTarget(
    allowsNamespace: Bool
  ) throws(TemplateError) -> AssignmentTarget {
    var targets: [AssignmentTarget] = []
    while true {
      targets.append(try parseSingleTarget(allowsNamespace: allowsNamespace))
      guard skip(.comma) else {
        return targets.count == 1 ? targets[0] : .tuple(targets)
      }
      if isTupleEnd { return .tuple(targets) }
    }
  }

  private mutating func parseSingleTarget(allowsNamespace: Bool) throws(TemplateError) -> AssignmentTarget {
    expressionDepth += 1
    defer { expressionDepth -= 1 }
    guard expressionDepth <= RenderLimits.Source.maximumExpressionDepth else {
      throw TemplateError(.limit("the assignment nests too deep"), at: current.position)
    }
    if skip(.leftParenthesis) {
      let target = try parseTarget(allowsNamespace: allowsNamespace)
      try expect(.rightParenthesis)
      return target
    }
    let position = current.position
    let name = try expectAnyName()
    if ["true", "false", "none", "True", "False", "None"].contains(name) {
      throw TemplateError(.syntax("nothing can be assigned to '\(name)'"), at: position)
    }
    guard allowsNamespace, skip(.dot) else { return .name(name) }
    noteRead(name)
    return .namespaceAttribute(namespace: name, attribute: try expectAnyName())
  }
}

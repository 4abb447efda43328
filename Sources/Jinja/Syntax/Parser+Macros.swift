extension Parser {
  mutating func parseMacro() throws(TemplateError) -> Statement.Node {
    let name = try expectAnyName()
    try expect(.leftParenthesis)
    return .macro(try parseMacroDefinition(name: name, hasSignature: true, ending: "endmacro"))
  }

  mutating func parseCallBlock() throws(TemplateError) -> Statement.Node {
    let hasSignature = skip(.leftParenthesis)
    let parameters =
      hasSignature
      ? try inBlock { (parser) throws(TemplateError) in try parser.parseSignature() } : []
    let position = current.position
    let call = try parseExpression()
    guard case .call = call.node else {
      throw TemplateError(.syntax("'{% call %}' needs the call of a macro"), at: position)
    }
    return .call(call, try parseDefinition(name: "caller", parameters: parameters, ending: "endcall"))
  }

  private mutating func parseMacroDefinition(
    name: String, hasSignature: Bool, ending: String
  ) throws(TemplateError) -> MacroDefinition {
    let parameters = try inBlock { (parser) throws(TemplateError) in try parser.parseSignature() }
    return try parseDefinition(name: name, parameters: parameters, ending: ending)
  }

  private mutating func parseDefinition(
    name: String, parameters: [(name: String, defaultValue: Expression?)], ending: String
  ) throws(TemplateError) -> MacroDefinition {
    let outerLoops = loopDepth
    loopDepth = 0
    namesReadInMacros.append([])
    let body = try inBlock { (parser) throws(TemplateError) in try parser.parseBody(until: [ending]) }
    let names = namesReadInMacros.removeLast()
    loopDepth = outerLoops
    advance()
    return MacroDefinition(
      name: name, parameters: parameters, body: body, usesVariableArguments: names.contains("varargs"),
      usesKeywordArguments: names.contains("kwargs"), usesCaller: names.contains("caller"))
  }

  /// Parameters behind the opening parenthesis, the closing one included.
  private mutating func parseSignature() throws(TemplateError) -> [(name: String, defaultValue: Expression?)]
  {
    var parameters: [(name: String, defaultValue: Expression?)] = []
    while !isSymbol(.rightParenthesis) {
      if !parameters.isEmpty { try expect(.comma) }
      let position = current.position
      let name = try expectAnyName()
      guard !parameters.contains(where: { $0.name == name }) else {
        throw TemplateError(.syntax("the parameter '\(name)' is named twice"), at: position)
      }
      if skip(.assign) {
        parameters.append((name, try parseExpression()))
      } else if parameters.last?.defaultValue != nil {
        throw TemplateError(
          .syntax("the parameter '\(name)' needs a default value, since one before it has one"), at: position)
      } else {
        parameters.append((name, nil))
      }
    }
    try expect(.rightParenthesis)
    return parameters
  }

  /// Remembers that the macro around this place, if any, reads `name`.
  mutating func noteRead(_ name: String) {
    guard !namesReadInMacros.isEmpty else { return }
    namesReadInMacros[namesReadInMacros.count - 1].insert(name)
  }
}

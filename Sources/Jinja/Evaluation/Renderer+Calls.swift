extension Renderer {
  func evaluateArguments(_ arguments: CallArguments, in scope: Scope) throws(TemplateError) -> Arguments {
    var result = Arguments(positional: try evaluate(arguments.positional, in: scope))
    for (name, value) in arguments.named {
      result.named.append((name, try evaluate(value, in: scope)))
    }
    if let spread = arguments.spread {
      result.positional += try evaluate(spread, in: scope).elements()
    }
    if let spread = arguments.namedSpread {
      guard case .dictionary(let dictionary) = try evaluate(spread, in: scope) else {
        throw TemplateError(.operation("'**' needs a mapping"))
      }
      for (key, value) in zip(dictionary.keys, dictionary.values) {
        result.named.append((try key.requireText("'**'"), value))
      }
    }
    return result
  }

  func evaluateCall(
    _ callee: Expression, _ arguments: CallArguments, in scope: Scope
  ) throws(TemplateError) -> Value {
    let function = try evaluate(callee, in: scope)
    return try call(function, try evaluateArguments(arguments, in: scope))
  }

  /// `{% call macro(…) %} body {% endcall %}`: the macro may call its body as `caller()`.
  func runCall(_ call: Expression, _ definition: MacroDefinition, in scope: Scope) throws(TemplateError) {
    guard case .call(let callee, let arguments) = call.node else { return }
    let function = try evaluate(callee, in: scope)
    let values = try evaluateArguments(arguments, in: scope)
    guard case .macro(let macro) = function, macro.definition.usesCaller else {
      throw TemplateError(.operation("'{% call %}' needs a macro that calls 'caller()'"))
    }
    let result = try self.call(macro, values, caller: makeMacro(definition, in: scope))
    try write(try result.printed())
  }

  func call(_ function: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    switch function {
    case .function(let name): return try Functions.call(name, arguments, self)
    case .macro(let macro): return try call(macro, arguments, caller: nil)
    case .method(let method):
      if case .loop(let loop) = method.receiver { return try loop.call(method.name, arguments) }
      try charge(for: method.receiver)
      let result = try Methods.call(method, arguments)
      try charge(for: result)
      return result
    case .undefined(let reason): throw TemplateError(.undefined(reason))
    case .loop: throw TemplateError(.unsupported("recursive loops"))
    default: throw TemplateError(.operation("a value of the kind \(function.kind) cannot be called"))
    }
  }

  private func call(_ macro: Macro, _ arguments: Arguments, caller: Value?) throws(TemplateError) -> Value {
    let definition = macro.definition
    let inner = Scope(parent: macro.scope)
    try bind(arguments, to: definition, in: inner)
    if let caller {
      inner.variables["caller"] = caller
    } else if definition.usesCaller, inner.variables["caller"] == nil {
      inner.variables["caller"] = .undefined("no caller defined")
    }
    let (text, _) = try capture { () throws(TemplateError) in
      try descend { () throws(TemplateError) in try run(definition.body, in: inner) }
    }
    return .string(text)
  }

  private func bind(
    _ arguments: Arguments, to definition: MacroDefinition, in scope: Scope
  ) throws(TemplateError) {
    let parameters = definition.parameters
    let surplus = arguments.positional.dropFirst(parameters.count)
    guard surplus.isEmpty || definition.usesVariableArguments else {
      throw TemplateError(
        .operation("the macro '\(definition.name)' takes at most \(parameters.count) arguments"))
    }
    var named = arguments.named
    for (place, parameter) in parameters.enumerated() {
      let nameIndex = named.firstIndex { $0.name == parameter.name }
      if place < arguments.positional.count {
        guard nameIndex == nil else {
          throw TemplateError(
            .operation("the macro '\(definition.name)' is given '\(parameter.name)' twice"))
        }
        scope.variables[parameter.name] = arguments.positional[place]
      } else if let nameIndex {
        scope.variables[parameter.name] = named.remove(at: nameIndex).value
      } else if let defaultValue = parameter.defaultValue {
        scope.variables[parameter.name] = try evaluate(defaultValue, in: scope)
      } else {
        scope.variables[parameter.name] = .undefined("parameter '\(parameter.name)' was not provided")
      }
    }
    try bindSurplus(surplus, named, to: definition, in: scope)
  }

  private func bindSurplus(
    _ positional: ArraySlice<Value>, _ named: [(name: String, value: Value)],
    to definition: MacroDefinition, in scope: Scope
  ) throws(TemplateError) {
    if definition.usesVariableArguments { scope.variables["varargs"] = try .tuple(Array(positional)) }
    if definition.usesKeywordArguments {
      var dictionary = DictionaryValue()
      for (name, value) in named { try dictionary.set(.string(name), to: value) }
      scope.variables["kwargs"] = .dictionary(dictionary)
    } else if let unknown = named.first {
      if unknown.name == "caller", definition.usesCaller {
        scope.variables["caller"] = unknown.value
        return
      }
      throw TemplateError(
        .operation("the macro '\(definition.name)' takes no argument named '\(unknown.name)'"))
    }
  }

  /// Applies a filter as it stands in the template.
  func apply(_ call: FilterCall, to value: Value, in scope: Scope) throws(TemplateError) -> Value {
    do {
      let arguments = try evaluateArguments(call.arguments, in: scope)
      return try FilterLibrary.apply(call.name, to: value, arguments, self)
    } catch {
      throw error.located(at: call.position)
    }
  }
}

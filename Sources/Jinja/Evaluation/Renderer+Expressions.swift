extension Renderer {
  /// - Parameter mayBeMissing: Whether what asks for the value knows what to do where it does not exist.
  func evaluate(
    _ expression: Expression, in scope: Scope, mayBeMissing: Bool = false
  ) throws(TemplateError) -> Value {
    do {
      try charge(1)
      let value = try descend { () throws(TemplateError) in try evaluate(expression.node, in: scope) }
      if requiresValues, !mayBeMissing { try value.requireDefined() }
      return value
    } catch {
      throw error.located(at: expression.position)
    }
  }

  func evaluate(_ expressions: [Expression], in scope: Scope) throws(TemplateError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(expressions.count)
    for expression in expressions { values.append(try evaluate(expression, in: scope)) }
    return values
  }

  private func evaluate(_ node: Expression.Node, in scope: Scope) throws(TemplateError) -> Value {
    switch node {
    case .constant(let constant): return Self.value(of: constant)
    case .name(let name): return try value(of: name, in: scope)
    case .attribute(let operand, let name): return try evaluate(operand, in: scope).attribute(name)
    case .call(let callee, let arguments): return try evaluateCall(callee, arguments, in: scope)
    case .filter(let operand, let call):
      let mayBeMissing = call.name == "default" || call.name == "d"
      return try apply(call, to: try evaluate(operand, in: scope, mayBeMissing: mayBeMissing), in: scope)
    case .and(let left, let right):
      let value = try evaluate(left, in: scope)
      return value.isTruthy ? try evaluate(right, in: scope) : value
    case .or(let left, let right):
      let value = try evaluate(left, in: scope)
      return value.isTruthy ? value : try evaluate(right, in: scope)
    case .conditional(let test, let then, let otherwise):
      if try evaluate(test, in: scope).isTruthy { return try evaluate(then, in: scope) }
      guard let otherwise else {
        return .undefined("the inline 'if' is false and has no 'else'")
      }
      return try evaluate(otherwise, in: scope)
    default: return try evaluateOperation(node, in: scope)
    }
  }

  private func evaluateOperation(_ node: Expression.Node, in scope: Scope) throws(TemplateError) -> Value {
    switch node {
    case .unary(.not, let operand): return .boolean(!(try evaluate(operand, in: scope).isTruthy))
    case .unary(let sign, let operand): return try evaluate(operand, in: scope).signed(sign)
    case .binary(let binary, let left, let right): return try evaluate(binary, left, right, in: scope)
    case .comparison(let first, let rest): return try evaluateComparison(first, rest, in: scope)
    case .test(let operand, let name, let arguments):
      let mayBeMissing = name == "defined" || name == "undefined"
      let value = try evaluate(operand, in: scope, mayBeMissing: mayBeMissing)
      return .boolean(try TestLibrary.holds(name, value, try evaluateArguments(arguments, in: scope)))
    case .concatenation(let parts): return try concatenate(try evaluate(parts, in: scope))
    default: return try evaluateCollection(node, in: scope)
    }
  }

  private func evaluateCollection(_ node: Expression.Node, in scope: Scope) throws(TemplateError) -> Value {
    switch node {
    case .list(let items): return try .list(try evaluate(items, in: scope))
    case .tuple(let items): return try .tuple(try evaluate(items, in: scope))
    case .dictionary(let items):
      var dictionary = DictionaryValue()
      for (key, value) in items {
        try dictionary.set(try evaluate(key, in: scope), to: try evaluate(value, in: scope))
      }
      return .dictionary(dictionary)
    case .element(let operand, let index):
      let value = try evaluate(operand, in: scope)
      if case .string = value { try charge(for: value) }
      return try value.element(try evaluate(index, in: scope))
    case .slice(let operand, let start, let stop, let step):
      let value = try evaluate(operand, in: scope)
      try charge(for: value)
      return try value.slice(
        start: try start.map { (bound) throws(TemplateError) in try evaluate(bound, in: scope) },
        stop: try stop.map { (bound) throws(TemplateError) in try evaluate(bound, in: scope) },
        step: try step.map { (bound) throws(TemplateError) in try evaluate(bound, in: scope) })
    default: throw TemplateError(.unsupported("this expression"))
    }
  }

  private static func value(of constant: Expression.Constant) -> Value {
    switch constant {
    case .none: .none
    case .boolean(let value): .boolean(value)
    case .integer(let value): .integer(value)
    case .float(let value): .float(value)
    case .string(let text): .string(text)
    }
  }

  private func value(of name: String, in scope: Scope) throws(TemplateError) -> Value {
    if let value = scope.value(of: name) { return value }
    if Functions.names.contains(name) { return .function(name) }
    if Functions.unsupported.contains(name) {
      throw TemplateError(.unsupported("the function '\(name)'"))
    }
    return .undefined("'\(name)' is undefined")
  }

  private func evaluate(
    _ binary: BinaryOperator, _ left: Expression, _ right: Expression, in scope: Scope
  ) throws(TemplateError) -> Value {
    let first = try evaluate(left, in: scope)
    let second = try evaluate(right, in: scope)
    let result = try Value.compute(first, binary, second)
    try charge(for: result)
    return result
  }

  private func evaluateComparison(
    _ first: Expression, _ rest: [(comparison: ComparisonOperator, operand: Expression)], in scope: Scope
  ) throws(TemplateError) -> Value {
    var left = try evaluate(first, in: scope)
    for (comparison, operand) in rest {
      let right = try evaluate(operand, in: scope)
      try charge(for: right)
      guard try Self.holds(left, comparison, right) else { return .boolean(false) }
      left = right
    }
    return .boolean(true)
  }

  static func holds(
    _ left: Value, _ comparison: ComparisonOperator, _ right: Value
  ) throws(TemplateError) -> Bool {
    switch comparison {
    case .equal: return left.isEqual(to: right)
    case .notEqual: return !left.isEqual(to: right)
    case .less: return try left.isLess(than: right)
    case .greater: return try right.isLess(than: left)
    case .lessOrEqual: return try left.isLess(than: right) || left.isEqual(to: right)
    case .greaterOrEqual: return try right.isLess(than: left) || left.isEqual(to: right)
    case .isIn: return try left.isContained(in: right)
    case .isNotIn: return !(try left.isContained(in: right))
    }
  }

  private func concatenate(_ parts: [Value]) throws(TemplateError) -> Value {
    var text = ""
    for part in parts { text += try part.printed() }
    try Text.requireRoom(text.utf8.count)
    try charge(text.utf8.count >> 6)
    return .string(text)
  }
}

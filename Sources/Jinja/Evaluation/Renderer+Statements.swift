extension Renderer {
  /// How a run of statements ended.
  enum Flow { case normal, breakLoop, continueLoop }

  func run(_ statements: [Statement], in scope: Scope) throws(TemplateError) -> Flow {
    for statement in statements {
      let flow: Flow
      do {
        try charge(1)
        flow = try descend { () throws(TemplateError) in try run(statement, in: scope) }
      } catch {
        throw error.located(at: statement.position)
      }
      if flow != .normal { return flow }
    }
    return .normal
  }

  private func run(_ statement: Statement, in scope: Scope) throws(TemplateError) -> Flow {
    switch statement.node {
    case .text(let text): try write(text)
    case .print(let expression): try write(try evaluate(expression, in: scope).printed())
    case .conditional(let branches, let otherwise):
      for (test, body) in branches where try evaluate(test, in: scope).isTruthy {
        return try run(body, in: scope)
      }
      return try run(otherwise, in: scope)
    case .loop(let loop): return try run(loop, in: scope)
    case .set(let target, let expression):
      try assign(try evaluate(expression, in: scope), to: target, in: scope)
    case .setBlock(let target, let filters, let body):
      let (text, flow) = try captured(body, filters, in: scope)
      guard flow == .normal else { return flow }
      try assign(text, to: target, in: scope)
    case .macro(let definition): scope.variables[definition.name] = makeMacro(definition, in: scope)
    case .call(let call, let definition): try runCall(call, definition, in: scope)
    case .filter(let filters, let body):
      let (text, flow) = try captured(body, filters, in: scope)
      guard flow == .normal else { return flow }
      try write(try text.printed())
    case .with(let bindings, let body):
      let inner = Scope(parent: scope)
      for (target, value) in bindings {
        try assign(try evaluate(value, in: scope), to: target, in: inner)
      }
      return try run(body, in: inner)
    case .generation(let body): _ = try run(body, in: Scope(parent: scope))
    case .breakLoop: return .breakLoop
    case .continueLoop: return .continueLoop
    }
    return .normal
  }

  private func captured(
    _ body: [Statement], _ filters: [FilterCall], in scope: Scope
  ) throws(TemplateError) -> (Value, Flow) {
    let inner = Scope(parent: scope)
    let (text, flow) = try capture { () throws(TemplateError) in try run(body, in: inner) }
    var value = Value.string(text)
    guard flow == .normal else { return (value, flow) }
    for filter in filters { value = try apply(filter, to: value, in: inner) }
    return (value, flow)
  }

  private func run(_ loop: LoopStatement, in scope: Scope) throws(TemplateError) -> Flow {
    let iterable = try evaluate(loop.iterable, in: scope)
    let state = LoopState(
      try iterator(of: loop, over: iterable, in: scope), length: loop.condition == nil ? iterable.length : nil
    )
    // Jinja2 marks a loop as run at the end of a turn, so that `else` runs when none came to its end.
    var finishedTurn = false
    while let item = try state.advance() {
      try charge(1)
      let inner = Scope(parent: scope)
      inner.variables["loop"] = .loop(state)
      try assign(item, to: loop.target, in: inner)
      let flow = try run(loop.body, in: inner)
      if flow == .breakLoop { break }
      if flow == .normal { finishedTurn = true }
    }
    return finishedTurn ? .normal : try run(loop.otherwise, in: Scope(parent: scope))
  }

  private func iterator(
    of loop: LoopStatement, over iterable: Value, in scope: Scope
  ) throws(TemplateError) -> ValueIterator {
    try charge(for: iterable)
    let all = try iterable.makeIterator()
    guard let condition = loop.condition else { return all }
    return try ValueIterator(over: iterable) { [self] () throws(TemplateError) -> Value? in
      while let item = try all.next() {
        let inner = Scope(parent: scope)
        try assign(item, to: loop.target, in: inner)
        if try evaluate(condition, in: inner).isTruthy { return item }
      }
      return nil
    }
  }

  func assign(_ value: Value, to target: AssignmentTarget, in scope: Scope) throws(TemplateError) {
    switch target {
    case .name(let name): scope.variables[name] = value
    case .namespaceAttribute(let name, let attribute):
      guard case .namespace(let namespace) = scope.value(of: name) else {
        throw TemplateError(
          .operation("'\(name)' is not a namespace, so that '\(attribute)' cannot be set on it"))
      }
      namespace.attributes[try Functions.checked(attribute)] = value
    case .tuple(let targets):
      try value.requireDefined()
      let items = try value.elements()
      guard items.count == targets.count else {
        throw TemplateError(
          .operation("\(items.count) values cannot be given to \(targets.count) names"))
      }
      for (target, item) in zip(targets, items) { try assign(item, to: target, in: scope) }
    }
  }
}

/// A piece of a template: text, an expression to print, or a `{% … %}` statement.
struct Statement: Sendable {
  let node: Node
  let position: SourcePosition

  indirect enum Node: Sendable {
    case text(String)
    case print(Expression)
    case conditional([(test: Expression, body: [Statement])], otherwise: [Statement])
    case loop(LoopStatement)
    case set(AssignmentTarget, Expression)
    case setBlock(AssignmentTarget, [FilterCall], [Statement])
    case macro(MacroDefinition)
    case call(Expression, MacroDefinition)
    case filter([FilterCall], [Statement])
    case with([(target: AssignmentTarget, value: Expression)], [Statement])
    /// `{% generation %}`, which marks what the assistant wrote and renders as its content.
    case generation([Statement])
    case breakLoop
    case continueLoop
  }
}

/// `{% for target in iterable if condition %} body {% else %} otherwise {% endfor %}`
struct LoopStatement: Sendable {
  let target: AssignmentTarget
  let iterable: Expression
  let condition: Expression?
  let body: [Statement]
  let otherwise: [Statement]
}

/// What an assignment or a loop turn binds.
indirect enum AssignmentTarget: Sendable {
  case name(String)
  case tuple([AssignmentTarget])
  case namespaceAttribute(namespace: String, attribute: String)
}

/// A macro, or the body of a call block, which is a macro without a name.
struct MacroDefinition: Sendable {
  let name: String
  let parameters: [(name: String, defaultValue: Expression?)]
  let body: [Statement]
  /// Whether the body uses `varargs`, `kwargs` or `caller`, and so takes such arguments.
  let usesVariableArguments: Bool
  let usesKeywordArguments: Bool
  let usesCaller: Bool
}

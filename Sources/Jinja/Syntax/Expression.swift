/// An expression and its place in the template.
struct Expression: Sendable {
  let node: Node
  let position: SourcePosition
  /// Expressions nested in this one, itself counted.
  let depth: Int

  indirect enum Node: Sendable {
    case constant(Constant)
    case name(String)
    case list([Expression])
    case tuple([Expression])
    case dictionary([(key: Expression, value: Expression)])
    case attribute(Expression, String)
    case element(Expression, index: Expression)
    case slice(Expression, start: Expression?, stop: Expression?, step: Expression?)
    case call(Expression, CallArguments)
    case filter(Expression, FilterCall)
    case test(Expression, name: String, CallArguments)
    case unary(UnaryOperator, Expression)
    case binary(BinaryOperator, Expression, Expression)
    case concatenation([Expression])
    case comparison(Expression, [(comparison: ComparisonOperator, operand: Expression)])
    case and(Expression, Expression)
    case or(Expression, Expression)
    case conditional(test: Expression, then: Expression, otherwise: Expression?)
  }

  /// A literal.
  enum Constant: Sendable {
    case none
    case boolean(Bool)
    case integer(Int)
    case float(Double)
    case string(String)
  }
}

enum UnaryOperator: Sendable { case not, negate, plus }

enum BinaryOperator: String, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case floorDivide = "//"
  case modulo = "%"
  case power = "**"
}

enum ComparisonOperator: String, Sendable {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case isIn = "in"
  case isNotIn = "not in"
}

/// What stands between the parentheses of a call.
struct CallArguments: Sendable {
  var positional: [Expression] = []
  var named: [(name: String, value: Expression)] = []
  /// `*arguments`
  var spread: Expression?
  /// `**arguments`
  var namedSpread: Expression?

  /// The expressions of all arguments.
  var expressions: [Expression] {
    positional + named.map(\.value) + [spread, namedSpread].compactMap(\.self)
  }
}

/// A filter by name, with the arguments that follow the filtered value.
struct FilterCall: Sendable {
  let name: String
  let arguments: CallArguments
  let position: SourcePosition
}

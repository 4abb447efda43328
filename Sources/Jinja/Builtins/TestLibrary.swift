/// Jinja2's tests: what may stand behind `is`.
enum TestLibrary {
  /// What is wrong with a test's name: there is none.
  static func fault(of name: String, at position: SourcePosition) -> TemplateError? {
    names.contains(name) ? nil : TemplateError(.syntax("there is no test named '\(name)'"), at: position)
  }

  static let names: Set<String> = [
    "odd", "even", "divisibleby", "defined", "undefined", "filter", "test", "none", "boolean", "false",
    "true",
    "integer", "float", "lower", "upper", "string", "mapping", "number", "sequence", "iterable", "callable",
    "sameas", "escaped", "in", "==", "eq", "equalto", "!=", "ne", ">", "gt", "greaterthan", ">=", "ge", "<",
    "lt",
    "lessthan", "<=", "le",
  ]

  static func holds(_ name: String, _ value: Value, _ arguments: Arguments) throws(TemplateError) -> Bool {
    guard names.contains(name) else { throw TemplateError(.operation("there is no test named '\(name)'")) }
    if let comparison = comparisons[name] {
      return try Renderer.holds(value, comparison, try operand(name, arguments))
    }
    switch name {
    case "divisibleby": return try remainder(value, by: try operand(name, arguments)).map { $0 == 0 } ?? false
    case "sameas": return try isSame(value, try operand(name, arguments))
    default:
      try arguments.requireNone("the test '\(name)'")
      return try holds(name, value)
    }
  }

  private static let comparisons: [String: ComparisonOperator] = [
    "==": .equal, "eq": .equal, "equalto": .equal, "!=": .notEqual, "ne": .notEqual, ">": .greater,
    "gt": .greater, "greaterthan": .greater, ">=": .greaterOrEqual, "ge": .greaterOrEqual, "<": .less,
    "lt": .less, "lessthan": .less, "<=": .lessOrEqual, "le": .lessOrEqual, "in": .isIn,
  ]

  private static func operand(_ name: String, _ arguments: Arguments) throws(TemplateError) -> Value {
    try arguments.bind("the test '\(name)'", ["other"], required: 1)[0] ?? .none
  }

  private static func holds(_ name: String, _ value: Value) throws(TemplateError) -> Bool {
    switch name {
    case "defined": return !value.isUndefined
    case "undefined": return value.isUndefined
    case "odd": return try remainder(value, by: .integer(2)) == 1
    case "even": return try remainder(value, by: .integer(2)) == 0
    case "none": if case .none = value { return true }
    case "boolean": if case .boolean = value { return true }
    case "true": if case .boolean(true) = value { return true }
    case "false": if case .boolean(false) = value { return true }
    case "integer":
      switch value {
      case .integer, .largeInteger: return true
      default: return false
      }
    case "float": if case .float = value { return true }
    case "number":
      if case .largeInteger = value { return true }
      return Number(value) != nil
    case "string": return value.text != nil
    case "escaped": if case .markup = value { return true }
    case "lower": return Text.hasCase(try value.printed(), upper: false)
    case "upper": return Text.hasCase(try value.printed(), upper: true)
    case "mapping": if case .dictionary = value { return true }
    case "iterable": return value.isIterable
    case "sequence":
      switch value {
      case .undefined, .string, .markup, .list, .tuple, .dictionary, .range: return true
      default: return false
      }
    case "callable":
      switch value {
      case .macro, .function, .method, .loop, .undefined: return true
      default: return false
      }
    case "filter": return FilterLibrary.filters[try value.requireText("the test 'filter'")] != nil
    case "test": return names.contains(try value.requireText("the test 'test'"))
    default: throw TemplateError(.unsupported("the test '\(name)'"))
    }
    return false
  }

  private static func remainder(_ value: Value, by divisor: Value) throws(TemplateError) -> Double? {
    guard let number = Number(try Value.compute(value, .modulo, divisor)) else { return nil }
    return number.double
  }

  /// Python's `is`, for the values of which a template can know it: constants and objects.
  private static func isSame(_ left: Value, _ right: Value) throws(TemplateError) -> Bool {
    switch (left, right) {
    case (.none, _), (_, .none), (.boolean, _), (_, .boolean), (.undefined, _), (_, .undefined):
      return left.kind == right.kind && left.isEqual(to: right)
    case (.namespace(let a), .namespace(let b)): return a === b
    default:
      guard left.kind == right.kind else { return false }
      throw TemplateError(.unsupported("'sameas' of values of the kind \(left.kind)"))
    }
  }
}

/// The values of a command's parameters, read from the command line and the environment.
struct Arguments: Sendable {
  private var values: [String: any Sendable] = [:]
  /// The words that they were read from, behind the command's name.
  var words: [String] = []

  /// The parameter's value: what was given, else its default.
  subscript<Value>(_ parameter: Parameter<Value>) -> Value {
    values[Self.key(parameter.definition)] as? Value ?? parameter.fallback
  }

  /// Whether the command line or the environment gave a value.
  func has<Value>(_ parameter: Parameter<Value>) -> Bool { has(parameter.definition) }

  /// Whether the command line or the environment gave a value.
  func has(_ definition: ParameterDefinition) -> Bool { values[Self.key(definition)] != nil }

  mutating func set(_ definition: ParameterDefinition, to value: any Sendable) {
    values[Self.key(definition)] = value
  }

  /// Takes a value back: the default holds again.
  mutating func remove(_ definition: ParameterDefinition) { values[Self.key(definition)] = nil }

  /// Options and arguments are named apart: a command may have an argument MODEL and an option --model.
  private static func key(_ definition: ParameterDefinition) -> String { definition.spelling }
}

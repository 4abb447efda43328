/// One thing a command takes, with the type of its value. A command lists its parameters' definitions, and reads
/// their values from ``Arguments`` with the parameters themselves, so that a name is written once.
struct Parameter<Value: Sendable>: Sendable {
  let definition: ParameterDefinition
  /// The value when none is given.
  let fallback: Value
}

/// What the parser, the help and the shell completion know of a parameter.
struct ParameterDefinition: Sendable {
  enum Kind: Sendable, Equatable {
    /// `--name`, true when given.
    case flag
    /// `--name VALUE`.
    case option
    /// A value without a name, told by its place.
    case argument
  }

  let kind: Kind
  /// Without the dashes; for an argument its placeholder in lower case.
  let name: String
  var short: Character?
  var placeholder = ""
  var choices: [String] = []
  var help: String
  /// What `--help` calls the default; nil shows none.
  var defaultText: String?
  /// The environment's variable that is read when the command line has no value.
  var environment: String?
  /// The fewest values.
  var minimum = 0
  /// The most values.
  var maximum = 1
  /// What a shell completes its value with, beside the choices.
  var completion = ValueCompletion.nothing
  /// Makes the value of all texts given for it, in order.
  let read: @Sendable ([String]) throws(InvalidValue) -> any Sendable

  /// The name as it is typed and shown: `--name` or `NAME`.
  var spelling: String { kind == .argument ? placeholder : "--\(name)" }
}

extension Parameter where Value == Bool {
  /// `--name`: false unless it is given.
  static func flag(_ name: String, short: Character? = nil, help: String) -> Self {
    let definition = ParameterDefinition(kind: .flag, name: name, short: short, help: help) { _ in true }
    return Parameter(definition: definition, fallback: false)
  }
}

extension Parameter {
  /// `--name VALUE` with a default.
  static func option(
    _ name: String, short: Character? = nil, _ type: ValueType<Value>, default fallback: Value,
    shownAs defaultText: String? = nil, environment: String? = nil, help: String
  ) -> Self {
    let definition = ParameterDefinition(
      kind: .option, name: name, short: short, placeholder: type.placeholder, choices: type.choices,
      help: help,
      defaultText: defaultText ?? describe(fallback), environment: environment,
      completion: type.completion
    ) { (texts) throws(InvalidValue) in try type.read(texts.last ?? "") }
    return Parameter(definition: definition, fallback: fallback)
  }

  /// `--name VALUE` without a default; `shownAs` says what happens without it.
  static func option<Wrapped>(
    _ name: String, short: Character? = nil, _ type: ValueType<Wrapped>, shownAs defaultText: String? = nil,
    environment: String? = nil, help: String
  ) -> Self where Value == Wrapped? {
    let definition = ParameterDefinition(
      kind: .option, name: name, short: short, placeholder: type.placeholder, choices: type.choices,
      help: help,
      defaultText: defaultText, environment: environment,
      completion: type.completion
    ) { (texts) throws(InvalidValue) in
      let value: Wrapped? = try type.read(texts.last ?? "")
      return value
    }
    return Parameter(definition: definition, fallback: nil)
  }

  /// `--name VALUE`, as often as one likes.
  static func options<Element>(
    _ name: String, short: Character? = nil, _ type: ValueType<Element>, help: String
  ) -> Self where Value == [Element] {
    let definition = ParameterDefinition(
      kind: .option, name: name, short: short, placeholder: type.placeholder, choices: type.choices,
      help: help,
      maximum: .max, completion: type.completion, read: readAll(type))
    return Parameter(definition: definition, fallback: [])
  }

  /// A value that must be there.
  static func argument(_ placeholder: String, _ type: ValueType<Value>, default unused: Value, help: String)
    -> Self
  {
    let definition = ParameterDefinition(
      kind: .argument, name: placeholder.lowercased(), placeholder: placeholder, choices: type.choices,
      help: help,
      minimum: 1, completion: type.completion
    ) { (texts) throws(InvalidValue) in try type.read(texts.last ?? "") }
    return Parameter(definition: definition, fallback: unused)
  }

  /// A value that may be left out.
  static func argument<Wrapped>(
    _ placeholder: String, _ type: ValueType<Wrapped>, help: String
  ) -> Self where Value == Wrapped? {
    let definition = ParameterDefinition(
      kind: .argument, name: placeholder.lowercased(), placeholder: placeholder, choices: type.choices,
      help: help,
      completion: type.completion
    ) { (texts) throws(InvalidValue) in
      let value: Wrapped? = try type.read(texts.last ?? "")
      return value
    }
    return Parameter(definition: definition, fallback: nil)
  }

  /// Any number of values, from `minimum` up.
  static func arguments<Element>(
    _ placeholder: String, _ type: ValueType<Element>, minimum: Int = 0, help: String
  ) -> Self where Value == [Element] {
    let definition = ParameterDefinition(
      kind: .argument, name: placeholder.lowercased(), placeholder: placeholder, choices: type.choices,
      help: help,
      minimum: minimum, maximum: .max, completion: type.completion, read: readAll(type))
    return Parameter(definition: definition, fallback: [])
  }

  private static func readAll<Element>(
    _ type: ValueType<Element>
  ) -> @Sendable ([String]) throws(InvalidValue) -> any Sendable where Value == [Element] {
    { (texts) throws(InvalidValue) in
      var values: [Element] = []
      for text in texts { values.append(try type.read(text)) }
      return values
    }
  }

  private static func describe(_ value: Value) -> String {
    if let number = value as? Double, number == number.rounded(), abs(number) < 1e15 {
      return "\(Int(number))"
    }
    if let choice = value as? any RawRepresentable { return "\(choice.rawValue)" }
    return "\(value)"
  }
}

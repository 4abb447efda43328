/// Evaluated arguments of a call, to be bound to a callable's parameters.
struct Arguments {
  var positional: [Value] = []
  var named: [(name: String, value: Value)] = []

  /// The values of `parameters` in their order, nil where one is left out.
  ///
  /// - Parameters:
  ///   - callee: what is called, for messages.
  ///   - required: how many of the first parameters must be there.
  func bind(
    _ callee: String, _ parameters: [String], required: Int = 0
  ) throws(TemplateError) -> [Value?] {
    guard positional.count <= parameters.count else {
      throw TemplateError(
        .operation("\(callee) takes at most \(parameters.count) arguments, not \(positional.count)"))
    }
    var values: [Value?] = positional
    values += [Value?](repeating: nil, count: parameters.count - positional.count)
    for (name, value) in named {
      guard let place = parameters.firstIndex(of: name) else {
        throw TemplateError(.operation("\(callee) takes no argument named '\(name)'"))
      }
      guard values[place] == nil else {
        throw TemplateError(.operation("\(callee) is given the argument '\(name)' twice"))
      }
      values[place] = value
    }
    for place in 0..<required where values[place] == nil {
      throw TemplateError(.operation("\(callee) needs the argument '\(parameters[place])'"))
    }
    return values
  }

  /// Fails when there are arguments.
  func requireNone(_ callee: String) throws(TemplateError) { _ = try bind(callee, []) }
}

extension Value {
  /// The whole number that an argument must be.
  func requireInteger(_ callee: String) throws(TemplateError) -> Int {
    try requireDefined()
    guard let index else { throw TemplateError(.operation("\(callee) needs a whole number, not \(kind)")) }
    return index
  }

  /// The text that an argument must be.
  func requireText(_ callee: String) throws(TemplateError) -> String {
    try requireDefined()
    guard let text else { throw TemplateError(.operation("\(callee) needs a text, not \(kind)")) }
    return text
  }
}

extension Optional<Value> {
  /// The argument, when it is given and is not `none`.
  var given: Value? {
    if case .some(.none) = self { return nil }
    return self
  }
}

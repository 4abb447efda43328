/// Reads a command's arguments. Everything that is typed is either understood or an error: nothing is dropped.
struct CommandLineParser {
  let command: Command
  /// The environment's variables, for parameters that fall back on one.
  let environment: @Sendable (String) -> String?

  /// What the command line asks for.
  enum Request {
    case run(Arguments)
    case help
  }

  func parse(_ texts: some Sequence<String>) throws(UsageError) -> Request {
    var reader = Reader(command: command, rest: Array(texts)[...])
    while let text = reader.rest.popFirst() {
      if text == "--help" || text == "-h" { return .help }
      try reader.take(text)
      if command.endsOptionsAtArgument, !reader.positionals.isEmpty {
        reader.positionals += reader.rest
        break
      }
    }
    try distribute(reader.positionals, into: &reader)
    var arguments = try arguments(from: reader.given)
    arguments.words = Array(texts)
    return .run(arguments)
  }

  /// Gives the values without names to the arguments, in order; the last may take many.
  private func distribute(_ texts: [String], into reader: inout Reader) throws(UsageError) {
    var rest = texts[...]
    for argument in command.positionals {
      let taken = rest.prefix(argument.maximum)
      rest = rest.dropFirst(taken.count)
      if taken.count < argument.minimum {
        throw usageError("\(argument.placeholder) is missing.")
      }
      if !taken.isEmpty { reader.given.append((argument, Array(taken))) }
    }
    if let extra = rest.first {
      throw usageError("‘\(extra)’ is one argument too many. A text of several words needs quotes around it.")
    }
  }

  private func arguments(from given: [(ParameterDefinition, [String])]) throws(UsageError) -> Arguments {
    var arguments = Arguments()
    for definition in command.parameters {
      var texts = given.filter { $0.0.spelling == definition.spelling }.flatMap(\.1)
      var source = definition.spelling
      if texts.count > definition.maximum { throw usageError("\(definition.spelling) is given twice.") }
      if texts.isEmpty, let variable = definition.environment, let text = environment(variable), !text.isEmpty
      {
        texts = [text]
        source = "the environment's \(variable)"
      }
      if texts.isEmpty { continue }
      do throws(InvalidValue) {
        arguments.set(definition, to: try definition.read(texts))
      } catch {
        throw usageError("\(source) \(error.problem).")
      }
    }
    return arguments
  }

  private func usageError(_ problem: String) -> UsageError { Reader.usageError(problem, command) }
}

/// What was read of a command line so far.
private struct Reader {
  let command: Command
  var rest: ArraySlice<String>
  var given: [(ParameterDefinition, [String])] = []
  var positionals: [String] = []

  mutating func take(_ text: String) throws(UsageError) {
    if text == "--" {
      positionals += rest
      rest = []
    } else if text.hasPrefix("--") {
      try takeLong(text.dropFirst(2))
    } else if text.hasPrefix("-"), text != "-", !isNegativeNumber(text) {
      try takeShort(text)
    } else {
      positionals.append(text)
    }
  }

  private mutating func takeLong(_ text: Substring) throws(UsageError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let option = command.options.first(where: { $0.name == parts[0] }) else {
      let names = command.options.map(\.name) + ["help"]
      throw unknown("--\(parts[0])", nearest: nearestName(to: parts[0], among: names).map { "--\($0)" })
    }
    try take(option, as: "--\(option.name)", attached: parts.count == 2 ? parts[1] : nil)
  }

  private mutating func takeShort(_ text: String) throws(UsageError) {
    let letter = text.dropFirst().first
    guard let option = command.options.first(where: { $0.short != nil && $0.short == letter }) else {
      // A long option with one dash is a common slip.
      let names = command.options.map(\.name)
      throw unknown(text, nearest: nearestName(to: String(text.dropFirst()), among: names).map { "--\($0)" })
    }
    let tail = text.dropFirst(2)
    let attached = tail.isEmpty ? nil : String(tail.first == "=" ? tail.dropFirst() : tail)
    try take(option, as: String(text.prefix(2)), attached: attached)
  }

  private mutating func take(
    _ option: ParameterDefinition, as spelling: String, attached: String?
  ) throws(UsageError) {
    if option.kind == .flag {
      if let attached {
        throw Self.usageError("\(spelling) takes no value, but ‘\(attached)’ was given.", command)
      }
      given.append((option, [""]))
      return
    }
    guard let value = attached ?? nextValue() else {
      throw Self.usageError("\(spelling) needs a value: \(spelling) \(option.placeholder).", command)
    }
    given.append((option, [value]))
  }

  /// The next word, unless it is one of the command's options: `--model --json` lacks a model.
  private mutating func nextValue() -> String? {
    guard let next = rest.first else { return nil }
    let name = next.dropFirst(2).prefix { $0 != "=" }
    if next == "--" || next.hasPrefix("--") && command.options.contains(where: { $0.name == name }) {
      return nil
    }
    return rest.popFirst()
  }

  private func isNegativeNumber(_ text: String) -> Bool {
    Double(text) != nil && !command.options.contains { $0.short == text.dropFirst().first }
  }

  private func unknown(_ option: String, nearest: String?) -> UsageError {
    let hint = nearest.map { " Did you mean \($0)?" } ?? ""
    return Self.usageError("martlet \(command.name) has no option ‘\(option)’.\(hint)", command)
  }

  static func usageError(_ problem: String, _ command: Command) -> UsageError {
    UsageError(problem, advice: "Usage: \(command.usage)\n‘martlet \(command.name) --help’ explains it.")
  }
}

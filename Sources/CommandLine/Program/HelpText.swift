/// What `--help` prints, for a terminal of a given width.
struct HelpText {
  let width: Int

  /// The list of commands.
  func program(_ program: Program) -> String {
    var text = wrap(program.summary, indent: 0) + "\n\nUsage: martlet COMMAND [OPTIONS] [ARGUMENTS]\n"
    text += list(program.commands)
    text += "\nOptions:\n"
    text += entry(
      "-h, --help", "Explain a command: martlet COMMAND --help, or martlet help COMMAND.", column: 14)
    text += entry("--version", "Print the version.", column: 14)
    text += "\n" + wrap(program.footer, indent: 0) + "\n"
    return text
  }

  /// One command's help.
  func command(_ command: Command) -> String {
    var text = wrap(command.summary, indent: 0) + "\n\n"
    text += WordWrapper.wrap("Usage: \(command.usage)\n", width: width, hanging: 9)
    for paragraph in paragraphs(command.discussion) { text += "\n" + wrap(paragraph, indent: 0) + "\n" }
    text += list(command.subcommands)
    text += section("Arguments", command.positionals)
    text += section("Options", command.options + [Self.helpOption])
    if !command.examples.isEmpty {
      text += "\nExamples:\n"
      for example in command.examples {
        text += wrap(example.purpose, indent: 2) + "\n" + commandLine(example.line, indent: 4)
      }
    }
    return text
  }

  private func list(_ commands: [Command]) -> String {
    guard !commands.isEmpty else { return "" }
    return commands.filter { !$0.isHidden }.reduce(into: "\nCommands:\n") { text, command in
      text += entry(command.ownName, command.summary, column: 14)
    }
  }

  /// The option that every command has.
  static let helpOption = ParameterDefinition(
    kind: .flag, name: "help", short: "h", help: "Print this help."
  ) { _ in true }

  private func section(_ title: String, _ definitions: [ParameterDefinition]) -> String {
    guard !definitions.isEmpty else { return "" }
    var text = "\n\(title):\n"
    for definition in definitions { text += entry(label(definition), explanation(definition), column: 26) }
    return text
  }

  /// A name on the left, its explanation wrapped on the right; a long name has the line to itself.
  private func entry(_ name: String, _ explanation: String, column: Int) -> String {
    let column = min(column, width / 2)
    let body = wrap(explanation, indent: column)
    let label = "  " + name
    guard label.displayWidth + 2 <= column else { return "\(label)\n\(body)\n" }
    let padded = label + String(repeating: " ", count: column - label.displayWidth)
    return padded + body.dropFirst(column) + "\n"
  }

  private func label(_ definition: ParameterDefinition) -> String {
    if definition.kind == .argument {
      return definition.maximum > 1 ? "\(definition.placeholder)…" : definition.placeholder
    }
    let short = definition.short.map { "-\($0), " } ?? ""
    let value = definition.kind == .option ? " \(definition.placeholder)" : ""
    return "\(short)--\(definition.name)\(value)"
  }

  /// The help text with what the definition itself knows: choices, default, environment, repetition.
  func explanation(_ definition: ParameterDefinition) -> String {
    var text = definition.help
    if !definition.choices.isEmpty { text += " One of: \(definition.choices.joined(separator: ", "))." }
    let defaults = [definition.environment.map { "$\($0)" }, definition.defaultText].compactMap(\.self)
    if !defaults.isEmpty { text += " Default: \(defaults.joined(separator: ", else "))." }
    if definition.kind == .option, definition.maximum > 1 { text += " May be given several times." }
    return text
  }

  /// Paragraphs, whose own line breaks do not matter.
  func paragraphs(_ text: String) -> [String] {
    var paragraphs: [[Substring]] = [[]]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.allSatisfy(\.isWhitespace) {
        paragraphs.append([])
      } else {
        paragraphs[paragraphs.count - 1].append(line)
      }
    }
    return paragraphs.filter { !$0.isEmpty }.map { $0.joined(separator: " ") }
  }

  /// Breaks a text between words so that no line is wider than the terminal, if its words allow it.
  func wrap(_ text: String, indent: Int) -> String {
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return WordWrapper.wrap(
      String(repeating: " ", count: indent) + words, width: width, hanging: indent)
  }

  /// A command line that can be copied into a shell: where it is too long, it goes on behind a backslash.
  func commandLine(_ line: String, indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    var out = margin
    var column = indent
    for (index, word) in Self.shellWords(line).enumerated() {
      // A backslash needs two columns of its own.
      if index > 0, column + 1 + word.displayWidth > width - 2 {
        out += " \\\n" + margin + "  "
        column = indent + 2
      } else if index > 0 {
        out += " "
        column += 1
      }
      out += word
      column += word.displayWidth
    }
    return out + "\n"
  }

  /// The words of a command line, quotes and all.
  private static func shellWords(_ line: String) -> [String] {
    var words: [String] = [""]
    var quote: Character?
    var isEscaped = false
    for character in line {
      if character == " ", quote == nil, !isEscaped {
        words.append("")
        continue
      }
      words[words.count - 1].append(character)
      if isEscaped {
        isEscaped = false
      } else if character == "\\" {
        isEscaped = quote != "'"
      } else if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      }
    }
    return words
  }
}

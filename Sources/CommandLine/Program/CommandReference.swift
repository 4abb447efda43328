/// The commands' help as Markdown, for `docs/commands`.
struct CommandReference {
  let program: Program
  private let help = HelpText(width: 80)

  init(_ program: Program) { self.program = program }

  /// Each page's file name and text.
  var pages: [(name: String, text: String)] {
    let visible = program.allCommands.filter { !$0.isHidden }
    return [("README.md", index(visible))] + visible.map { (fileName($0), page($0)) }
  }

  private func index(_ commands: [Command]) -> String {
    "# Commands\n\n\(Self.origin)\n\n\(list(commands))\n"
      + "Every command ends with one of the [exit codes](../exit-codes.md).\n"
  }

  private func list(_ commands: [Command]) -> String {
    commands.reduce(into: "| command | what it does |\n|---|---|\n") { text, command in
      text += "| [`martlet \(command.name)`](\(fileName(command))) | \(cell(command.summary)) |\n"
    }
  }

  private func fileName(_ command: Command) -> String {
    "\(command.name.split(separator: " ").joined(separator: "-")).md"
  }

  private func page(_ command: Command) -> String {
    var text = "# martlet \(command.name)\n\n\(command.summary)\n\n```\n\(command.usage)\n```\n"
    for paragraph in help.paragraphs(command.discussion) { text += "\n\(paragraph)\n" }
    if !command.subcommands.isEmpty { text += "\n\(list(command.subcommands))" }
    text += table("Arguments", command.positionals)
    text += table("Options", command.options + [HelpText.helpOption])
    if !command.examples.isEmpty {
      text += "\n## Examples\n"
      for example in command.examples { text += "\n\(example.purpose)\n\n```\n\(example.line)\n```\n" }
    }
    return text + "\n\(Self.origin)\n"
  }

  private func table(_ title: String, _ definitions: [ParameterDefinition]) -> String {
    guard !definitions.isEmpty else { return "" }
    var text = "\n## \(title)\n\n| \(title.lowercased().dropLast()) | meaning |\n|---|---|\n"
    for definition in definitions {
      var name = definition.kind == .argument ? definition.placeholder : "--\(definition.name)"
      if definition.kind == .option { name += " \(definition.placeholder)" }
      let short = definition.short.map { "`-\($0)`, " } ?? ""
      text += "| \(short)`\(name)` | \(cell(help.explanation(definition))) |\n"
    }
    return text
  }

  private func cell(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }

  private static let origin =
    "*Written by `make docs` from the program's own help; a test keeps the two equal.*"
}

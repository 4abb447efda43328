/// One of the program's commands: what it is called, what it takes, what help says of it, and what it does.
struct Command: Sendable {
  let name: String
  /// One line, for the list of commands.
  let summary: String
  /// Paragraphs, separated by empty lines, for the command's own help.
  let discussion: String
  let parameters: [ParameterDefinition]
  var examples: [Example] = []
  /// Whether the list of commands leaves it out.
  var isHidden = false
  /// Whether everything behind the first argument belongs to the arguments, as in a command line within a command line.
  var endsOptionsAtArgument = false
  /// Commands under this one, which then mostly does nothing by itself. Their names begin with its own: "db query".
  var subcommands: [Command] = []
  let run: @Sendable (Arguments, Console) async throws -> Void

  /// A command line that works as it stands.
  struct Example: Sendable {
    let line: String
    let purpose: String

    init(_ line: String, _ purpose: String) {
      self.line = line
      self.purpose = purpose
    }
  }

  /// A command that gathers others.
  static func group(name: String, summary: String, discussion: String, subcommands: [Command]) -> Command {
    Command(name: name, summary: summary, discussion: discussion, parameters: [], subcommands: subcommands) {
      _, _ in
      throw UsageError("martlet \(name) needs a command.", advice: "‘martlet \(name) --help’ lists them.")
    }
  }

  /// The last word of its name, which tells it from those beside it.
  var ownName: String { name.split(separator: " ").last.map(String.init) ?? name }

  var options: [ParameterDefinition] { parameters.filter { $0.kind != .argument } }
  var positionals: [ParameterDefinition] { parameters.filter { $0.kind == .argument } }

  /// `martlet NAME [OPTIONS] ARGUMENTS`.
  var usage: String {
    if !subcommands.isEmpty { return "martlet \(name) COMMAND [OPTIONS] [ARGUMENTS]" }
    var parts = ["martlet", name]
    if !options.isEmpty { parts.append("[OPTIONS]") }
    for argument in positionals {
      let repeated = argument.maximum > 1 ? "\(argument.placeholder)…" : argument.placeholder
      parts.append(argument.minimum == 0 ? "[\(repeated)]" : repeated)
    }
    return parts.joined(separator: " ")
  }
}

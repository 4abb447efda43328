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

  var options: [ParameterDefinition] { parameters.filter { $0.kind != .argument } }
  var positionals: [ParameterDefinition] { parameters.filter { $0.kind == .argument } }

  /// `martlet NAME [OPTIONS] ARGUMENTS`.
  var usage: String {
    var parts = ["martlet", name]
    if !options.isEmpty { parts.append("[OPTIONS]") }
    for argument in positionals {
      let repeated = argument.maximum > 1 ? "\(argument.placeholder)…" : argument.placeholder
      parts.append(argument.minimum == 0 ? "[\(repeated)]" : repeated)
    }
    return parts.joined(separator: " ")
  }
}

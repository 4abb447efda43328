private let shell = Parameter<Shell>.argument(
  "SHELL", .choice("SHELL"), default: .bash, help: "The shell to write a script for.")

private enum Shell: String, CaseIterable, Sendable { case bash }

extension Command {
  /// Prints a script that completes Martlet's commands in a shell.
  static let completion: Command = Command(
    name: "completion",
    summary: "Print a script that completes martlet's commands and options in bash.",
    discussion: "Put the line of the example into ~/.bashrc to have it in every shell.",
    parameters: [shell.definition],
    examples: [.init("source <(martlet completion bash)", "Complete with the Tab key in this shell:")]
  ) { _, console in
    try console.result(BashCompletion(program: .martlet).script)
  }
}

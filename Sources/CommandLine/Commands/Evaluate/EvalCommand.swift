extension Command {
  /// Measures models and programs.
  static let evaluate: Command = .group(
    name: "eval", summary: "Evaluate models, and execute the programs that they write.",
    discussion: """
      `martlet eval execute` runs one Python program, such as an answer to a programming task with its checks, \
      contained: without network, without your files, with limits on time, memory and processes.
      """,
    subcommands: [.evalExecute])
}

extension Command {
  /// Compares prompts by measurement.
  static let prompts: Command = .group(
    name: "prompt", summary: "Compare prompts by measurement: prompts × models × tests.",
    discussion: """
      `martlet prompt run` puts the tests of an experiment to each of its prompts with each model, and says which prompt \
      is best and whether that could be chance. `compare` shows kept runs again, with the answers side by side, and \
      `show` prints a prompt as it is asked.

      Runs are kept where those of `martlet eval` are: `martlet eval list`, `show` and `delete` know them, too.
      """,
    subcommands: [.promptRun, .promptCompare, .promptShow])
}

/// The parameters that the commands of `prompt` share.
enum PromptOptions {
  static let csv = Parameter<String?>.option(
    "csv", .path("FILE"), help: "Write a line for each output as CSV.")
  static let html = Parameter<String?>.option(
    "html", .path("FILE"),
    help: "Write the report as a page with charts and all answers, which fetches nothing.")
  static let force = Parameter<Bool>.flag("force", help: "Replace the files that --csv and --html name.")
  static let answers = Parameter<Bool>.flag(
    "answers", help: "Print the answers to all tests side by side.")
}

extension Command {
  /// What models were asked and what they answered.
  static let log: Command = .group(
    name: "log", summary: "Look up what models were asked and what they answered.",
    discussion: """
      `martlet generate`, `chat` and `ask` keep each prompt with its answer, the model and the settings in a file of \
      yours that nobody else can read; nothing leaves the machine. `list` shows the latest, `search` finds words in \
      questions, answers and notes, `show` prints an entry whole, `note` writes to one what was good or bad about it, \
      and `delete` removes entries for good.

      --no-log, or MARTLET_LOG=off in the environment, keeps nothing. MARTLET_LOG=FILE names another file.
      """,
    subcommands: [.logList, .logSearch, .logShow, .logNote, .logDelete])
}

/// The program: its commands, and the way from a command line to one of them.
struct Program: Sendable {
  let commands: [Command]

  let summary = """
    martlet runs open language models on your own machine: it indexes your documents, searches them by meaning, and \
    answers questions about them with sources.
    """
  let footer = """
    Models and data are kept in MARTLET_HOME (else in ~/.cache/martlet and ~/.local/share/martlet). Exit codes: 1 no \
    supported answer or a program that fails, 64 usage, 65 bad data, 66 no input, 69 unavailable, 74 input/output, 77 permission, 130 interrupted.
    """
  /// The version, as `--version` prints it.
  static let version = "0.1.0"

  /// Runs the command that `texts` (without the program's name) names, and says how it ended. Errors are printed.
  func run(_ texts: [String], console: Console) async -> ExitStatus {
    do {
      try await dispatch(texts, console: console)
      try console.finishOutput()
      return .success
    } catch {
      // What was finished before the error belongs to the result: a filter's lines up to the malformed one.
      try? console.finishOutput()
      return report(error, on: console)
    }
  }

  private func dispatch(_ texts: [String], console: Console) async throws {
    let help = HelpText(width: console.helpWidth)
    guard let first = texts.first else {
      console.note(help.program(self))
      throw UsageError("A command is missing.", advice: "‘martlet --help’ lists them.")
    }
    switch first {
    case "--help", "-h": try console.result(help.program(self))
    case "--version", "-V": try console.result("martlet \(Self.version)\n")
    case "help":
      guard texts.count > 1 else { return try console.result(help.program(self)) }
      try console.result(help.command(try command(named: texts.dropFirst()).command))
    default:
      let (command, rest) = try command(named: texts[...])
      let parser = CommandLineParser(command: command) { Environment[$0] }
      switch try parser.parse(rest) {
      case .help: try console.result(help.command(command))
      case .run(let arguments):
        do {
          try await command.run(arguments, console)
        } catch {
          throw WrongModel(error, command: command.name) ?? error
        }
      }
    }
  }

  /// All commands, those under others behind them.
  var allCommands: [Command] { commands.flatMap { [$0] + $0.subcommands } }

  /// The command that the first words name, and the words behind.
  private func command(
    named words: ArraySlice<String>
  ) throws(UsageError) -> (command: Command, rest: ArraySlice<String>) {
    var rest = words
    var found = try command(named: rest.popFirst() ?? "", among: commands, of: "martlet")
    while !found.subcommands.isEmpty, let word = rest.first, !word.hasPrefix("-") {
      found = try command(named: word, among: found.subcommands, of: "martlet \(found.name)")
      rest = rest.dropFirst()
    }
    return (found, rest)
  }

  private func command(
    named name: String, among commands: [Command], of owner: String
  ) throws(UsageError) -> Command {
    if let command = commands.first(where: { $0.ownName == name }) { return command }
    let names = commands.filter { !$0.isHidden }.map(\.ownName)
    let hint = nearestName(to: name, among: names).map { " Did you mean ‘\($0)’?" } ?? ""
    let kind = name.hasPrefix("-") ? "option" : "command"
    throw UsageError(
      "\(owner) has no \(kind) ‘\(name)’.\(hint)", advice: "‘\(owner) --help’ lists the commands.")
  }

  private func report(_ error: any Error, on console: Console) -> ExitStatus {
    let status = ExitStatus(for: error)
    switch status {
    case .interrupted: console.note("Interrupted.\n")
    default: console.fail("\(error)")
    }
    return status
  }
}

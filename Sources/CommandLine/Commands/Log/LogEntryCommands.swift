import Foundation
import MartletJSON
import MartletLanguageModels
import MartletPrompting

private let number = Parameter<Int>.argument(
  "ID", .integer("ID", atLeast: 1), default: 0, help: "The entry's number; ‘martlet log list’ shows them.")
private let numbers = Parameter<[Int]>.arguments(
  "ID", .integer("ID", atLeast: 1), help: "The entries' numbers; ‘martlet log list’ shows them.")
private let note = Parameter<String>.argument(
  "NOTE", .text("TEXT"), default: "", help: "What to write; an empty text takes the note away.")
private let all = Parameter<Bool>.flag("all", help: "Delete every entry.")

extension Command {
  /// One entry.
  static let logShow: Command = Command(
    name: "log show",
    summary: "Show a prompt with its answer and settings.",
    discussion: """
      --json prints the entry as ‘log list --json’ does. The "messages" of one are in the form that ‘martlet generate \
      --format jsonl’ reads.
      """,
    parameters: [number.definition, LogOptions.file.definition, StoreParameters.json.definition],
    examples: [.init("martlet log show 12", "One entry, whole:")]
  ) { arguments, console in
    let entry = try openedLog(arguments).entry(arguments[number])
    if arguments[StoreParameters.json] { return try console.result(entry.json.serialized() + "\n") }
    try console.result(FactList(facts: entry.facts).text(console))
    try console.prose(entry.conversation(console.style), hanging: 0)
  }

  /// Writes to an entry.
  static let logNote: Command = Command(
    name: "log note",
    summary: "Write a note to an entry.",
    discussion: "‘log search’ finds the words of notes, too. A new note takes the place of an earlier one.",
    parameters: [number.definition, note.definition, LogOptions.file.definition],
    examples: [
      .init("martlet log note 12 \"works: the examples made it answer with a number\"", "What worked:")
    ]
  ) { arguments, console in
    try openedLog(arguments).setNote(arguments[note], of: arguments[number])
    console.note(arguments[note].isEmpty ? "The note is removed.\n" : "Noted.\n")
  }

  /// Removes entries.
  static let logDelete: Command = Command(
    name: "log delete",
    summary: "Delete entries of the log for good.",
    discussion: "The text of deleted entries is overwritten in the file. There is no way back.",
    parameters: [numbers.definition, all.definition, LogOptions.file.definition],
    examples: [
      .init("martlet log delete 12 13", "Two entries:"), .init("martlet log delete --all", "The whole log:"),
    ]
  ) { arguments, console in
    guard arguments[all] != !arguments[numbers].isEmpty else {
      throw UsageError(
        arguments[all] ? "--all and ID exclude each other." : "An entry is missing.",
        advice: "Name entries by their ID, or all with --all.")
    }
    let log = try openedLog(arguments)
    let chosen = Set(arguments[numbers])
    if !arguments[all] { try log.remove(chosen) }
    let count = arguments[all] ? try log.removeAll() : chosen.count
    console.note(count == 1 ? "1 entry deleted.\n" : "\(count) entries deleted.\n")
  }
}

private func openedLog(_ arguments: Arguments) throws -> PromptLog {
  guard let log = try LogOptions.log(arguments) else {
    throw UsageError(
      "The log is empty.",
      advice: "‘martlet generate’, ‘chat’ and ‘ask’ write to it, unless --no-log is given.")
  }
  return log
}

extension LogEntry {
  fileprivate var facts: [(String, String)] {
    var facts = [
      ("date", date.formatted(.iso8601)), ("asked by", source), ("model", model),
      ("ended", finishReason.map(\.rawValue) ?? "stopped before its end"),
    ]
    if let tokenCounts {
      facts.append(("tokens", "\(tokenCounts.prompt) of the prompt, \(tokenCounts.completion) of the answer"))
    }
    facts.append(("seconds", formatDecimal(seconds, 2)))
    if let cost { facts.append(("cost", "$\(formatDecimal(cost, 6))")) }
    if !settings.isEmpty { facts.append(("settings", JSON.object(settings).serialized())) }
    if !note.isEmpty { facts.append(("note", note)) }
    return facts.map { ($0, printable($1)) }
  }

  /// The prompt and the answer, each turn with its role.
  fileprivate func conversation(_ style: Style) -> String {
    var text = ""
    func add(_ title: String, _ body: String) {
      text += "\n" + style.bold(title) + "\n" + printable(body) + "\n"
    }
    switch prompt {
    case .text(let prompt): add("Prompt", prompt)
    case .tokens: add("Prompt", question)
    case .messages(let messages, let tools):
      for message in messages {
        let extra = message.extra.isEmpty ? "" : JSON.object(message.extra).serialized()
        add(message.role.capitalized, message.hasContent ? message.content + extra : extra)
      }
      if let tools { add("Tools", tools.serialized()) }
    }
    add("Answer", answer)
    return text
  }
}

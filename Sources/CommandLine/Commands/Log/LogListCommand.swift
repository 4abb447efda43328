import Foundation
import MartletJSON
import MartletPrompting

private let words = Parameter<[String]>.arguments(
  "WORD", .text("TEXT"), minimum: 1,
  help: "What entries must contain, each of them; a part of a word is enough.")
private let limit = Parameter<Int>.option(
  "limit", short: "n", .integer(atLeast: 1), default: 20, help: "At most so many entries.")
private let model = Parameter<String?>.option(
  "model", short: "m", .text("MODEL"), shownAs: "all", help: "Only what this model answered.")

private let members = """
  --json prints an object with "entries": "id", "date", "source", "model", "messages" or "prompt", "answer", \
  "finish_reason" (null where the answer was stopped), "prompt_tokens", "completion_tokens", "seconds", "cost", \
  "settings" and "note".
  """

extension Command {
  /// The latest entries.
  static let logList: Command = Command(
    name: "log list",
    summary: "List the latest prompts and answers.",
    discussion: members,
    parameters: [
      limit.definition, model.definition, LogOptions.file.definition, StoreParameters.json.definition,
    ],
    examples: [.init("martlet log list -n 5", "The last five:")]
  ) { arguments, console in
    let entries =
      try LogOptions.log(arguments)?.entries(model: arguments[model], limit: arguments[limit]) ?? []
    try print(
      entries, arguments, console,
      none: arguments[model] == nil ? "The log is empty." : "No entry is of that model.")
  }

  /// Entries that contain words.
  static let logSearch: Command = Command(
    name: "log search",
    summary: "Find prompts and answers that contain words.",
    discussion: """
      Finds the entries whose last question, answer or note contains all WORDs, the latest first. Capital and small \
      letters are the same.

      \(members)
      """,
    parameters: [
      words.definition, limit.definition, model.definition, LogOptions.file.definition,
      StoreParameters.json.definition,
    ],
    examples: [.init("martlet log search tip 47.50", "What was asked about a tip:")]
  ) { arguments, console in
    let words = arguments[words].flatMap { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
    guard !words.isEmpty else {
      throw UsageError("WORD is empty.", advice: "Give words to look for, or use ‘martlet log list’.")
    }
    let entries =
      try LogOptions.log(arguments)?.entries(
        containing: words, model: arguments[model], limit: arguments[limit])
      ?? []
    try print(entries, arguments, console, none: "No entry contains that.")
  }

  private static func print(
    _ entries: [LogEntry], _ arguments: Arguments, _ console: Console, none: String
  ) throws {
    if arguments[StoreParameters.json] {
      let object: JSON = ["entries": .array(entries.map(\.json))]
      return try console.result(object.serialized() + "\n")
    }
    guard !entries.isEmpty else { return console.note(none + "\n") }
    let rows = entries.map { entry in
      [
        "\(entry.id)", entry.date.formatted(.iso8601.year().month().day()), printable(entry.model),
        printable(shortened(entry.question, to: 60)), printable(shortened(entry.answer, to: 60)),
      ]
    }
    let table = TextTable(
      headings: ["id", "day", "model", "question", "answer"], rows: rows, rightAligned: [0])
    try console.result(table.text(console.style, width: console.resultWidth))
  }
}

import MartletFineTuning
import MartletGeneration

/// What `tune` takes about its data, and how that is read.
enum TuneDataOptions {
  static let data = Parameter<[String]>.options(
    "data", .path("FILE"),
    help: "Examples: JSON lines, a JSON array, CSV, TSV, or plain text.")
  static let code = Parameter<[String]>.options(
    "code", .path("PATH"),
    help: "Source code to learn: a file or a folder, cut at declarations.")
  static let maximumLength = Parameter<Int?>.option(
    "max-length", .integer(in: 2...(1 << 20)), shownAs: "1024, or the model's own context if that is smaller",
    help: "The most tokens of an example.")
  static let overflow = Parameter<TrainingDataOptions.Overflow>.option(
    "overflow", .choice("HOW"), default: .cut,
    help: "What becomes of a longer example: its end is cut off, it is split, or it is refused.")
  static let skipsBadRows = Parameter<Bool>.flag(
    "skip-bad-rows", help: "Leave out rows that cannot be used, and report them; otherwise they are an error."
  )
  static let loss = Parameter<TrainingDataOptions.Loss>.option(
    "loss", .choice("TOKENS"), default: .answers,
    help: "Which tokens count: those of answers, or all.")
  static let heldOutData = Parameter<[String]>.options(
    "eval-data", .path("FILE"), help: "Examples to measure with, which are not learned.")
  static let heldOut = Parameter<Double?>.option(
    "held-out", .number("SHARE", above: 0, atMost: 0.99), shownAs: "none",
    help: "Hold out this share of the examples to measure with, drawn by --seed.")
  static let preview = Parameter<Int?>.option(
    "preview", .integer(atLeast: 1),
    help: "Show the first N examples as the model would learn them, and learn nothing.")

  /// The parameters, in the order of the help.
  static let definitions = [
    data.definition, code.definition, maximumLength.definition, overflow.definition, skipsBadRows.definition,
    loss.definition, heldOutData.definition, heldOut.definition, preview.definition,
  ]

  /// The examples of a run: those to learn from, and those to measure with.
  struct Examples {
    let training: TrainingSet
    /// nil where none was asked for.
    let heldOut: TrainingSet?
    /// The most tokens of an example.
    let maximumLength: Int
  }

  /// Reads what the command line names, and reports on standard error what was left out.
  /// - Parameters:
  ///   - encoder: The model's tokenizer and template.
  ///   - contextLength: The longest input of the model.
  ///   - seed: Draws what is held out.
  static func read(
    _ arguments: Arguments, _ encoder: PromptEncoder, contextLength: Int, seed: UInt64, _ console: Console
  ) throws -> Examples {
    let length = try maximumLength(arguments, contextLength)
    let reader = TrainingDataReader(encoder, options: options(arguments, length, seed))
    let all = try reader.read(paths(arguments), code: arguments[code])
    report(all.report, of: nil, console)
    guard !arguments[heldOutData].isEmpty else {
      guard let share = arguments[heldOut] else {
        return Examples(training: all, heldOut: nil, maximumLength: length)
      }
      let (training, held) = try all.split(heldOut: share, seed: seed)
      return Examples(training: training, heldOut: held, maximumLength: length)
    }
    guard arguments[heldOut] == nil else {
      throw UsageError("--eval-data and --held-out exclude each other.", advice: "Leave one of them out.")
    }
    let held = try reader.read(arguments[heldOutData])
    report(held.report, of: "--eval-data", console)
    return Examples(training: all, heldOut: held, maximumLength: length)
  }

  /// The first examples that the command line names; all without a limit.
  static func examples(
    _ arguments: Arguments, _ encoder: PromptEncoder, contextLength: Int, limit: Int?, _ console: Console
  ) throws -> [TrainingExample] {
    let reader = TrainingDataReader(
      encoder, options: options(arguments, try maximumLength(arguments, contextLength), 0))
    let set = try reader.read(try paths(arguments), code: arguments[code], limit: limit)
    report(set.report, of: nil, console)
    return set.examples
  }

  /// Shows the first examples as the model would learn them.
  ///
  /// As JSON each is a line with `ids`, `mask` (1 where a token counts) and `text`.
  static func preview(
    _ arguments: Arguments, _ encoder: PromptEncoder, contextLength: Int, seed: UInt64, asJSON: Bool,
    _ console: Console
  ) throws {
    let reader = TrainingDataReader(
      encoder, options: options(arguments, try maximumLength(arguments, contextLength), seed))
    let set = try reader.read(
      try paths(arguments), code: arguments[code], limit: arguments[preview] ?? 1)
    report(set.report, of: nil, console)
    for (index, example) in set.examples.enumerated() {
      let shown = ExamplePreview(example: example, number: index + 1)
      try console.result(
        asJSON
          ? shown.json.serialized() + "\n"
          : shown.text(encoder.tokenizer, console.style, width: console.resultWidth ?? 80))
    }
    guard !asJSON else { return }
    let first =
      set.examples.count == 1 ? "The first example has" : "The first \(set.examples.count) examples have"
    try console.result(
      "\(first) \(set.report.tokens) tokens, of which \(set.report.countedTokens) count.\n")
  }

  private static func paths(_ arguments: Arguments) throws -> [String] {
    guard !arguments[data].isEmpty || !arguments[code].isEmpty else {
      throw UsageError(
        "There are no examples.", advice: "Name a file with --data, or a folder with --code.")
    }
    return arguments[data]
  }

  static func maximumLength(_ arguments: Arguments, _ contextLength: Int) throws -> Int {
    let length = arguments[maximumLength] ?? min(1024, contextLength)
    guard length <= contextLength else {
      throw UsageError(
        "--max-length \(length) is longer than the model's context of \(contextLength) tokens.",
        advice: "Give at most \(contextLength).")
    }
    return length
  }

  private static func options(_ arguments: Arguments, _ length: Int, _ seed: UInt64) -> TrainingDataOptions {
    TrainingDataOptions(
      maximumLength: length, overflow: arguments[overflow],
      badRows: arguments[skipsBadRows] ? .skipped : .fatal, loss: arguments[loss], seed: seed)
  }

  /// Says what was left out.
  private static func report(_ report: TrainingDataReport, of source: String?, _ console: Console) {
    for warning in report.warnings { console.warn(source.map { "\($0): \(warning)" } ?? warning) }
  }
}

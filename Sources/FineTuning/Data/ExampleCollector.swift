import MartletDocuments
import MartletGeneration
import MartletJSON

/// Takes rows one by one, and keeps their examples and what there is to report.
struct ExampleCollector {
  let options: TrainingDataOptions
  private let limit: Int
  private(set) var encoder: ExampleEncoder
  private var examples: [TrainingExample] = []
  private var report = TrainingDataReport()
  private var unused: [(name: String, rows: Int)] = []
  private var formats: [TrainingRow.Format: Int] = [:]
  private var longest = 0
  private var firstRefused: SkippedRow?

  init(_ encoder: PromptEncoder, _ options: TrainingDataOptions, limit: Int?) {
    self.encoder = ExampleEncoder(encoder, loss: options.loss)
    self.options = options
    self.limit = limit ?? .max
  }

  /// Whether there are as many examples as are wanted.
  var isFull: Bool { examples.count >= limit }

  mutating func readFile(_ path: String) throws(TrainingDataError) {
    let file = try ExampleFile(path)
    guard file.kind != .text else { return try readText(file) }
    formats = [:]
    report.warnings += try file.readRows { (line, row) throws(TrainingDataError) in
      report.rows += 1
      let place = SkippedRow(file: path, line: line, reason: "")
      switch row.flatMap(TrainingRow.parse) {
      case .success(let parsed): try take(parsed.row, of: parsed.object, place)
      case .failure(let problem): try skip(SkippedRow(file: path, line: line, reason: problem.reason))
      }
      return !isFull
    }
    guard formats.count > 1 else { return }
    let kinds = TrainingRow.Format.allCases.compactMap { format in
      formats[format].map { "\($0) with \(format.rawValue)" }
    }
    report.warnings.append("\(path) has rows of several formats: \(kinds.joined(separator: "; ")).")
  }

  private mutating func take(
    _ row: TrainingRow, of object: JSONObject, _ place: SkippedRow
  ) throws(TrainingDataError) {
    formats[row.format, default: 0] += 1
    for name in object.keys where !row.format.members.contains(name) {
      if let index = unused.firstIndex(where: { $0.name == name }) {
        unused[index].rows += 1
      } else {
        unused.append((name, 1))
      }
    }
    let tokenized: [TokenizedExample]
    do throws(RowError) { tokenized = try encoder.examples(of: row) } catch {
      let model = encoder.encoder.modelName
      switch error {
      case .noChatTemplate: throw .noChatTemplate(model: model, file: place.file, line: place.line)
      case .unstableTemplate: throw .unstableTemplate(model: model, file: place.file, line: place.line)
      case .row(let problem):
        return try skip(SkippedRow(file: place.file, line: place.line, reason: problem.reason))
      }
    }
    for example in tokenized { try add(example, place) }
  }

  /// Takes an example in, or what the limit leaves of it.
  mutating func add(_ example: TokenizedExample, _ place: SkippedRow) throws(TrainingDataError) {
    switch example.fitted(into: options.maximumLength, options.overflow) {
    case .whole(let whole): try keep(whole)
    case .cut(let part):
      report.cut += 1
      if part.countedTokens == 0 { report.dropped += 1 } else { try keep(part) }
    case .split(let pieces):
      report.split += 1
      for piece in pieces { try keep(piece) }
    case .refused:
      report.refused += 1
      longest = max(longest, example.tokens.count)
      let row = SkippedRow(
        file: place.file, line: place.line,
        reason: "the example has \(example.tokens.count) tokens, more than \(options.maximumLength)")
      firstRefused = firstRefused ?? row
      report.skipped.append(row)
    }
  }

  /// Takes an example in that is known to fit.
  mutating func keep(_ example: TokenizedExample) throws(TrainingDataError) {
    guard !isFull else { return }
    examples.append(
      try TrainingExample(
        tokens: example.tokens, counts: example.counts,
        text: encoder.tokenizer.decode(example.tokens, skipSpecialTokens: false)))
  }

  mutating func skip(_ row: SkippedRow) throws(TrainingDataError) {
    guard options.badRows == .skipped else { throw .badRow(row) }
    report.skipped.append(row)
  }

  /// A file is one text: it begins and ends once, and becomes examples as long as they may be.
  private mutating func readText(_ file: ExampleFile) throws(TrainingDataError) {
    var rest = TokenizedExample()
    var begins = true
    report.warnings += try file.readText { (text) throws(TrainingDataError) in
      let new = encoder.plainText(text, isBeginning: begins, isEnd: false)
      begins = false
      rest.append(new.tokens, counts: true)
      while rest.tokens.count > options.maximumLength, !isFull {
        try keep(rest[0..<options.maximumLength])
        rest = rest[options.maximumLength - 1..<rest.tokens.count]
      }
    }
    guard !begins else { return }
    report.rows += 1
    encoder.end(&rest)
    if case .split(let pieces) = rest.fitted(into: options.maximumLength, .split) {
      for piece in pieces { try keep(piece) }
    } else if rest.countedTokens > 0 {
      try keep(rest)
    }
  }

  /// Changes what is reported.
  mutating func report(_ change: (inout TrainingDataReport) -> Void) { change(&report) }

  /// Makes an example.
  mutating func withEncoder<Result>(_ body: (inout ExampleEncoder) -> Result) -> Result { body(&encoder) }

  /// The examples, and what there is to say of them.
  func finish(files: [String]) throws(TrainingDataError) -> TrainingSet {
    if let first = firstRefused, options.badRows == .fatal {
      throw .tooLong(rows: report.refused, first: first, tokens: longest, limit: options.maximumLength)
    }
    guard report.rows > 0 else { throw .noRows(files: files) }
    guard !examples.isEmpty else {
      if report.dropped > 0, report.skipped.isEmpty {
        throw .nothingCounts(rows: report.rows, limit: options.maximumLength)
      }
      throw .nothingLeft(rows: report.rows, first: report.skipped.first)
    }
    guard examples.contains(where: { $0.countedTokens > 0 }) else {
      throw .nothingLeft(rows: report.rows, first: report.skipped.first)
    }
    var report = report
    report.warnings += warnings
    return TrainingSet(examples, report: report)
  }
}

// MARK: - What a person should know

extension ExampleCollector {
  private var warnings: [String] {
    var warnings: [String] = []
    let limit = options.maximumLength
    if let first = report.skipped.first {
      warnings.append("\(Self.rows(report.skipped.count, "was", "were")) left out. The first: \(first).")
    }
    if report.cut > 0 {
      let dropped =
        report.dropped == 0
        ? ""
        : report.dropped == 1
          ? "; in one of them nothing was left that counts, and it was dropped"
          : "; in \(report.dropped) of them nothing was left that counts, and they were dropped"
      warnings.append(
        "\(Self.examples(report.cut, "was", "were")) longer than \(limit) tokens and cut off\(dropped).")
    }
    if report.split > 0 {
      warnings.append("\(Self.examples(report.split, "was", "were")) longer than \(limit) tokens and split.")
    }
    if !unused.isEmpty {
      let names = unused.prefix(12).map { "\($0.name) (in \(Self.rows($0.rows)))" }
      let more = unused.count > 12 ? ", and \(unused.count - 12) more" : ""
      warnings.append("Members that were not used: \(names.joined(separator: ", "))\(more).")
    }
    for note in ExampleEncoder.Note.allCases {
      if let rows = encoder.notes[note] { warnings.append(Self.sentence(note, rows)) }
    }
    return warnings
  }

  private static func sentence(_ note: ExampleEncoder.Note, _ count: Int) -> String {
    switch note {
    case .repeatedBeginning:
      "The beginning-of-text token was written \(count == 1 ? "once" : "\(count) times") where the model adds "
        + "it already; it was taken once. Leave it out of the data."
    case .joinedBoundary:
      "In \(rows(count)) the end of the prompt and the beginning of the answer would be one token if they were "
        + "written together; the prompt was given the tokens that it has alone, as in generation. A prompt "
        + "that ends without a space avoids that."
    case .missingEnd:
      "The model has no end token, so that it does not learn where \(examples(count)) ended."
    case .examplePerAnswer:
      "The chat template writes earlier answers otherwise than the last one, so that \(count) "
        + "\(count == 1 ? "conversation" : "conversations") became one example for each answer."
    case .templateWithoutEnd:
      "The chat template writes no end token after answers (in \(rows(count))); the model's own was put after "
        + "the last one."
    }
  }

  private static func rows(_ count: Int, _ one: String = "", _ many: String = "") -> String {
    count == 1 ? "1 row\(one.isEmpty ? "" : " " + one)" : "\(count) rows\(many.isEmpty ? "" : " " + many)"
  }

  private static func examples(_ count: Int, _ one: String = "", _ many: String = "") -> String {
    count == 1
      ? "1 example\(one.isEmpty ? "" : " " + one)" : "\(count) examples\(many.isEmpty ? "" : " " + many)"
  }
}

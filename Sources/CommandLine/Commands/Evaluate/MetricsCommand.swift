import Foundation
import MartletJSON
import MartletMetrics

private let file = Parameter<String>.argument(
  "FILE", .path("FILE"), default: "", help: "One JSON object a line; ‘-’ is standard input.")
private let names = Parameter<[String]>.options(
  "metric", short: "m", .text("NAMES"),
  help: "What is computed, separated by commas: \(Metric.names.joined(separator: ", ")).")
private let items = Parameter<Bool>.flag("items", help: "Print each row's own values as well.")
private let stem = Parameter<Bool>.flag("stem", help: "ROUGE: compare words without their English endings.")
private let tokenizer = Parameter<BLEU.Tokenizer>.option(
  "tokenize", .choice("NAME"), default: .v13a, help: "BLEU: how texts become tokens.")
private let smoothing = Parameter<String>.option(
  "smooth", .smoothing, default: "exp", help: "BLEU: what stands for orders without a match.")
private let smoothingValue = Parameter<Double?>.option(
  "smooth-value", .number(in: 0...1_000_000), shownAs: "floor: 0.1, add-k: 1",
  help: "The value of floor and add-k.")
private let lowercase = Parameter<Bool>.flag(
  "lowercase", help: "BLEU and chrF: put texts in lower case first.")
private let confidence = Parameter<Double>.option(
  "confidence", .number(above: 0, atMost: 0.999999), default: 0.95, help: "The confidence of the intervals.")
private let seed = Parameter<UInt64>.option(
  "seed", .unsigned(), default: 0, help: "For the bootstrap: equal seeds give equal intervals.")

extension Command {
  /// Texts and samples scored by the field's metrics.
  static let metrics: Command = Command(
    name: "metrics",
    summary: "Score predictions against references: exact match, F1, BLEU, chrF, ROUGE, pass@k.",
    discussion: """
      Each line of FILE is a JSON object with "prediction" and "references" (a list of strings, or one string, also \
      called "reference"). For pass@k it has "samples" and "correct", two counts, or "results", a list of booleans. \
      Other members are ignored, and named in a warning.

      Values are those of the reference tools: SQuAD 2.0's script, sacrebleu 2.6 and rouge-score 0.1.2. BLEU and chrF \
      are scores of the whole file from 0 to 100, all others means over rows from 0 to 1. Each has a confidence \
      interval (docs/metrics.md says which).

      --json prints an object with "scores": for each name value, low, high and n, and for BLEU and chrF the signature. \
      With --items it also has "items": for each row an object of names and values.
      """,
    parameters: [
      file.definition, names.definition, items.definition, stem.definition, tokenizer.definition,
      smoothing.definition, smoothingValue.definition, lowercase.definition, confidence.definition,
      seed.definition, StoreParameters.json.definition,
    ],
    examples: [
      .init("martlet metrics answers.jsonl --metric exact_match,f1", "Short answers, as SQuAD scores them:"),
      .init(
        "martlet metrics translations.jsonl --metric bleu,chrf++ --items", "Translations, each line as well:"),
      .init("martlet metrics samples.jsonl --metric pass@1,pass@10 --json", "Programs, for other programs:"),
    ]
  ) { arguments, console in
    let metrics = try chosenMetrics(arguments)
    let options = try MetricOptions(
      tokenizer: arguments[tokenizer],
      smoothing: BLEU.Smoothing(named: arguments[smoothing], value: arguments[smoothingValue]),
      lowercase: arguments[lowercase], stem: arguments[stem],
      bootstrap: Bootstrap(confidence: arguments[confidence], seed: arguments[seed]))
    warnOfUnused(arguments, metrics, console)
    let (rows, source) = try rows(of: arguments[file], console)
    let report: MetricReport
    do throws(MetricError) {
      report = try MetricReport(rows, metrics: metrics, options: options)
    } catch .inRow(let row, let problem) {
      throw RecordError(source: source, line: row, problem: "\(problem)")
    }
    if rows.count == 1 { console.warn("An interval over one row says nothing about others.") }
    if arguments[StoreParameters.json] {
      return try console.result(report.json(withItems: arguments[items]).serialized() + "\n")
    }
    try console.result(report.table(confidence: arguments[confidence]).text(console.style))
    for score in report.scores {
      guard let signature = score.signature else { continue }
      try console.result("\(score.metric.name): \(signature)\n")
    }
    guard arguments[items] else { return }
    for table in report.itemTables(width: console.resultWidth) {
      try console.result("\n" + table.text(console.style))
    }
  }
}

extension ValueType where Value == String {
  fileprivate static var smoothing: Self {
    let names = BLEU.Smoothing.names
    return ValueType(placeholder: "NAME", choices: names) { (text) throws(InvalidValue) in
      guard names.contains(text) else {
        throw InvalidValue(problem: "must be one of \(names.joined(separator: ", ")), not ‘\(text)’")
      }
      return text
    }
  }
}

private func chosenMetrics(_ arguments: Arguments) throws -> [Metric] {
  var metrics: [Metric] = []
  for name in arguments[names].flatMap({ $0.split(separator: ",") }) {
    let metric = try Metric(named: name.trimmingCharacters(in: .whitespaces))
    if !metrics.contains(metric) { metrics.append(metric) }
  }
  guard !metrics.isEmpty else {
    throw UsageError(
      "A metric is missing.", advice: "Name some with --metric: \(Metric.names.joined(separator: ", ")).")
  }
  return metrics
}

private func warnOfUnused(_ arguments: Arguments, _ metrics: [Metric], _ console: Console) {
  let hasBLEU = metrics.contains(.bleu)
  let hasChrF = metrics.contains(.chrF) || metrics.contains(.chrFPlusPlus)
  let hasROUGE = ROUGE.Variant.allCases.contains { metrics.contains(.rouge($0)) }
  let unused: [(ParameterDefinition, Bool, String)] = [
    (stem.definition, hasROUGE, "ROUGE"), (tokenizer.definition, hasBLEU, "BLEU"),
    (smoothing.definition, hasBLEU, "BLEU"), (smoothingValue.definition, hasBLEU, "BLEU"),
    (lowercase.definition, hasBLEU || hasChrF, "BLEU and chrF"),
  ]
  for (definition, isUsed, owner) in unused where arguments.has(definition) && !isUsed {
    console.warn("\(definition.spelling) changes nothing here: it is for \(owner).")
  }
}

private func rows(of path: String, _ console: Console) throws -> (rows: [MetricRow], source: String) {
  var reader = try LineReader(path: path)
  var rows: [MetricRow] = []
  var ignored: [String: Int] = [:]
  while let line = try reader.next() {
    do {
      let json = try JSON(parsing: line)
      guard let object = json.objectValue else {
        throw MetricError.unusableRow(problem: "This is not a JSON object, but \(json.kind).")
      }
      rows.append(try MetricRow(object))
      for key in object.keys where !MetricRow.memberNames.contains(key) { ignored[key, default: 0] += 1 }
    } catch {
      throw RecordError(source: reader.name, line: reader.lineNumber, problem: "\(error)")
    }
  }
  guard !rows.isEmpty else { throw ReportedFailure(.badData, "\(reader.name): there are no rows to score.") }
  if !ignored.isEmpty {
    let members = ignored.keys.sorted().prefix(10).map { "\"\($0)\"" }.joined(separator: ", ")
    console.warn("Ignored members of the rows: \(members)\(ignored.count > 10 ? ", …" : "").")
  }
  return (rows, reader.name)
}

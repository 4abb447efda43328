import MartletJSON
import MartletLanguageModels

private let query = Parameter<String>.argument(
  "QUERY", .text("TEXT"), default: "", help: "What the passages are to answer.")
private let format = Parameter<TextFormat>.option(
  "format", .choice("FORMAT"), default: .text,
  help: "text reads a passage a line; jsonl reads and writes one JSON object a line.")
private let count = Parameter<Int?>.option(
  "count", short: "k", .integer(atLeast: 1), shownAs: "all", help: "How many of the best to print.")

extension Command {
  /// Passages by how well they answer.
  static let rerank: Command = Command(
    name: "rerank",
    summary: "Rank passages by how well they answer a query.",
    discussion: """
      Reads passages from standard input, and prints them best first. The model reads each passage together with the \
      query: a cross-encoder, whose score is its logit, or a model that generates text, which is asked whether the \
      passage answers; its score is the logarithm of the probability of "yes" against "no". Scores are higher for \
      better passages, and comparable within one query. Prefer a cross-encoder: language models below some billion \
      parameters rank worse than the search that found the passages (docs/answers.md).

      With --format jsonl each line of standard input is a JSON object with "text", and comes back with "score" added; \
      its other members keep their order and their literal text. A passage of which the model read only a part gets \
      "truncated": true, and one warning at the end counts them. Otherwise a passage is a line, printed behind its score \
      and a tab. All passages are read before the first is printed.
      """,
    parameters: [
      query.definition, ModelParameters.reranker.definition, format.definition, count.definition,
      ModelParameters.precision.definition, ModelParameters.threads.definition,
    ],
    examples: [
      .init(
        "martlet rerank -m ms-marco-minilm-l6-v2 --format jsonl \"how long do swifts live\" < passages.jsonl",
        "Rank passages with a cross-encoder:"),
      .init(
        "martlet rerank -m qwen2.5-coder-0.5b-instruct \"how long do swifts live\" < passages.txt",
        "Ask the default language model instead:"),
    ]
  ) { arguments, console in
    guard !arguments[query].allSatisfy(\.isWhitespace) else {
      throw UsageError("QUERY is empty.", advice: "Say what the passages are to answer.")
    }
    try Interruption.shared.announcing(on: console) { try rank(arguments, console) }
  }
}

private func rank(_ arguments: Arguments, _ console: Console) throws {
  let name = try ModelParameters.required(ModelParameters.reranker, arguments)
  var source = EmbedSource(texts: [], isRecords: arguments[format] == .jsonl)
  var items: [EmbedSource.Item] = []
  while let item = try source.next() { items.append(item) }
  let reranker = try OpenModel.reranker(
    named: name, precision: arguments[ModelParameters.precision].precision, arguments, console)
  let scores = try reranker.scores(of: items.map(\.text), for: arguments[query])
  let order = items.indices.sorted { (-scores[$0].value, $0) < (-scores[$1].value, $1) }
  for index in order.prefix(arguments[count] ?? items.count) {
    if var record = items[index].record {
      record.set("score", JSON(scores[index].value))
      if scores[index].cutTokens > 0 { record.set("truncated", true) }
      try console.result(record.text + "\n")
    } else {
      let text = console.outputIsTerminal ? printable(items[index].text) : items[index].text
      try console.result("\(formatDecimal(scores[index].value, 4))\t\(text)\n")
    }
  }
  let cut = scores.count { $0.cutTokens > 0 }
  if cut > 0 {
    console.warn(
      "\(cut) of \(items.count) passages \(cut == 1 ? "was" : "were") longer than \(reranker.name) reads together "
        + "with the query, and only a part was read.")
  }
}

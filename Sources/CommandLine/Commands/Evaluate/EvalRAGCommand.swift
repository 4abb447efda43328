import MartletEvaluation
import MartletJSON
import MartletMetrics
import MartletRetrieval

private let collection = Parameter<String>.argument(
  "COLLECTION", .text("COLLECTION", completing: .collections), default: "",
  help: "The collection that ‘martlet index’ filled.")
private let questions = Parameter<String?>.option(
  "questions", .path("FILE"), help: "The questions, as JSON lines; - is standard input. Required.")
private let retrievalOnly = Parameter<Bool>.flag(
  "retrieval-only", help: "Ask no model; measure whether the right passages are found.")
private let limit = Parameter<Int?>.option(
  "limit", .integer(in: 1...(1 << 30)), shownAs: "all", help: "The most questions, in order.")

extension Command {
  /// Retrieval and answers of a collection, measured.
  static let evalRAG: Command = Command(
    name: "eval rag",
    summary: "Measure search and answers over a collection by your own questions.",
    discussion: """
      A line of FILE is a question: {"question": "…", "contains": "…", "evidence": ["…"], "document": "…"}. contains, \
      equals, regex or number say what the answer must be, as for ‘eval run’; evidence is a piece of the documents that \
      holds the answer, word for word; document is the end of a path. {"question": "…", "answerable": false} is one that \
      the documents do not answer. "id" names a question.

      right is the share of answerable questions with a right answer, wrongly_refused of those without an answer; \
      refused and invented are shares of the unanswerable ones. supported is the share of answers whose words a passage \
      holds. recall, mrr and ndcg measure where the passages with the answer are ranked among the first -k. Each has a \
      95% interval: Wilson's for shares, by bootstrap for the others.

      --json prints "scores" (by name: "value", "low", "high", "n") and "items" ("id", "correct", "scores", "outputs", \
      "rank", "refusal", "strength", "threshold").
      """,
    parameters: [
      collection.definition, questions.definition, ModelParameters.answererOrProvider.definition,
      AskOptions.count.definition, StoreParameters.way.definition, StoreParameters.rerank.definition,
      StoreParameters.candidates.definition, AskOptions.shown.definition, AskOptions.strict.definition,
      AskOptions.maximumTokens.definition, retrievalOnly.definition, limit.definition,
      StoreParameters.store.definition, ModelParameters.context.definition,
      ModelParameters.threads.definition, StoreParameters.json.definition,
    ] + ProviderParameters.definitions,
    examples: [
      .init("martlet eval rag default --questions questions.jsonl", "Search and answers:"),
      .init("martlet eval rag default --questions questions.jsonl --retrieval-only -k 10", "Search alone:"),
    ]
  ) { arguments, console in
    guard let file = arguments[questions] else {
      throw UsageError("The questions are missing.", advice: "Name their file with --questions.")
    }
    var reader = try LineReader(path: file)
    var list = try CollectionQuestion.questions(in: reader.rest(), file: reader.name)
    if let most = arguments[limit] { list = Array(list.prefix(most)) }
    let library = try StoreParameters.openLibrary(arguments, collection: arguments[collection])
    let settings = try AskSettings(
      method: arguments[StoreParameters.way], passageCount: arguments[AskOptions.count],
      shownPassageCount: arguments[AskOptions.shown], maximumTokens: arguments[AskOptions.maximumTokens],
      requiresSupport: arguments[AskOptions.strict],
      reranker: StoreParameters.reranker(arguments, console),
      candidateCount: arguments[StoreParameters.candidates])
    let evaluation: CollectionEvaluation
    if arguments[retrievalOnly] {
      evaluation = CollectionEvaluation(library, settings: settings, model: nil)
    } else {
      let model = OpenedModel()
      evaluation = CollectionEvaluation(library, settings: settings) { try model.open(arguments, console) }
    }
    let bar = ProgressBar("Asking", unit: .count("questions"), total: list.count, console: console)
    var results: [CollectionResult] = []
    for question in list {
      results.append(try await evaluation.result(of: question))
      library.takeWarnings().forEach(console.warn)
      bar.update(done: results.count, total: list.count)
    }
    bar.finish()
    let scores = try evaluation.scores(of: results)
    if scores.isEmpty {
      console.warn(
        "Nothing was measured: no question has \"evidence\" or a \"document\", which say where its answer stands."
      )
    }
    if arguments[StoreParameters.json] {
      let object: JSON = [
        "collection": .string(arguments[collection]), "scores": json(of: scores),
        "items": .array(results.map(\.json)),
      ]
      return try console.result(object.serialized() + "\n")
    }
    try console.result(table(of: scores).text(console.style))
    let wrong = zip(list, results).filter { $0.1.item.correct == false }
    guard !wrong.isEmpty else { return }
    let answers = TextTable(
      headings: ["id", "question", "answer"], rows: wrong.map { row(of: $0.0, $0.1) })
    try console.result("\nAnswered wrong:\n" + answers.text(console.style, width: console.resultWidth))
  }
}

private func json(of scores: [CollectionScore]) -> JSON {
  var object = JSONObject()
  for score in scores {
    object[score.name] = [
      "value": JSON(score.value), "low": JSON(score.interval.low), "high": JSON(score.interval.high),
      "n": JSON(score.count),
    ]
  }
  return .object(object)
}

private func table(of scores: [CollectionScore]) -> TextTable {
  let rows = scores.map { score in
    let interval = "\(formatDecimal(score.interval.low, 3)) to \(formatDecimal(score.interval.high, 3))"
    return [score.name, formatDecimal(score.value, 3), interval, "\(score.count)"]
  }
  return TextTable(headings: ["score", "value", "95% interval", "n"], rows: rows, rightAligned: [1, 3])
}

private func row(of question: CollectionQuestion, _ result: CollectionResult) -> [String] {
  let refusal = result.refusal.map { "(" + $0.replacing("_", with: " ") + ")" }
  return [
    printable(question.id), printable(question.question), printable(refusal ?? result.item.output ?? ""),
  ]
}

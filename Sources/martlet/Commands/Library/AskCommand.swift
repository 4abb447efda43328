import Generation
import JSON
import LanguageModels
import Retrieval
import Synchronization
import VectorStore

extension Command {
  /// Answers from documents.
  static let ask: Command = Command(
    name: "ask", summary: AskOptions.summary, discussion: AskOptions.discussion,
    parameters: AskOptions.definitions, examples: AskOptions.examples
  ) { arguments, console in
    guard !arguments[AskOptions.question].allSatisfy(\.isWhitespace) else {
      throw UsageError("QUESTION is empty.", advice: "Ask something of the documents.")
    }
    try await AskRun(arguments, console).run()
  }
}

/// `ask`: follows an answer while it is made.
private struct AskRun {
  private let arguments: Arguments
  private let console: Console
  private let isJSON: Bool
  private let showsPrompt: Bool
  private let model = OpenedModel()

  init(_ arguments: Arguments, _ console: Console) {
    self.arguments = arguments
    self.console = console
    isJSON = arguments[StoreParameters.json]
    showsPrompt = arguments[AskOptions.showPrompt]
  }

  func run() async throws {
    let library = try StoreParameters.openLibrary(arguments)
    let settings = AskSettings(
      method: arguments[StoreParameters.way], passages: arguments[AskOptions.count],
      shownPassages: arguments[AskOptions.shown], quotes: arguments[AskOptions.quotes],
      maximumTokens: arguments[AskOptions.maximumTokens],
      sampling: AskOptions.sampling.parameters(from: arguments))
    let (model, arguments) = (model, arguments)
    var evidence: Evidence?
    var rendered: RenderedPrompt?
    for try await event in library.ask(
      arguments[AskOptions.question], settings: settings, model: { try model.open(arguments) })
    {
      switch event {
      case .found(let found): evidence = found
      case .prompt(let prompt):
        guard showsPrompt, let model = model.opened else { continue }
        rendered = try model.render(.messages(prompt.messages))
        if !isJSON, let evidence, let rendered { try show(prompt, rendered, evidence) }
      case .warning(let text): console.warn(text)
      case .text(let text) where !isJSON:
        try console.result(text)
        try console.flush()
      case .text: break
      case .finished(let answer):
        try isJSON ? console.result(json(answer, rendered).serialized() + "\n") : finish(answer)
      }
    }
  }

  // MARK: For people

  /// Why each passage was chosen, and the text that the model is given, to the letter.
  private func show(_ prompt: AnswerPrompt, _ rendered: RenderedPrompt, _ evidence: Evidence) throws {
    let style = console.style
    try console.result(style.bold("Passages") + "\n")
    for (number, result) in zip(1..., evidence.results) {
      let use =
        prompt.numbers.contains(number)
        ? "shown to the model"
        : prompt.leftOut.contains(number) ? "no room for it" : "searched for quotes only"
      try console.result("[\(number)] \(result.place)\n    \(result.scores): \(use)\n")
    }
    try console.result(
      style.bold("Prompt") + " (\(rendered.tokens.count) tokens)\n\(rendered.text ?? "")\n"
        + style.bold("Answer") + "\n")
  }

  private func finish(_ answer: Answer) throws {
    let style = console.style
    guard answer.isAnswered else {
      try console.result("The documents do not seem to hold an answer to this.\n")
      try list(answer.evidence.quotes, title: "The nearest that they say")
      return
    }
    let numbers = answer.supportedBy.map { "[\($0)]" }.joined()
    try console.result((numbers.isEmpty ? "" : " " + style.cyan(numbers)) + "\n")
    if answer.supportedBy.isEmpty {
      console.warn("None of the sources has the words of this answer. Read the quotes before you rely on it.")
    }
    if answer.finishReason == .length {
      console.warn(
        "The answer was cut at \(arguments[AskOptions.maximumTokens]) tokens; --max-tokens allows more.")
    }
    try list(answer.evidence.quotes, title: "What the sources say")
    try console.result("\n\(style.bold("Sources"))\n")
    for number in answer.sources {
      try console.result("  \(style.cyan("[\(number)]")) \(answer.evidence.results[number - 1].place)\n")
    }
  }

  private func list(_ quotes: [Quote], title: String) throws {
    guard !quotes.isEmpty else { return }
    try console.result("\n\(console.style.bold(title))\n")
    for quote in quotes {
      let place = martlet.place(
        path: quote.path, page: quote.page, startLine: quote.startLine, endLine: quote.endLine)
      try console.result(
        "  “\(oneLine(quote.text))”\n  \(console.style.faint("[\(quote.number)] \(place)"))\n")
    }
  }

  // MARK: For programs

  private func json(_ answer: Answer, _ prompt: RenderedPrompt?) -> JSON {
    let results = answer.evidence.results
    var object = JSONObject([
      ("answer", .string(answer.text)), ("answered", .bool(answer.isAnswered)),
      ("sources", .array(answer.sources.map { source(number: $0, results[$0 - 1]) })),
      ("supported_by", .array(answer.supportedBy.map { JSON($0) })),
      ("quotes", .array(answer.evidence.quotes.map(quote))), ("strength", JSON(answer.evidence.strength)),
      ("results", .array(results.map(\.json))),
      ("finish_reason", answer.finishReason.map { .string($0.rawValue) } ?? .null),
    ])
    if let prompt { object["prompt"] = .string(prompt.text ?? "") }
    return .object(object)
  }

  private func source(number: Int, _ result: SearchResult) -> JSON {
    place(number, result.id, result.path, result.page, result.startLine, result.endLine)
  }

  private func quote(_ quote: Quote) -> JSON {
    var object =
      place(quote.number, quote.id, quote.path, quote.page, quote.startLine, quote.endLine).objectValue ?? [:]
    object["text"] = .string(quote.text)
    object["score"] = JSON(quote.score)
    return .object(object)
  }

  private func place(_ number: Int, _ id: String, _ path: String, _ page: Int?, _ start: Int?, _ end: Int?)
    -> JSON
  {
    [
      "number": JSON(number), "id": .string(id), "path": .string(path),
      "page": page.map { JSON($0) } ?? .null,
      "start_line": start.map { JSON($0) } ?? .null, "end_line": end.map { JSON($0) } ?? .null,
    ]
  }
}

/// The model, once it has been needed.
private final class OpenedModel: Sendable {
  private let model = Mutex<LocalModel?>(nil)

  var opened: LocalModel? { model.withLock { $0 } }

  func open(_ arguments: Arguments) throws -> LocalModel {
    try model.withLock { model in
      let opened = try model ?? OpenModel.answerer(arguments)
      model = opened
      return opened
    }
  }
}

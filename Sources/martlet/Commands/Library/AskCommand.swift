import Generation
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
      sampling: AskOptions.sampling.parameters(from: arguments, over: AskOptions.measured))
    let (model, arguments, console) = (model, arguments, console)
    var evidence: Evidence?
    var prompt: AnswerPrompt?
    var rendered: RenderedPrompt?
    var warnings: [String] = []
    var isFinished = false
    var writer = AnswerWriter(console)
    for try await event in library.ask(
      arguments[AskOptions.question], settings: settings, model: { try model.open(arguments, console) })
    {
      switch event {
      case .found(let found):
        evidence = found
        for warning in library.takeWarnings() {
          warnings.append(warning)
          console.warn(warning)
        }
      case .prompt(let shown):
        guard showsPrompt, let model = model.opened else { continue }
        prompt = shown
        rendered = try model.render(.messages(shown.messages))
        if !isJSON, let evidence, let rendered { try show(shown, rendered, evidence) }
      case .warning(let text):
        warnings.append(text)
        console.warn(text)
      case .text(let text) where !isJSON:
        try writer.write(text)
      case .text: break
      case .finished(let answer):
        isFinished = true
        if isJSON {
          let reasons = showsPrompt ? AskReasons(answer.evidence, prompt, rendered) : nil
          try console.result(
            AskJSON(answer, warnings: warnings + self.warnings(of: answer), reasons).object.serialized()
              + "\n")
        } else {
          try finish(answer, &writer)
        }
      }
    }
    // A cancelled stream ends without a word.
    guard isFinished else {
      if !isJSON {
        try writer.finish()
        try console.result("\n")
      }
      throw CancellationError()
    }
  }

  // MARK: For people

  /// Why each passage was chosen, and the text that the model is given, to the letter.
  private func show(_ prompt: AnswerPrompt, _ rendered: RenderedPrompt, _ evidence: Evidence) throws {
    let style = console.style
    try show(AskReasons(evidence, prompt, rendered))
    try console.result(
      style.bold("Prompt") + " (\(rendered.tokens.count) tokens)\n\(forReader(rendered.text ?? ""))\n"
        + style.bold("Answer") + "\n")
  }

  /// The passages that were found, why, and what became of them.
  private func show(_ reasons: AskReasons) throws {
    try console.result(console.style.bold("Passages") + "\n")
    for (number, result) in zip(1..., reasons.evidence.results) {
      let use = reasons.use(of: number).text
      try console.prose("[\(number)] \(result.place)\n    \(result.scores): \(use)\n", hanging: 4)
    }
    try console.prose(strength(of: reasons.evidence) + "\n")
  }

  private func strength(of evidence: Evidence) -> String {
    guard evidence.whole == nil else {
      return "The question is about whole documents; these are their first passages."
    }
    let strength = formatDecimal(evidence.strength, 3)
    let threshold = formatDecimal(Evidence.threshold, 3)
    return evidence.isSufficient
      ? "The strength of the best is \(strength), at or above the threshold of \(threshold)."
      : "The strength of the best is \(strength), below the threshold of \(threshold): the model was not asked."
  }

  /// A text to the letter for a pipe; a terminal gets it without the characters that command it.
  private func forReader(_ text: String) -> String { console.outputIsTerminal ? printable(text) : text }

  private func finish(_ answer: Answer, _ writer: inout AnswerWriter) throws {
    let style = console.style
    guard answer.isAnswered else {
      if showsPrompt {
        try show(AskReasons(answer.evidence, nil, nil))
        try console.result(style.bold("Answer") + "\n")
      }
      try console.result("The documents do not seem to hold an answer to this.\n")
      try list(answer.evidence.quotes, title: "The nearest that they say")
      return
    }
    let numbers = answer.supportedBy.map { "[\($0)]" }.joined()
    if !numbers.isEmpty { try writer.writeOwn(" " + style.cyan(numbers)) }
    try writer.finish()
    try console.result("\n")
    warnings(of: answer).forEach(console.warn)
    try list(answer.evidence.quotes, title: "What the sources say")
    try console.result("\n\(style.bold("Sources"))\n")
    // Quotes may come from passages that the model was not shown.
    for number in Set(answer.sources + answer.evidence.quotes.map(\.number)).sorted() {
      let result = answer.evidence.results[number - 1]
      let use = answer.sources.contains(number) ? "" : "; quoted, not shown to the model"
      try console.prose(
        "  \(style.cyan("[\(number)]")) \(result.place)  \(style.faint(result.scores + use))\n", hanging: 6)
    }
  }

  /// What a person should know before they rely on an answer.
  private func warnings(of answer: Answer) -> [String] {
    guard answer.isAnswered else { return [] }
    var warnings: [String] = []
    if answer.supportedBy.isEmpty {
      warnings.append(
        "None of the sources has the words of this answer. Read the quotes before you rely on it.")
    }
    if !answer.unknownCitations.isEmpty {
      let numbers = answer.unknownCitations.map { "[\($0)]" }.joined(separator: ", ")
      warnings.append("The answer cites \(numbers), which the model was not shown: there is no such source.")
    }
    if answer.finishReason == .length {
      warnings.append(
        "The answer was cut at \(arguments[AskOptions.maximumTokens]) tokens; --max-tokens allows more.")
    }
    return warnings
  }

  private func list(_ quotes: [Quote], title: String) throws {
    guard !quotes.isEmpty else { return }
    try console.result("\n\(console.style.bold(title))\n")
    for quote in quotes {
      let place = martlet.place(
        path: quote.path, page: quote.page, startLine: quote.startLine, endLine: quote.endLine)
      try console.prose(
        "  “\(printable(oneLine(quote.text)))”\n  \(console.style.faint("[\(quote.number)] \(place)"))\n")
    }
  }
}

/// The model, once it has been needed.
private final class OpenedModel: Sendable {
  private let model = Mutex<LocalModel?>(nil)

  var opened: LocalModel? { model.withLock { $0 } }

  func open(_ arguments: Arguments, _ console: Console) throws -> LocalModel {
    try model.withLock { model in
      let opened = try model ?? OpenModel.answerer(arguments, console)
      model = opened
      return opened
    }
  }
}

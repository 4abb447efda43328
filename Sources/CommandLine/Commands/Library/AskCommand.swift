import MartletGeneration
import MartletLanguageModels
import MartletRetrieval
import MartletVectorStore

extension Command {
  /// Answers from documents.
  static let ask: Command = Command(
    name: "ask", summary: AskOptions.summary, discussion: AskOptions.discussion,
    parameters: AskOptions.definitions, examples: AskOptions.examples
  ) { arguments, console in
    guard !arguments[AskOptions.question].allSatisfy(\.isWhitespace) else {
      throw UsageError("QUESTION is empty.", advice: "Ask something of the documents.")
    }
    // Weak evidence ends the work before the model is needed; a misspelt one is an error all the same.
    if arguments.has(ModelParameters.answerer) || arguments.has(AdapterOptions.adapters) {
      try OpenModel.checkAnswerer(arguments)
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
  private let model = OpenedModel(loggedAs: "ask")

  init(_ arguments: Arguments, _ console: Console) {
    self.arguments = arguments
    self.console = console
    isJSON = arguments[StoreParameters.json]
    showsPrompt = arguments[AskOptions.showPrompt]
  }

  func run() async throws {
    let library = try StoreParameters.openLibrary(arguments)
    let settings = try AskSettings(
      method: arguments[StoreParameters.way], passageCount: arguments[AskOptions.count],
      shownPassageCount: arguments[AskOptions.shown], quoteCount: arguments[AskOptions.quotes],
      maximumTokens: arguments[AskOptions.maximumTokens],
      sampling: AskOptions.sampling.parameters(
        from: arguments,
        // Some models of providers take no temperature at all.
        over: ProviderParameters.isProvider(arguments[ModelParameters.answerer])
          ? SamplingParameters() : AskOptions.measured),
      answersAnyway: arguments[AskOptions.anyway], requiresSupport: arguments[AskOptions.strict],
      reranker: StoreParameters.reranker(arguments, console),
      candidateCount: arguments[StoreParameters.candidates])
    let (model, arguments, console) = (model, arguments, console)
    var evidence: Evidence?
    var prompt: AnswerPrompt?
    var rendered: ShownPrompt?
    var warnings: [String] = []
    var partial = ""
    var finished: Answer?
    do {
      for try await event in library.ask(
        arguments[AskOptions.question], settings: settings,
        model: { try model.open(arguments, asking: arguments[AskOptions.question], console) })
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
          rendered = try ShownPrompt(shown.messages, of: model)
          if !isJSON, let evidence, let rendered {
            try show(shown, rendered, evidence)
            try console.flush()
          }
        case .warning(let text):
          warnings.append(text)
          console.warn(text)
        case .text(let text):
          // Whether a passage supports the answer is known at its end, and said before it.
          partial += text
          showProgress(partial)
        case .finished(let answer):
          finished = answer
          console.setStatus("")
          if isJSON {
            let reasons = showsPrompt ? AskReasons(answer.evidence, prompt, rendered) : nil
            try console.result(
              AskJSON(answer, warnings: warnings + self.warnings(of: answer), reasons).object.serialized()
                + "\n")
          } else {
            try finish(answer)
          }
        }
      }
    } catch let error as CancellationError {
      if !isJSON { try write(partial) }
      throw error
    }
    if arguments[AskOptions.strict], let finished { try Self.requireSupport(finished) }
  }

  private static func requireSupport(_ answer: Answer) throws {
    switch answer.refusal {
    case .none: return
    case .weakEvidence:
      throw ReportedFailure(
        .unanswered, "The documents do not seem to hold an answer, and --strict asks for one.")
    case .unsupported:
      throw ReportedFailure(
        .unanswered, "No passage supports the model's answer, and --strict refuses such answers.")
    }
  }

  // MARK: For people

  /// The last words of the answer while it is made, on a terminal.
  private func showProgress(_ text: String) {
    let title = "Answering: "
    let words = printable(oneLine(String(text.suffix(400))))
    console.setStatus(title + words.suffix(max(0, console.noteWidth - title.count - 1)))
  }

  /// Why each passage was chosen, and the text that the model is given, to the letter.
  private func show(_ prompt: AnswerPrompt, _ rendered: ShownPrompt, _ evidence: Evidence) throws {
    let style = console.style
    try show(AskReasons(evidence, prompt, rendered))
    try console.result(
      style.bold("Prompt") + "\(rendered.size)\n\(forReader(rendered.text))\n"
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
    let threshold = formatDecimal(evidence.threshold, 3)
    guard evidence.unmentioned.isEmpty else {
      return "The strength of the best is \(strength), but no passage has \(names(evidence.unmentioned)): "
        + (arguments[AskOptions.anyway] ? "the model is asked anyway." : "the model was not asked.")
    }
    return evidence.isSufficient
      ? "The strength of the best is \(strength), at or above the threshold of \(threshold)."
      : "The strength of the best is \(strength), below the threshold of \(threshold): "
        + (arguments[AskOptions.anyway] ? "the model is asked anyway." : "the model was not asked.")
  }

  /// Names as a list in a sentence.
  private func names(_ names: [String]) -> String {
    names.map { "“\(printable($0))”" }.joined(separator: " or ")
  }

  /// A text to the letter for a pipe; a terminal gets it without the characters that command it.
  private func forReader(_ text: String) -> String { console.outputIsTerminal ? printable(text) : text }

  /// Writes an answer, or the part of it that there is, with the numbers of the passages that support it.
  private func write(_ text: String, sources: String = "") throws {
    var writer = AnswerWriter(console)
    try writer.write(text)
    if !sources.isEmpty { try writer.writeOwn(sources) }
    try writer.finish()
    try console.result("\n")
  }

  private func finish(_ answer: Answer) throws {
    let style = console.style
    guard answer.isAnswered else { return try refuse(answer) }
    warnings(of: answer).forEach(console.warn)
    if !answer.isSupported {
      try console.result(style.bold(style.yellow("No passage supports this answer:")) + "\n")
    }
    let numbers = answer.supportingPassages.map { "[\($0)]" }.joined()
    try write(answer.text, sources: numbers.isEmpty ? "" : " " + style.cyan(numbers))
    try list(answer.evidence.relevantQuotes, title: "What the sources say")
    try console.result("\n\(style.bold("Sources"))\n")
    // Quotes may come from passages that the model was not shown.
    for number in Set(answer.shownPassages + answer.evidence.relevantQuotes.map(\.number)).sorted() {
      let result = answer.evidence.results[number - 1]
      let use = answer.shownPassages.contains(number) ? "" : "; quoted, not shown to the model"
      try console.prose(
        "  \(style.cyan("[\(number)]")) \(result.place)  \(style.faint(result.scores + use))\n", hanging: 6)
    }
  }

  /// Why there is no answer, and what is nearest to one.
  private func refuse(_ answer: Answer) throws {
    let evidence = answer.evidence
    if showsPrompt, answer.refusal == .weakEvidence {
      try show(AskReasons(evidence, nil, nil))
      try console.result(console.style.bold("Answer") + "\n")
    }
    guard answer.refusal == .weakEvidence else {
      try console.result("The model has an answer that no passage supports; it is not shown.\n")
      return try list(evidence.relevantQuotes, title: "What the sources say")
    }
    try console.prose("The documents do not seem to hold an answer to this.\n")
    guard !evidence.results.isEmpty else { return }
    let strength = formatDecimal(evidence.strength, 3)
    let threshold = formatDecimal(evidence.threshold, 3)
    let reason =
      evidence.unmentioned.isEmpty
      ? "The nearest passage has a strength of \(strength), and an answer needs \(threshold)"
      : "No passage found has \(names(evidence.unmentioned))"
    try console.prose(
      "\(reason); --anyway answers nevertheless.\n\n"
        + console.style.bold("The nearest passages") + "\n")
    for number in evidence.candidates.map(\.number).prefix(Self.nearestShown) {
      let result = evidence.results[number - 1]
      let text = evidence.quotes.first { $0.number == number }?.text ?? String(result.text.prefix(240))
      try console.prose(
        "  \(console.style.cyan("[\(number)]")) \(result.place)  \(console.style.faint(result.scores))\n"
          + "      “\(printable(oneLine(text)))”\n", hanging: 6)
    }
  }

  private static let nearestShown = 3

  /// What a person should know before they rely on an answer.
  private func warnings(of answer: Answer) -> [String] {
    guard answer.isAnswered else { return [] }
    var warnings: [String] = []
    if !answer.evidence.isSufficient {
      let evidence = answer.evidence
      let reason =
        evidence.unmentioned.isEmpty
        ? "the strength of the nearest passage is \(formatDecimal(evidence.strength, 3)), "
          + "below \(formatDecimal(evidence.threshold, 3))"
        : "no passage found has \(names(evidence.unmentioned))"
      warnings.append("The documents do not seem to hold an answer: \(reason).")
    }
    if answer.supportingPassages.isEmpty {
      warnings.append(
        "None of the sources has the words and numbers of this answer. Read the quotes before you rely on it."
      )
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
      let place = shownPlace(
        path: quote.path, page: quote.page, startLine: quote.startLine, endLine: quote.endLine)
      let columns = quote.header.map { ", columns: \(printable(oneLine($0)))" } ?? ""
      try console.prose(
        "  “\(printable(oneLine(quote.text)))”\n"
          + "  \(console.style.faint("[\(quote.number)] \(place)\(columns)"))\n")
    }
  }
}

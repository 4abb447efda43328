import MartletGeneration
import MartletJSON
import MartletLanguageModels
import MartletProviders

/// `generate --format jsonl`: a filter that decodes many prompts at once and writes them back in their order.
struct GenerateLines {
  private let options: GenerateOptions
  private let arguments: Arguments
  private let console: Console

  init(_ options: GenerateOptions, _ arguments: Arguments, _ console: Console) {
    self.options = options
    self.arguments = arguments
    self.console = console
  }

  func run() async throws {
    try options.checkCombinations()
    if let prompt = arguments[GenerateOptions.prompt], prompt != "-" {
      throw UsageError("--format jsonl takes no PROMPT.", advice: "It reads records from standard input.")
    }
    let parallel = arguments[GenerateOptions.parallel]
    let model = try OpenModel.answerer(arguments, maximumSequences: parallel, loggedAs: "generate", console)
    let sampling = GenerateOptions.sampling.parameters(from: arguments, over: model, warning: console)
    // More are handed over than are decoded at once: a long completion at the head of the order must not leave
    // the model with nothing to do.
    let window = parallel * 4
    var reader = LineReader()
    // A line's failure is a result too, which waits for its turn: thrown at once, it would end the lines before it.
    try await withThrowingTaskGroup(of: Outcome.self) { group in
      var handedOver = 0
      var order = OrderedResults<Outcome>()
      var ending: Result<Void, any Error>?
      while true {
        while ending == nil, handedOver - order.next < window {
          do {
            guard let (number, record) = try nextRecord(&reader) else { ending = .success(()); break }
            let index = handedOver
            group.addTask {
              do {
                let line = try await complete(record, number, model, sampling)
                return Outcome(index: index, line: .success(line))
              } catch {
                return Outcome(index: index, line: .failure(error))
              }
            }
            handedOver += 1
          } catch {
            // A malformed line ends the run, after the lines before it.
            ending = .failure(error)
          }
        }
        guard let outcome = try await group.next() else { break }
        // What lies behind a line that failed will not be written.
        if case .failure = outcome.line { ending = ending ?? .success(()) }
        for outcome in order.add(outcome, at: outcome.index) { try console.result(outcome.line.get()) }
        try console.flush()
      }
      try ending?.get()
    }
  }

  /// What came of one record. A structure, since Swift 6.3 loses results of task groups that are a tuple with a
  /// `Result` in it when it optimizes.
  private struct Outcome: Sendable {
    /// The record's number, counted from 0.
    let index: Int
    /// The line to be written.
    let line: Result<String, any Error>
  }

  private func nextRecord(_ reader: inout LineReader) throws -> (Int, RawJSONObject)? {
    while let bytes = try reader.next() {
      if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
      return (reader.lineNumber, try .record(bytes, source: reader.name, line: reader.lineNumber))
    }
    return nil
  }

  private func complete(
    _ record: RawJSONObject, _ line: Int, _ model: any LanguageModel, _ sampling: SamplingParameters
  ) async throws -> String {
    let source = "standard input"
    let prompt = try prompt(of: record, source: source, line: line)
    var completion: Completion?
    var cutTokens = 0
    do {
      var request = options.request(prompt, sampling)
      request.streams = false
      for try await event in model.generate(request) {
        switch event {
        case .started(_, let cut):
          cutTokens = cut
          console.warnOfCut(cut, line: line)
        case .warning(let warning): console.warn("Line \(line): \(warning)")
        case .text, .token: break
        case .finished(let result): completion = result
        }
      }
    } catch let error as GenerationError {
      throw RecordError(source: source, line: line, problem: GenerateOptions.advised(error))
    } catch let error where error is ProviderError || error is LanguageModelError {
      throw ReportedFailure(ExitStatus(for: error), "\(source), line \(line): \(error)")
    }
    guard let completion else { throw CancellationError() }
    console.warnOfEnd(
      completion, of: model, options.responseFormat, asked: arguments[GenerateOptions.maximumTokens],
      line: line)
    var record = record
    record.set("completion", .string(completion.text))
    let facts = CompletionFacts(completion, of: model)
    record.set("token_ids", facts.tokenIDs)
    record.set("finish_reason", .string(completion.finishReason.rawValue))
    record.set("prompt_tokens", facts.promptTokens)
    record.set("completion_tokens", facts.completionTokens)
    for (name, value) in facts.ofProvider { record.set(name, value) }
    if let thinking = completion.thinking { record.set("thinking", .string(thinking)) }
    if cutTokens > 0 { record.set("cut_prompt_tokens", JSON(cutTokens)) }
    return record.text + "\n"
  }

  private func prompt(of record: RawJSONObject, source: String, line: Int) throws -> Prompt {
    guard let messages = try record.value(for: "messages") else {
      let text = try record.string("prompt", source: source, line: line)
      guard !options.lacksPrompt(text) else {
        throw RecordError(source: source, line: line, problem: "\"prompt\" is empty.")
      }
      return options.prompt(text)
    }
    if options.isRaw {
      throw RecordError(
        source: source, line: line, problem: "--raw needs \"prompt\"; \"messages\" need a template.")
    }
    do {
      return .messages(instructed(try ChatMessage.list(messages), line))
    } catch {
      throw RecordError(source: source, line: line, problem: "\(error)")
    }
  }

  /// The messages with --system before them, unless they have instructions of their own.
  private func instructed(_ messages: [ChatMessage], _ line: Int) -> [ChatMessage] {
    guard let system = options.system else { return messages }
    guard !messages.contains(where: { ["system", "developer"].contains($0.role) }) else {
      console.warn(
        "Line \(line): the messages have their own instructions, which replace --system.")
      return messages
    }
    return [.system(system)] + messages
  }
}

/// Gives results back in their order, however they come.
struct OrderedResults<Element> {
  /// The number of the result that is to be given next.
  private(set) var next = 0
  private var waiting: [Int: Element] = [:]

  /// The results that can be given now that this one is there.
  mutating func add(_ result: Element, at index: Int) -> [Element] {
    waiting[index] = result
    var ready: [Element] = []
    while let result = waiting.removeValue(forKey: next) {
      ready.append(result)
      next += 1
    }
    return ready
  }
}

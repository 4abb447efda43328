import Foundation
import MartletGeneration
import MartletJSON
import MartletLanguageModels

/// `generate` with one prompt.
struct GenerateOne {
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
    let text = try promptText()
    let start = ContinuousClock.now
    let model = try OpenModel.answerer(arguments, loggedAs: "generate", console)
    let loadSeconds = (ContinuousClock.now - start).inSeconds
    let sampling = self.sampling(model)
    let isJSON = arguments[GenerateOptions.json]
    let (completion, cutTokens): (Completion?, Int)
    do {
      var request = options.request(options.prompt(text), sampling)
      request.streams = !isJSON
      (completion, cutTokens) = try await stream(model.generate(request), isQuiet: isJSON)
    } catch let error as GenerationError {
      throw ReportedFailure(ExitStatus(for: error), GenerateOptions.advised(error))
    }
    guard let completion else { throw CancellationError() }
    if completion.isReplayed { console.note("A kept answer; --no-cache asks again.\n") }
    if isJSON {
      try console.result(
        object(completion, of: model, sampling, cutTokens: cutTokens, loadSeconds: loadSeconds) + "\n")
    } else {
      try console.result("\n")
    }
    console.warnOfEnd(
      completion, of: model, options.responseFormat, asked: arguments[GenerateOptions.maximumTokens])
  }

  private func promptText() throws -> String {
    if let text = arguments[GenerateOptions.prompt], text != "-" {
      guard !options.lacksPrompt(text) else {
        throw UsageError("PROMPT is empty.", advice: "Give the model something to answer or continue.")
      }
      return text
    }
    if arguments[GenerateOptions.prompt] == nil, isatty(STDIN_FILENO) == 1 {
      throw UsageError(
        "PROMPT is missing.", advice: "Give one in quotes, or ‘-’ to type it and end with Ctrl-D.")
    }
    var reader = LineReader()
    var bytes = try reader.rest()
    // The line break that `echo` and editors put at the end is not part of the prompt.
    if bytes.last == 0x0A { bytes.removeLast() }
    let text = try decodedText(bytes, from: reader.name)
    guard !options.lacksPrompt(text) else {
      throw UsageError(
        "The prompt is empty: \(reader.name) holds no text.", advice: "Give PROMPT, or pipe one in.")
    }
    return text
  }

  private func stream(
    _ events: GenerationStream, isQuiet: Bool
  ) async throws -> (Completion?, cutTokens: Int) {
    var completion: Completion?
    var cutTokens = 0
    var writer = AnswerWriter(console)
    var isWritten = false
    do {
      for try await event in events {
        switch event {
        case .started(_, let cut):
          cutTokens = cut
          console.warnOfCut(cut)
        case .warning(let warning): console.warn(warning)
        case .text(let text) where !isQuiet:
          isWritten = true
          try writer.write(text)
        case .text, .token: break
        case .finished(let result): completion = result
        }
      }
    } catch {
      // What is said of the failure begins a line of its own.
      if isWritten {
        try? writer.finish()
        try? console.result("\n")
      }
      throw error
    }
    if !isQuiet { try writer.finish() }
    return (completion, cutTokens)
  }

  /// A seed is drawn here where none is given, so that --json can say which: with it the text can be had again.
  private func sampling(_ model: any LanguageModel) -> SamplingParameters {
    var sampling = GenerateOptions.sampling.parameters(from: arguments, over: model, warning: console)
    guard model.local != nil else { return sampling }
    let drawn = sampling.seed ?? UInt64(UInt32.random(in: .min ... .max))
    sampling.seed = sampling.temperature == 0 ? nil : drawn
    return sampling
  }

  private func object(
    _ completion: Completion, of model: any LanguageModel, _ sampling: SamplingParameters, cutTokens: Int,
    loadSeconds: Double
  ) -> String {
    let facts = CompletionFacts(completion, of: model)
    var object: JSONObject = [
      "text": .string(completion.text),
      "token_ids": facts.tokenIDs,
      "completion_tokens": facts.completionTokens,
      "prompt_tokens": facts.promptTokens,
      "finish_reason": .string(completion.finishReason.rawValue),
      "load_seconds": facts.isLocal ? JSON(loadSeconds) : .null,
      "prompt_seconds": JSON(completion.promptSeconds),
      "completion_seconds": JSON(completion.completionSeconds),
      "peak_memory_bytes": facts.isLocal ? peakMemory().map { JSON($0) } ?? .null : .null,
      "sampling": (facts.isLocal ? SamplingValues(sampling) : SamplingValues(sent: sampling)).json,
    ]
    if let thinking = completion.thinking { object["thinking"] = .string(thinking) }
    for (name, value) in facts.ofProvider { object[name] = value }
    if cutTokens > 0 { object["cut_prompt_tokens"] = JSON(cutTokens) }
    return JSON.object(object).serialized()
  }
}

/// The most memory that the process had at once (VmHWM), in bytes.
func peakMemory() -> Int? {
  guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
  return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
}

import Foundation
import MartletGeneration
import MartletLanguageModels

extension Command {
  /// Continues a prompt, or many.
  static let generate: Command = Command(
    name: "generate",
    summary: "Let a model answer or continue a prompt.",
    discussion: """
      The prompt is put into the model's own chat template as a message of the user, unless --raw is given. The \
      answer is printed while it is made. With ‘-’ as PROMPT, or without one, the prompt is read from standard input.

      --json prints one object at the end: text, token_ids (those generated, without the end token), \
      completion_tokens, prompt_tokens, finish_reason (stop or length), load_seconds, prompt_seconds, \
      completion_seconds (from the first to the last token), peak_memory_bytes, and sampling, an object with the \
      values that tokens were drawn by: temperature, top_k, top_p, min_p, repetition_penalty, presence_penalty, \
      frequency_penalty, penalty_window and seed (null where nothing was drawn).

      --format jsonl reads one JSON object a line from standard input, with "prompt" (a text) or "messages" (a list \
      of objects with "role" and "content"), and writes each back, in order, with completion, token_ids, \
      finish_reason, prompt_tokens and completion_tokens added; both forms add cut_prompt_tokens where a prompt was cut, and thinking where a model thought before an answer that has a form. Several are decoded at once, which costs little more \
      than one: see --parallel. --system stands before the messages of a record that has no instructions of its own. \
      A record that cannot be answered ends the run with its line's number, after the answers before it.

      \(SamplingOptions.ofModel)

      \(FormOptions.discussion)

      A prompt that does not fit into the model's context is refused with both numbers, unless --overflow says how \
      it may be cut.

      \(ProviderParameters.discussion) For these models --json has null for token_ids, load_seconds and peak_memory_bytes, \
      for counts that the provider does not tell and for sampling values that were left to it. It has two members more, \
      as the lines of --format jsonl have: cost (in dollars; null where no price is known) and replayed (whether it is an \
      answer that was kept).
      """,
    parameters: GenerateOptions.definitions,
    examples: [
      .init("martlet generate \"Why do swifts sleep on the wing?\"", "Ask the default model:"),
      .init(
        "martlet generate -m smollm2-135m-instruct --raw --temperature 0 --max-tokens 32 \"Once upon a time\"",
        "Continue a text, always with the most probable token:"),
      .init(
        "martlet generate --format jsonl --parallel 16 --max-tokens 64 < prompts.jsonl > answers.jsonl",
        "Answer a file of prompts, sixteen at a time:"),
      .init(
        "martlet generate --choice positive --choice negative \"Is this review positive or negative? The bread was stale.\"",
        "Classify a text:"),
    ]
  ) { arguments, console in
    let options = try GenerateOptions(arguments)
    switch (options.format, arguments[GenerateOptions.json]) {
    case (.jsonl, true):
      throw UsageError(
        "--json and --format jsonl exclude each other.",
        advice: "--json prints one object for one PROMPT; --format jsonl reads and writes one object a line.")
    case (.jsonl, false): try await GenerateLines(options, arguments, console).run()
    case (.text, _): try await GenerateOne(options, arguments, console).run()
    }
  }
}

/// What `generate` takes.
struct GenerateOptions: Sendable {
  static let prompt = Parameter<String?>.argument(
    "PROMPT", .text("TEXT"), help: "What the model is asked to answer or continue; ‘-’ reads standard input.")
  static let system = Parameter<String?>.option(
    "system", .text("TEXT"), help: "Instructions that stand before the conversation.")
  static let raw = Parameter<Bool>.flag("raw", help: "Send the prompt as it is, without a chat template.")
  static let maximumTokens = Parameter<Int?>.option(
    "max-tokens", short: "n", .integer(atLeast: 1), shownAs: "up to the end of the context",
    help: "The most tokens to generate.")
  static let stop = Parameter<[String]>.options(
    "stop", .text("TEXT"), help: "End the completion before this text.")
  static let ignoresEnd = Parameter<Bool>.flag(
    "ignore-eos", help: "Go on after the model's end token, so that exactly --max-tokens are generated.")
  static let overflow = Parameter<ContextOverflow>.option(
    "overflow", .choice("HOW"), default: .refuse,
    help: "What happens to a prompt that does not fit into the context; a cut is reported.")
  static let json = Parameter<Bool>.flag("json", help: "Print one JSON object at the end.")
  static let format = Parameter<TextFormat>.option(
    "format", .choice("FORMAT"), default: .text, help: "jsonl reads and writes one JSON object a line.")
  static let parallel = Parameter<Int>.option(
    "parallel", .integer(in: 1...256), default: 16,
    help: "How many prompts of --format jsonl are decoded at once.")
  static let sampling = SamplingOptions()

  static let definitions: [ParameterDefinition] =
    [
      prompt.definition, ModelParameters.answererOrProvider.definition, AdapterOptions.adapters.definition,
      system.definition, raw.definition,
    ]
    + [maximumTokens.definition] + sampling.definitions
    + FormOptions.definitions
    + [
      stop.definition, ignoresEnd.definition, ModelParameters.context.definition, overflow.definition,
      ModelParameters.threads.definition, json.definition, format.definition, parallel.definition,
      LogOptions.isOff.definition,
    ] + ProviderParameters.definitions

  let format: TextFormat
  let system: String?
  let isRaw: Bool
  let responseFormat: ResponseFormat
  private let arguments: Arguments

  init(_ arguments: Arguments) throws {
    responseFormat = try FormOptions.format(arguments)
    self.arguments = arguments
    format = arguments[Self.format]
    system = arguments[Self.system]
    isRaw = arguments[Self.raw]
  }

  func checkCombinations() throws(UsageError) {
    if isRaw, system != nil {
      throw UsageError(
        "--raw has no place for --system: it sends PROMPT and nothing else.", advice: "Leave one of them out."
      )
    }
    if arguments[Self.ignoresEnd], !arguments.has(Self.maximumTokens) {
      throw UsageError("--ignore-eos never ends without --max-tokens.", advice: "Add --max-tokens N.")
    }
    guard responseFormat != .text else { return }
    for other in [Self.ignoresEnd.definition, Self.stop.definition] where arguments.has(other) {
      throw UsageError(
        "\(other.spelling) has no place beside a form: the answer ends where its form does.",
        advice: "Leave one of them out.")
    }
  }

  /// An error's text, with what this command offers against it.
  static func advised(_ error: GenerationError) -> String {
    guard case .promptTooLong = error else { return error.description }
    return "\(error)\nOr let it be cut: --overflow cut-start, or cut-middle."
  }

  /// Whether a text asks nothing of the model. Under --raw blanks are a prompt, too.
  func lacksPrompt(_ text: String) -> Bool { isRaw ? text.isEmpty : text.allSatisfy(\.isWhitespace) }

  /// A text of the user as a prompt.
  func prompt(_ text: String) -> Prompt {
    if isRaw { return .text(text) }
    return .messages((system.map { [.system($0)] } ?? []) + [.user(text)])
  }

  func request(_ prompt: Prompt, _ sampling: SamplingParameters) -> GenerationRequest {
    GenerationRequest(
      prompt, sampling: sampling, maximumTokens: arguments[Self.maximumTokens],
      stop: arguments[Self.stop].filter { !$0.isEmpty }, ignoresEnd: arguments[Self.ignoresEnd],
      overflow: arguments[Self.overflow], responseFormat: responseFormat)
  }
}

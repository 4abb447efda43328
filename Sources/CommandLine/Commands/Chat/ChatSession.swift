import Foundation
import MartletGeneration
import MartletJSON
import MartletJinja
import MartletLanguageModels
import MartletProviders

/// One conversation: reads a message, answers it, and remembers both.
final class ChatSession {
  private var model: any LanguageModel
  private var arguments: Arguments
  private let console: Console
  private var sampling: SamplingParameters
  private let input: ChatInput
  private var system: String?
  private var turns: [ChatMessage] = []

  init(model: any LanguageModel, arguments: Arguments, console: Console) {
    self.model = model
    self.arguments = arguments
    self.console = console
    input = ChatInput(isHistoryKept: LogOptions.isKept(arguments))
    system = arguments[ChatOptions.system]
    sampling = ChatOptions.sampling.parameters(from: arguments, over: model, warning: console)
  }

  func run() async throws {
    if input.isInteractive {
      let context = model.contextLength.map { ", \($0) tokens of context" } ?? ""
      console.note("\(model.name)\(context). /? lists the commands.\n")
    }
    while let line = try input.next() {
      switch ChatLine(line) {
      case .message(let text): try await answer(text)
      case .system(let text): setSystem(text)
      case .model(let name?): try change(to: name)
      case .model(nil): listModels()
      case .set(let setting?): set(setting)
      case .set(nil): console.note(settings)
      case .reset: reset()
      case .save(let path): save(to: path)
      case .help: console.note(ChatLine.helpText)
      case .exit: return
      case .mistake(let problem): console.fail(problem)
      }
    }
    if input.isInteractive { console.note("\n") }
  }

  private func answer(_ text: String) async throws {
    let conversation = (system.map { [.system($0)] } ?? []) + turns + [.user(text)]
    let request = GenerationRequest(
      .messages(conversation), sampling: sampling, maximumTokens: arguments[ChatOptions.maximumTokens])
    do {
      let result = try await Self.reply(model, request, console)
      // The whole program was told to stop, not this answer alone.
      try Task.checkCancellation()
      turns += [.user(text), .assistant(result.text)]
      if result.isLimited { console.note("\n[The answer reached the limit of tokens.]\n") }
      if result.isStopped { console.note("\n[Stopped.]\n") }
      try console.result("\n")
      try console.flush()
    } catch {
      // One message that cannot be answered, or that the template refuses, does not end what a person has built up.
      guard input.isInteractive, Self.isOfThisMessage(error) else { throw error }
      console.fail("\(error)\n\(advice(for: error))")
    }
  }

  private static func isOfThisMessage(_ error: any Error) -> Bool {
    error is GenerationError || error is TemplateError || error is SamplingError || error is ProviderError
      || error is LanguageModelError
  }

  private func advice(for error: any Error) -> String {
    guard case GenerationError.promptTooLong? = error as? GenerationError else {
      return "The message is left out of the conversation. /reset forgets what was said before."
    }
    let makesRoom = "/reset forgets the conversation so far and makes room."
    guard let model = model.local, model.context < model.transformer.shape.context else { return makesRoom }
    return makesRoom + " A new chat with --context \(model.transformer.shape.context) would hold more."
  }

  private struct Answer: Sendable {
    var text = ""
    var isLimited = false
    var isStopped = true
  }

  /// Streams an answer that Ctrl-C stops, however early it comes.
  private static func reply(
    _ model: any LanguageModel, _ request: GenerationRequest, _ console: Console
  ) async throws -> Answer {
    try await Interruption.shared.cancelling { try await stream(model.generate(request), console) }
  }

  private static func stream(
    _ events: GenerationStream, _ console: Console
  ) async throws -> Answer {
    var answer = Answer()
    var writer = AnswerWriter(console)
    defer { try? writer.finish() }
    do {
      for try await event in events {
        switch event {
        case .started(_, let cutTokens): console.warnOfCut(cutTokens)
        case .warning(let warning): console.warn(warning)
        case .token: break
        case .text(let text):
          answer.text += text
          try writer.write(text)
        case .finished(let completion):
          answer.text = completion.text
          answer.isLimited = completion.finishReason == .length
          answer.isStopped = false
        }
      }
    } catch is CancellationError {
      // What has come is the answer.
    }
    return answer
  }

  /// Answers with another model from here on. One that cannot be had does not end the chat.
  private func change(to name: String) throws {
    do {
      let other = try OpenModel.answerer(arguments, named: name, loggedAs: "chat", console)
      try other.requireChat()
      sampling = ChatOptions.sampling.parameters(from: arguments, over: other, warning: console)
      model = other
      console.note("\(name) answers from here on; the conversation goes on.\n")
    } catch let error as CancellationError {
      throw error
    } catch {
      console.fail("\(error)\nThe model is still \(model.name).")
    }
  }

  private func listModels() {
    let others = ModelNames().pulled(for: .generation).filter { $0 != model.name }
    console.note(
      "The model is \(model.name). "
        + (others.isEmpty
          ? "No other one that generates is in the cache; martlet pull fetches more.\n"
          : "/model NAME changes to another: \(others.joined(separator: ", ")).\n"))
  }

  private func set(_ setting: ChatSetting) {
    do throws(InvalidValue) {
      arguments = try setting.apply(to: arguments)
    } catch {
      return console.fail("/set: \(error.problem).")
    }
    sampling = ChatOptions.sampling.parameters(
      from: arguments, over: model.local?.sampling ?? SamplingParameters())
    console.note(
      setting.value.map { "\(setting.name) is \($0) from here on.\n" }
        ?? "\(setting.name) has its default again.\n")
  }

  /// The values that `/set` changes, a line each.
  private var settings: String {
    let values =
      (model.local == nil ? SamplingValues(sent: sampling) : SamplingValues(sampling)).members + [
        (
          "logit_bias",
          sampling.logitBias.isEmpty
            ? "none"
            : sampling.logitBias.sorted { $0.key < $1.key }
              .map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        ),
        (
          "max_tokens", arguments[ChatOptions.maximumTokens].map { "\($0)" } ?? "up to the end of the context"
        ),
      ]
    return values.map { name, value in
      let label = String(name.map { $0 == "_" ? "-" : $0 })
      return label + String(repeating: " ", count: max(1, 20 - label.count)) + value + "\n"
    }.joined()
  }

  private func setSystem(_ text: String) {
    system = text.isEmpty ? nil : text
    console.note(text.isEmpty ? "The instructions are removed.\n" : "The instructions are set.\n")
  }

  private func reset() {
    turns = []
    console.note("The conversation is forgotten" + (system == nil ? ".\n" : "; the instructions stay.\n"))
  }

  private func save(to typed: String) {
    // No shell has expanded the ~ of a path that is typed here.
    let path = (try? ValueType<String>.path().read(typed)) ?? typed
    let messages = (system.map { [ChatMessage.system($0)] } ?? []) + turns
    let list = JSON.array(
      messages.map { ["role": .string($0.role), "content": .string($0.content)] })
    do {
      try Data((list.serialized(pretty: true) + "\n").utf8).write(
        to: URL(fileURLWithPath: path), options: .atomic)
      console.note("\(messages.count) messages written to \(path).\n")
    } catch {
      console.fail("\(path) cannot be written: \(error.localizedDescription)")
    }
  }
}

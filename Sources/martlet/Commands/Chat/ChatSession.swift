import Foundation
import Generation
import JSON
import Jinja
import LanguageModels

/// One conversation: reads a line, answers it, and remembers both.
final class ChatSession {
  private let model: LocalModel
  private let arguments: Arguments
  private let console: Console
  private let sampling: SamplingParameters
  private let editor = LineEditor(historyName: "chat-history")
  private var system: String?
  private var turns: [ChatMessage] = []

  init(model: LocalModel, arguments: Arguments, console: Console) {
    self.model = model
    self.arguments = arguments
    self.console = console
    system = arguments[ChatOptions.system]
    sampling = ChatOptions.sampling.parameters(from: arguments, over: model, warning: console)
  }

  func run() async throws {
    if editor.isInteractive {
      console.note("\(model.name), \(model.contextLength) tokens of context. /help lists the commands.\n")
    }
    while let line = try nextMessage() {
      let command = ChatLine(line)
      switch command {
      case .message(let text): try await answer(text)
      case .system(let text): setSystem(text)
      case .reset: reset()
      case .save(let path): save(to: path)
      case .help: console.note(ChatLine.helpText)
      case .exit: return
      case .mistake(let problem): console.fail(problem)
      }
    }
    if editor.isInteractive { console.note("\n") }
  }

  /// A line, or several that backslashes join; nil at the end. Empty ones are passed over.
  private func nextMessage() throws -> String? {
    var message = ""
    while true {
      switch try editor.next(prompt: message.isEmpty ? "> " : "… ") {
      case .end: return message.isEmpty ? nil : message
      case .interrupted: message = ""
      case .line(let line) where line.hasSuffix("\\"): message += line.dropLast() + "\n"
      case .line(let line):
        message += line
        if message.allSatisfy(\.isWhitespace) { message = ""; continue }
        if editor.isInteractive { editor.remember(line) }
        return message
      }
    }
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
      guard editor.isInteractive, Self.isOfThisMessage(error) else { throw error }
      console.fail("\(error)\n\(advice(for: error))")
    }
  }

  private static func isOfThisMessage(_ error: any Error) -> Bool {
    error is GenerationError || error is TemplateError || error is SamplingError
  }

  private func advice(for error: any Error) -> String {
    guard case GenerationError.promptTooLong? = error as? GenerationError else {
      return "The message is left out of the conversation. /reset forgets what was said before."
    }
    let longest = model.transformer.shape.context
    return "/reset forgets the conversation so far and makes room."
      + (model.contextLength < longest ? " A new chat with --context \(longest) would hold more." : "")
  }

  private struct Answer: Sendable {
    var text = ""
    var isLimited = false
    var isStopped = true
  }

  /// Streams an answer that Ctrl-C stops, however early it comes.
  private static func reply(
    _ model: LocalModel, _ request: GenerationRequest, _ console: Console
  ) async throws -> Answer {
    try await Interruption.shared.cancelling { try await stream(model.generate(request), console) }
  }

  private static func stream(
    _ events: GenerationStream, _ console: Console
  ) async throws -> Answer {
    var answer = Answer()
    do {
      for try await event in events {
        switch event {
        case .started(_, let cutTokens): console.warnOfCut(cutTokens)
        case .warning(let warning): console.warn(warning)
        case .text(let text):
          answer.text += text
          try console.result(text)
          try console.flush()
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

  private func setSystem(_ text: String) {
    system = text.isEmpty ? nil : text
    console.note(text.isEmpty ? "The instructions are removed.\n" : "The instructions are set.\n")
  }

  private func reset() {
    turns = []
    console.note("The conversation is forgotten" + (system == nil ? ".\n" : "; the instructions stay.\n"))
  }

  private func save(to path: String) {
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

/// What a typed line asks for.
enum ChatLine: Equatable {
  case message(String)
  case system(String)
  case reset
  case save(String)
  case help
  case exit
  case mistake(String)

  static let helpText = """
    /system TEXT  set instructions for the model; without TEXT, remove them
    /reset        forget the conversation
    /save FILE    write the conversation as JSON
    /exit         end; so does Ctrl-D
    A message that begins with a slash: put a space before it.

    """

  init(_ line: String) {
    guard line.hasPrefix("/") else { self = .message(line); return }
    let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
    let rest = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
    switch parts[0] {
    case "/system": self = .system(rest)
    case "/reset": self = .reset
    case "/save": self = rest.isEmpty ? .mistake("/save needs a file: /save FILE") : .save(rest)
    case "/help": self = .help
    case "/exit", "/quit": self = .exit
    default:
      let names = ["/system", "/reset", "/save", "/help", "/exit"]
      let hint = nearestName(to: parts[0], among: names).map { " Did you mean \($0)?" } ?? ""
      self = .mistake("There is no command \(parts[0]).\(hint) /help lists them.")
    }
  }
}

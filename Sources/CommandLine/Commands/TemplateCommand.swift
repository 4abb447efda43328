import Foundation
import MartletGeneration
import MartletJSON
import MartletLanguageModels

private let message = Parameter<String?>.argument(
  "MESSAGE", .text("TEXT"), help: "What the user says; ‘-’ reads standard input. Default: Hello.")
private let system = Parameter<String?>.option(
  "system", .text("TEXT"), help: "Instructions that stand before the conversation.")
private let messages = Parameter<String?>.option(
  "messages", .path("FILE"),
  help: "A whole conversation: a JSON list of objects with \"role\" and \"content\".")
private let tools = Parameter<String?>.option(
  "tools", .path("FILE"), help: "Tools that the template may list: a JSON list in the OpenAI API's form.")
private let json = Parameter<Bool>.flag(
  "json", help: "Print one JSON object with text, token_ids and warnings.")

extension Command {
  /// The prompt exactly as the model sees it.
  static let template: Command = Command(
    name: "template",
    summary: "Print a prompt exactly as the model's own template renders it, with its token ids.",
    discussion: """
      What generate, chat and ask send to the model is made in the same way. The text comes first, then an empty line \
      and the token ids, on one line. A template that uses something Martlet does not know is an error, never a \
      prompt that is silently wrong; a beginning-of-text token that stands twice is warned of.
      """,
    parameters: [
      message.definition, ModelParameters.answerer.definition, system.definition, messages.definition,
      tools.definition, json.definition,
    ],
    examples: [
      .init("martlet template \"Who are you?\"", "What the default model sees:"),
      .init(
        "martlet template -m smollm2-135m-instruct --system \"Answer in one word.\" \"Who are you?\"",
        "The same with a system message and another model:"),
    ]
  ) { arguments, console in
    let conversation = try conversation(arguments)
    let list = try arguments[tools].map { try readJSON($0) }
    let name = arguments[ModelParameters.answerer]
    let checkpoint = try OpenModel.checkpoint(name)
    checkpoint.warnings.forEach(console.warn)
    let model = try PromptEncoder(checkpoint, name: name)
    let prompt = try model.encode(.messages(conversation, tools: list))
    for warning in prompt.warnings { console.warn(warning) }
    if arguments[json] {
      let object: JSON = [
        "text": prompt.text.map { .string($0) } ?? .null,
        "token_ids": .array(prompt.tokens.map { JSON(Int($0)) }),
        "warnings": .array(prompt.warnings.map { .string($0) }),
      ]
      return try console.result(object.serialized() + "\n")
    }
    try console.result(
      (prompt.text ?? "") + "\n\n" + prompt.tokens.map(String.init).joined(separator: " ") + "\n")
  }
}

private func conversation(_ arguments: Arguments) throws -> [ChatMessage] {
  if let path = arguments[messages] {
    if arguments.has(message) || arguments.has(system) {
      throw UsageError("--messages holds the whole conversation.", advice: "Leave MESSAGE and --system out.")
    }
    do {
      return try ChatMessage.list(readJSON(path))
    } catch let error as InvalidValue {
      throw ReportedFailure(.badData, "\(path): \(error.problem)")
    }
  }
  var text = arguments[message] ?? "Hello"
  if text == "-" {
    var reader = LineReader()
    text = try decodedText(reader.rest(), from: reader.name)
  }
  return (arguments[system].map { [.system($0)] } ?? []) + [.user(text)]
}

private func readJSON(_ path: String) throws -> JSON {
  var reader = try LineReader(path: path)
  let bytes = try reader.rest()
  do {
    return try JSON(parsing: bytes)
  } catch {
    throw ReportedFailure(.badData, "\(path): \(error)")
  }
}

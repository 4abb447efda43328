import MartletGeneration
import MartletLanguageModels

extension Command {
  /// A conversation in the terminal.
  static let chat: Command = Command(
    name: "chat",
    summary: "Talk with a model in the terminal.",
    discussion: """
      Type a message and press Enter. A message may have several lines: paste it, type \"\"\" before and after it, or \
      end each line but the last with a backslash. The arrow keys edit the line and go through what was typed before, \
      Ctrl-R searches in it. Ctrl-C stops the answer, or gives up the line; Ctrl-D or /bye ends the conversation.

      /model NAME answers with another model from there on, and /set NAME VALUE changes a sampling option \
      (‘/set temperature 0.2’, ‘/set seed default’); each without NAME shows what there is. /system TEXT sets \
      instructions for the model (without TEXT: removes them) and keeps the conversation; /reset forgets the \
      conversation; /save FILE writes it as JSON, in the form that ‘martlet template --messages’ reads; /? lists the \
      commands.

      Where standard input is not a terminal, each of its lines is a message.

      \(SamplingOptions.ofModel)

      \(ProviderParameters.discussion)
      """,
    parameters: ChatOptions.definitions,
    examples: [
      .init("martlet chat", "Talk with the default model:"),
      .init(
        "martlet chat -m smollm2-135m-instruct --system \"You are a naturalist.\"",
        "With another, instructed:"),
    ]
  ) { arguments, console in
    let model = try OpenModel.answerer(arguments, loggedAs: "chat", console)
    try model.requireChat()
    let session = ChatSession(model: model, arguments: arguments, console: console)
    try await session.run()
  }
}

/// What `chat` takes.
enum ChatOptions {
  static let system = Parameter<String?>.option(
    "system", .text("TEXT"), help: "Instructions that stand before the conversation.")
  static let maximumTokens = Parameter<Int?>.option(
    "max-tokens", short: "n", .integer(atLeast: 1), shownAs: "up to the end of the context",
    help: "The most tokens of one answer.")
  static let sampling = SamplingOptions()

  static let definitions: [ParameterDefinition] =
    [
      ModelParameters.answererOrProvider.definition, AdapterOptions.adapters.definition, system.definition,
      maximumTokens.definition,
    ]
    + sampling.definitions + [ModelParameters.context.definition, ModelParameters.threads.definition]
    + [LogOptions.isOff.definition] + ProviderParameters.definitions
}

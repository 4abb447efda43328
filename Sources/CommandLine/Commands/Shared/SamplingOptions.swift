import MartletCheckpoints
import MartletGeneration
import MartletLanguageModels

/// The options that say how tokens are drawn, for `generate`, `chat` and `ask`.
struct SamplingOptions: Sendable {
  let temperature: Parameter<Double?>
  let topK: Parameter<Int?>
  let topP: Parameter<Double?>
  let minP: Parameter<Double?>
  let repetition: Parameter<Double?>
  let presence: Parameter<Double?>
  let frequency: Parameter<Double?>
  let window: Parameter<Int?>
  let bias = Parameter<[TokenBias]>.options(
    "logit-bias", TokenBias.type,
    help: "Add BIAS to the logit of the token with this id: 42=-5, or 42=-inf to ban it.")
  let seed = Parameter<UInt64?>.option(
    "seed", .unsigned(), shownAs: "a random one", help: "Make the draws repeatable.")

  /// What the help of a command says whose defaults are the model's own.
  static let ofModel = """
    A sampling option that is not given is the model's own: what its makers state in generation_config.json, or in \
    the metadata general.sampling.* of a GGUF file; ‘martlet models NAME’ shows it. Each option replaces one of the \
    values. Values that Martlet cannot follow are named on standard error.
    """

  /// - Parameter fixed: What stands for an option that is not given; nil for the model's own value, which is the
  ///   default where its makers state none.
  init(fixed: SamplingParameters? = nil) {
    let defaults = fixed ?? SamplingParameters()
    func shown(_ value: Float, isOfModel: Bool = true) -> String {
      let text = value == value.rounded() ? "\(Int(value))" : "\(value)"
      return fixed == nil && isOfModel ? "the model's own, else \(text)" : text
    }
    temperature = .option(
      "temperature", .number(in: 0...100), shownAs: shown(defaults.temperature),
      help: "How freely tokens are drawn; 0 always takes the most probable one.")
    topK = .option(
      "top-k", .integer(atLeast: 0), shownAs: shown(Float(defaults.topK)),
      help: "Keep the K most probable tokens; 0 keeps all.")
    topP = .option(
      "top-p", .number("P", above: 0, atMost: 1), shownAs: shown(defaults.topP),
      help: "Keep the fewest tokens whose probabilities reach P; 1 keeps all.")
    minP = .option(
      "min-p", .number("P", in: 0...1), shownAs: shown(defaults.minP),
      help: "Keep tokens at least P times as probable as the most probable one; 0 keeps all.")
    repetition = .option(
      "repetition-penalty", .number(in: 0.01...100), shownAs: shown(defaults.repetitionPenalty),
      help: "Make tokens that occurred less likely: their logits are divided by it. 1 is off.")
    presence = .option(
      "presence-penalty", .number(in: -100...100), shownAs: shown(defaults.presencePenalty, isOfModel: false),
      help: "Subtract this once from the logit of each token that occurred.")
    frequency = .option(
      "frequency-penalty", .number(in: -100...100),
      shownAs: shown(defaults.frequencyPenalty, isOfModel: false),
      help: "Subtract this from the logit of each token for every time it occurred.")
    window = .option(
      "penalty-window", .integer(atLeast: -1), shownAs: shown(Float(defaults.penaltyWindow)),
      help: "How many of the last tokens, the prompt's among them, the penalties look at; -1 is all.")
  }

  var definitions: [ParameterDefinition] {
    [
      temperature.definition, topK.definition, topP.definition, minP.definition, repetition.definition,
      presence.definition, frequency.definition, window.definition, bias.definition, seed.definition,
    ]
  }

  /// The options that were given, one by one in place of `base`.
  func parameters(from arguments: Arguments, over base: SamplingParameters) -> SamplingParameters {
    var parameters = base
    if let value = arguments[temperature] { parameters.temperature = Float(value) }
    if let value = arguments[topK] { parameters.topK = value }
    if let value = arguments[topP] { parameters.topP = Float(value) }
    if let value = arguments[minP] { parameters.minP = Float(value) }
    if let value = arguments[repetition] { parameters.repetitionPenalty = Float(value) }
    if let value = arguments[presence] { parameters.presencePenalty = Float(value) }
    if let value = arguments[frequency] { parameters.frequencyPenalty = Float(value) }
    if let value = arguments[window] { parameters.penaltyWindow = value }
    parameters.logitBias = Dictionary(
      arguments[bias].map { ($0.token, $0.bias) }, uniquingKeysWith: { $1 })
    parameters.seed = arguments[seed]
    parameters.stated.formUnion(SamplingParameters.Name.allCases.filter { arguments.has(definition(of: $0)) })
    return parameters
  }

  /// The options that were given over the model's own values, with a warning for each of those that is not followed. A
  /// provider has its own values for what is not given.
  func parameters(
    from arguments: Arguments, over model: any LanguageModel, warning console: Console
  ) -> SamplingParameters {
    guard let model = model.local else { return parameters(from: arguments, over: SamplingParameters()) }
    let parameters = parameters(from: arguments, over: model.sampling)
    let replaced = Set(SamplingAdvice.Parameter.allCases.filter { arguments.has(definition(of: $0)) })
    for advice in model.samplingAdvice.unfollowed(by: parameters, replacing: replaced) {
      console.warn(advice.description)
    }
    return parameters
  }

  private func definition(of parameter: SamplingParameters.Name) -> ParameterDefinition {
    switch parameter {
    case .temperature: temperature.definition
    case .topK: topK.definition
    case .topP: topP.definition
    case .minP: minP.definition
    case .repetitionPenalty: repetition.definition
    case .presencePenalty: presence.definition
    case .frequencyPenalty: frequency.definition
    case .penaltyWindow: window.definition
    }
  }

  private func definition(of parameter: SamplingAdvice.Parameter) -> ParameterDefinition {
    switch parameter {
    case .temperature: temperature.definition
    case .topK: topK.definition
    case .topP: topP.definition
    case .minP: minP.definition
    case .repetitionPenalty: repetition.definition
    case .penaltyWindow: window.definition
    }
  }
}

/// `ID=BIAS`, as `--logit-bias` takes it.
struct TokenBias: Sendable, Equatable {
  let token: Int32
  let bias: Float

  static let type = ValueType<TokenBias>(placeholder: "ID=BIAS", choices: []) { (text) throws(InvalidValue) in
    let parts = text.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, let token = Int32(parts[0]), token >= 0, let bias = Float(parts[1]), !bias.isNaN,
      bias < .infinity
    else { throw InvalidValue(problem: "needs a token's id and a number, such as 42=-5, not ‘\(text)’") }
    return TokenBias(token: token, bias: bias)
  }
}

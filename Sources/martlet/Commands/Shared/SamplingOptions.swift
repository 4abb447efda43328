import LanguageModels

/// The options that say how tokens are drawn, for `generate`, `chat` and `ask`.
struct SamplingOptions: Sendable {
  let temperature: Parameter<Double>
  let topK = Parameter<Int>.option(
    "top-k", .integer(atLeast: 0), default: 40, help: "Keep the K most probable tokens; 0 keeps all.")
  let topP = Parameter<Double>.option(
    "top-p", .number("P", above: 0, atMost: 1), default: 0.95,
    help: "Keep the fewest tokens whose probabilities reach P; 1 keeps all.")
  let minP = Parameter<Double>.option(
    "min-p", .number("P", in: 0...1), default: 0.05,
    help: "Keep tokens at least P times as probable as the most probable one; 0 keeps all.")
  let repetition = Parameter<Double>.option(
    "repetition-penalty", .number(in: 0.01...100), default: 1,
    help: "Make tokens that occurred less likely: their logits are divided by it. 1 is off.")
  let presence = Parameter<Double>.option(
    "presence-penalty", .number(in: -100...100), default: 0,
    help: "Subtract this once from the logit of each token that occurred.")
  let frequency = Parameter<Double>.option(
    "frequency-penalty", .number(in: -100...100), default: 0,
    help: "Subtract this from the logit of each token for every time it occurred.")
  let window = Parameter<Int>.option(
    "penalty-window", .integer(atLeast: -1), default: 64,
    help: "How many of the last tokens, the prompt's among them, the penalties look at; -1 is all.")
  let bias = Parameter<[TokenBias]>.options(
    "logit-bias", TokenBias.type,
    help: "Add BIAS to the logit of the token with this id: 42=-5, or 42=-inf to ban it.")
  let seed = Parameter<UInt64?>.option(
    "seed", .unsigned(), shownAs: "a random one", help: "Make the draws repeatable.")

  init(defaultTemperature: Double = 0.8) {
    temperature = .option(
      "temperature", .number(in: 0...100), default: defaultTemperature,
      help: "How freely tokens are drawn; 0 always takes the most probable one.")
  }

  var definitions: [ParameterDefinition] {
    [
      temperature.definition, topK.definition, topP.definition, minP.definition, repetition.definition,
      presence.definition, frequency.definition, window.definition, bias.definition, seed.definition,
    ]
  }

  func parameters(from arguments: Arguments) -> SamplingParameters {
    SamplingParameters(
      temperature: Float(arguments[temperature]), topK: arguments[topK], topP: Float(arguments[topP]),
      minP: Float(arguments[minP]), repetitionPenalty: Float(arguments[repetition]),
      presencePenalty: Float(arguments[presence]), frequencyPenalty: Float(arguments[frequency]),
      penaltyWindow: arguments[window],
      logitBias: Dictionary(arguments[bias].map { ($0.token, $0.bias) }, uniquingKeysWith: { $1 }),
      seed: arguments[seed])
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

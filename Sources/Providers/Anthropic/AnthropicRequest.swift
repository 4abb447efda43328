import MartletJSON
import MartletLanguageModels

/// A generation as the body of a request to the Messages API.
struct AnthropicRequest {
  private let model: AnthropicModel
  private let request: GenerationRequest

  init(_ model: AnthropicModel, _ request: GenerationRequest) {
    self.model = model
    self.request = request
  }

  /// What the prompt alone makes of a body.
  func prompt() throws -> JSON { .object(try promptMembers()) }

  /// The whole body.
  func body() throws -> JSON {
    try checkFeatures()
    var body = try promptMembers()
    body["max_tokens"] = JSON(request.maximumTokens ?? ProviderSettings.defaultMaximumTokens)
    let stop = request.stop.filter { !$0.isEmpty }
    if !stop.isEmpty { body["stop_sequences"] = .array(stop.map { .string($0) }) }
    for (name, value) in sampling() { body[name] = value }
    switch request.responseFormat {
    case .text, .json, .regex, .grammar: break
    case .jsonSchema(let schema): body["output_config"] = Self.format(schema)
    case .choice(let texts): body["output_config"] = Self.format(ChoiceSchema.schema(of: texts))
    }
    body["stream"] = true
    return .object(body)
  }

  private static func format(_ schema: JSON) -> JSON {
    ["format": ["type": "json_schema", "schema": schema]]
  }

  private func promptMembers() throws -> JSONObject {
    guard case .messages(let messages, let tools) = request.prompt else {
      throw model.unsupported("prompts without a template", "Give it messages.")
    }
    if tools != nil { throw model.unsupported("tools", "Leave them out.") }
    var body: JSONObject = ["model": .string(model.endpoint.reference.model)]
    let instructions = messages.prefix { ["system", "developer"].contains($0.role) }
    if !instructions.isEmpty {
      body["system"] = .string(instructions.map(\.content).joined(separator: "\n\n"))
    }
    body["messages"] = .array(
      try messages.dropFirst(instructions.count).map { message in
        guard ["user", "assistant"].contains(message.role) else {
          throw model.unsupported(
            "a message of ‘\(message.role)’ inside of a conversation", "Put instructions first.")
        }
        guard message.hasContent, message.extra.isEmpty else {
          throw model.unsupported("messages with tool calls or other members", "Leave them out.")
        }
        return ["role": .string(message.role), "content": .string(message.content)]
      })
    return body
  }

  /// The API's own parameters that differ from the defaults, or that a person asked for.
  private func sampling() -> JSONObject {
    let sampling = request.sampling
    let defaults = SamplingParameters()
    var members: JSONObject = [:]
    func isWanted(_ name: SamplingParameters.Name, _ isDefault: Bool) -> Bool {
      !isDefault || sampling.stated.contains(name)
    }
    if isWanted(.temperature, sampling.temperature == defaults.temperature) {
      members["temperature"] = JSON(sampling.temperature)
    }
    // Models refuse a temperature and a top_p together; a top_p of 1 keeps all tokens, as none does.
    if isWanted(.topP, sampling.topP == defaults.topP), sampling.topP != 1 {
      members["top_p"] = JSON(sampling.topP)
    }
    if isWanted(.topK, sampling.topK == defaults.topK), sampling.topK != 0 {
      members["top_k"] = JSON(sampling.topK)
    }
    return members
  }

  private func checkFeatures() throws {
    let sampling = request.sampling
    let defaults = SamplingParameters()
    func isWanted(_ name: SamplingParameters.Name, _ isDefault: Bool) -> Bool {
      !isDefault || sampling.stated.contains(name)
    }
    let advice = "It is not in Anthropic's API. Leave it out."
    let hasPenalties =
      sampling.repetitionPenalty != 1 || sampling.presencePenalty != 0 || sampling.frequencyPenalty != 0
    let wanted: [(String, Bool)] = [
      ("min_p", isWanted(.minP, sampling.minP == defaults.minP) && sampling.minP != 0),
      ("repetition_penalty", sampling.repetitionPenalty != 1),
      ("presence_penalty", sampling.presencePenalty != 0),
      ("frequency_penalty", sampling.frequencyPenalty != 0),
      (
        "penalty_window",
        isWanted(.penaltyWindow, sampling.penaltyWindow == defaults.penaltyWindow) && hasPenalties
      ),
      ("logit_bias", !sampling.logitBias.isEmpty),
      ("seed", sampling.seed != nil),
      ("log-probabilities", request.topLogProbabilities != nil),
      ("going on after the end token", request.ignoresEnd),
    ]
    if let feature = wanted.first(where: \.1) { throw model.unsupported(feature.0, advice) }
    switch request.responseFormat {
    case .json: throw model.unsupported("JSON without a schema", "Give a JSON Schema.")
    case .regex: throw model.unsupported("regular expressions", "Give a JSON Schema, or some choices.")
    case .grammar: throw model.unsupported("grammars", "Give a JSON Schema, or some choices.")
    case .choice([]): throw model.unsupported("a choice of nothing", "Give some texts.")
    case .text, .jsonSchema, .choice: break
    }
  }
}

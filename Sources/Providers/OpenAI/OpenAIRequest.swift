import MartletJSON
import MartletLanguageModels

/// A generation as the body of a request to OpenAI's API.
struct OpenAIRequest {
  private let model: OpenAIModel
  private let request: GenerationRequest
  private var body: JSONObject = [:]

  init(_ model: OpenAIModel, _ request: GenerationRequest) {
    self.model = model
    self.request = request
  }

  /// The whole body, with what the server at hand has beyond the API.
  func body() async throws -> JSON {
    var copy = self
    try copy.fillStandard()
    // Who the server is matters only to what is not in the API.
    let more = OpenAIExtras(request)
    if more.isNeeded {
      for (name, value) in try more.members(of: await model.identity.server(), model) {
        copy.body[name] = value
      }
    }
    return .object(copy.body)
  }

  private mutating func fillStandard() throws {
    body["model"] = .string(model.endpoint.reference.model)
    try fillPrompt()
    fillSampling()
    fillLimit()
    let stop = request.stop.filter { !$0.isEmpty }
    if !stop.isEmpty { body["stop"] = .array(stop.map { .string($0) }) }
    try fillProbabilities()
    try fillFormat()
    body["stream"] = true
    body["stream_options"] = ["include_usage": true]
  }

  private mutating func fillPrompt() throws {
    switch request.prompt {
    case .messages(let messages, let tools):
      if tools != nil { throw model.unsupported("tools", "Leave them out.") }
      body["messages"] = .array(
        messages.map { message in
          var object: JSONObject = [
            "role": .string(message.role), "content": message.hasContent ? .string(message.content) : .null,
          ]
          for (name, value) in message.extra { object[name] = value }
          return .object(object)
        })
    case .text(let text): body["prompt"] = .string(text)
    case .tokens(let ids): body["prompt"] = .array(ids.map { JSON(Int($0)) })
    }
  }

  private mutating func fillSampling() {
    let sampling = request.sampling
    let defaults = SamplingParameters()
    func add(_ name: SamplingParameters.Name, _ value: Float, _ usual: Float) {
      if value != usual || sampling.stated.contains(name) { body[name.rawValue] = JSON(value) }
    }
    add(.temperature, sampling.temperature, defaults.temperature)
    add(.topP, sampling.topP, defaults.topP)
    add(.presencePenalty, sampling.presencePenalty, 0)
    add(.frequencyPenalty, sampling.frequencyPenalty, 0)
    if !sampling.logitBias.isEmpty {
      body["logit_bias"] = .object(
        JSONObject(
          sampling.logitBias.sorted { $0.key < $1.key }
            // The API bans a token by -100.
            .map { ("\($0.key)", JSON($0.value == -.infinity ? -100 : $0.value)) }))
    }
    if let seed = sampling.seed {
      // The API's seeds are signed.
      body["seed"] = JSON(Int(seed & UInt64(Int.max)))
    }
  }

  private mutating func fillLimit() {
    let isChat = body["messages"] != nil
    var limit = request.maximumTokens
    // Without a limit, `completions` stops after 16 tokens, and a cap could not be kept.
    if !isChat || model.endpoint.settings.cap != nil {
      limit = limit ?? ProviderSettings.defaultMaximumTokens
    }
    guard let limit else { return }
    let isOwnServer = model.endpoint.reference.address != nil
    body[isChat && !isOwnServer ? "max_completion_tokens" : "max_tokens"] = JSON(limit)
  }

  private mutating func fillProbabilities() throws {
    guard let count = request.topLogProbabilities else { return }
    if case .choice = request.responseFormat {
      throw model.unsupported("log-probabilities of a choice", "Ask for one of the two.")
    }
    let isChat = body["messages"] != nil
    let most = isChat ? 20 : 5
    guard (0...most).contains(count) else {
      throw model.unsupported("\(count) alternatives for each token", "Ask for at most \(most).")
    }
    if isChat {
      body["logprobs"] = true
      body["top_logprobs"] = JSON(count)
    } else {
      body["logprobs"] = JSON(count)
    }
  }

  private mutating func fillFormat() throws {
    switch request.responseFormat {
    case .text, .regex, .grammar: break
    case .json: body["response_format"] = ["type": "json_object"]
    case .jsonSchema(let schema): body["response_format"] = Self.format(schema)
    case .choice(let texts):
      guard !texts.isEmpty else { throw model.unsupported("a choice of nothing", "Give some texts.") }
      body["response_format"] = Self.format(ChoiceSchema.schema(of: texts))
    }
    if body["response_format"] != nil, body["messages"] == nil {
      throw model.unsupported("a form for prompts without a template", "Give it messages.")
    }
  }

  private static func format(_ schema: JSON) -> JSON {
    [
      "type": "json_schema",
      "json_schema": ["name": "answer", "schema": schema, "strict": true],
    ]
  }
}

/// A choice as JSON: providers bind answers to a schema, whose root has to be an object.
enum ChoiceSchema {
  static func schema(of texts: [String]) -> JSON {
    [
      "type": "object",
      "properties": ["choice": ["type": "string", "enum": .array(texts.map { .string($0) })]],
      "required": ["choice"], "additionalProperties": false,
    ]
  }
}

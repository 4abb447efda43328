import MartletJSON
import MartletLanguageModels

/// How the completions of a prompt are generated.
public struct PromptGeneration: Sendable, Equatable {
  /// How freely tokens are drawn; 0 takes the most probable ones.
  public var temperature: Double
  /// The most tokens of a completion.
  public var maximumTokens: Int
  /// Texts that end a completion.
  public var stop: [String]
  /// The form that a completion must have.
  public var responseFormat: ResponseFormat

  /// Settings.
  public init(
    temperature: Double = 0, maximumTokens: Int = 256, stop: [String] = [],
    responseFormat: ResponseFormat = .text
  ) {
    self.temperature = temperature
    self.maximumTokens = maximumTokens
    self.stop = stop
    self.responseFormat = responseFormat
  }

  /// The settings for recipes.
  public var json: JSON {
    var members: JSONObject = [
      "temperature": JSON(temperature), "max_tokens": JSON(maximumTokens),
      "stop": .array(stop.map { .string($0) }),
    ]
    switch responseFormat {
    case .text: break
    case .json: members["response_format"] = "json"
    case .jsonSchema(let schema): members["response_format"] = ["json_schema": schema]
    case .regex(let pattern): members["response_format"] = ["regex": .string(pattern)]
    case .choice(let texts): members["response_format"] = ["choice": .array(texts.map { .string($0) })]
    case .grammar(let text): members["response_format"] = ["grammar": .string(text)]
    }
    return .object(members)
  }

  /// What tokens are drawn by: the temperature alone, without filters, so that models are compared alike.
  func sampling(seed: UInt64?) -> SamplingParameters {
    .temperatureAlone(temperature, seed: seed)
  }

  /// Reads the settings that are given, over others.
  package init<Failure>(
    _ members: inout MemberReader<Failure>, over other: PromptGeneration
  ) throws(Failure) {
    self = other
    temperature = try members.number("temperature") ?? temperature
    maximumTokens = try members.count("max_tokens", atLeast: 1) ?? maximumTokens
    if let stop = try members.texts("stop") {
      if stop.contains("") {
        throw members.error("stop", "is empty, which would end every completion at once")
      }
      self.stop = stop
    }
    if let format = try Self.format(&members) { responseFormat = format }
  }

  private static func format<Failure>(
    _ members: inout MemberReader<Failure>
  ) throws(Failure) -> ResponseFormat? {
    switch members.value("response_format") {
    case nil: return nil
    case .string("text")?: return .text
    case .string("json")?: return .json
    case .object?:
      guard var format = try members.object("response_format") else { return nil }
      let found: ResponseFormat
      if let schema = format.value("json_schema") {
        found = .jsonSchema(schema)
      } else if let pattern = try format.text("regex") {
        found = .regex(pattern)
      } else if let texts = try format.texts("choice"), !texts.isEmpty {
        found = .choice(texts)
      } else if let grammar = try format.text("grammar") {
        found = .grammar(grammar)
      } else {
        throw members.error("response_format", "must have one of json_schema, regex, choice, grammar")
      }
      try format.finish()
      return found
    default:
      throw members.error(
        "response_format", "must be text, json, or a mapping with json_schema, regex, choice or grammar")
    }
  }
}

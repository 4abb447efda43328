import MartletJSON
import MartletPrompting

/// Whether an output is what an assertion says.
public struct AssertionOutcome: Sendable, Equatable {
  /// The assertion for people, such as `contains "Paris"`.
  public let assertion: String
  /// The name that the file gives it, under which it is a score of its own.
  public let name: String?
  /// Whether it holds.
  public let holds: Bool
  /// What was read in the output, or why it does not hold.
  public let detail: String?

  /// An outcome.
  public init(assertion: String, name: String? = nil, holds: Bool, detail: String? = nil) {
    self.assertion = assertion
    self.name = name
    self.holds = holds
    self.detail = detail
  }

  /// The outcome for programs: `assertion`, `name`, `holds`, `detail`.
  public var json: JSON {
    var object: JSONObject = ["assertion": .string(assertion)]
    if let name { object["name"] = .string(name) }
    object["holds"] = .bool(holds)
    if let detail { object["detail"] = .string(detail) }
    return .object(object)
  }

  /// Reads what ``json`` wrote; nil where it is something else.
  init?(_ json: JSON) {
    guard let assertion = json["assertion"]?.stringValue, let holds = json["holds"]?.boolValue else {
      return nil
    }
    self.init(
      assertion: assertion, name: json["name"]?.stringValue, holds: holds, detail: json["detail"]?.stringValue
    )
  }
}

extension PromptUsage {
  /// The usage for programs.
  public var json: JSON {
    [
      "requests": JSON(requests), "prompt_tokens": JSON(promptTokens),
      "completion_tokens": JSON(completionTokens), "seconds": JSON(seconds),
      "cost": cost.map { JSON($0) } ?? .null, "replayed": JSON(replayed),
    ]
  }

  /// Reads what ``json`` wrote; nil where it is something else.
  init?(_ json: JSON) {
    guard let requests = json["requests"]?.intValue, let prompt = json["prompt_tokens"]?.intValue,
      let completion = json["completion_tokens"]?.intValue, let seconds = json["seconds"]?.doubleValue
    else { return nil }
    self.init()
    (self.requests, promptTokens, completionTokens) = (requests, prompt, completion)
    (self.seconds, cost, replayed) = (seconds, json["cost"]?.doubleValue, json["replayed"]?.intValue ?? 0)
  }
}

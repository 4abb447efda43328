import MartletJSON
import MartletLanguageModels

extension Completion {
  /// The completion as the cache keeps it.
  var json: JSON {
    [
      "text": .string(text), "completion_tokens": JSON(completionTokenCount),
      "prompt_tokens": JSON(promptTokenCount), "cached_tokens": JSON(cachedTokenCount),
      "finish_reason": .string(finishReason.rawValue), "prompt_seconds": JSON(promptSeconds),
      "completion_seconds": JSON(completionSeconds), "cost": cost.map { JSON($0) } ?? .null,
      "tokens": .array(
        tokens.map { token in
          ["chosen": Self.json(token.chosen), "top": .array(token.top.map(Self.json))]
        }),
    ]
  }

  private static func json(_ token: GeneratedToken.Alternative) -> JSON {
    .array([.array(token.bytes.map { JSON(Int($0)) }), JSON(token.logProbability)])
  }

  /// What ``json`` wrote, as a completion that is replayed; nil for anything else.
  init?(replayed json: JSON) {
    guard let text = json["text"]?.stringValue, let count = json["completion_tokens"]?.intValue,
      let prompt = json["prompt_tokens"]?.intValue, let cached = json["cached_tokens"]?.intValue,
      let reason = json["finish_reason"]?.stringValue.flatMap(FinishReason.init(rawValue:)),
      let promptSeconds = json["prompt_seconds"]?.doubleValue,
      let seconds = json["completion_seconds"]?.doubleValue, let list = json["tokens"]?.arrayValue
    else { return nil }
    var tokens: [GeneratedToken] = []
    for item in list {
      guard let chosen = item["chosen"].flatMap(Self.token), let top = item["top"]?.arrayValue else {
        return nil
      }
      tokens.append(GeneratedToken(chosen, top: top.compactMap(Self.token)))
    }
    self.init(
      text: text, tokenIDs: [], completionTokenCount: count, tokens: tokens, promptTokenCount: prompt,
      cachedTokenCount: cached, finishReason: reason, promptSeconds: promptSeconds,
      completionSeconds: seconds,
      cost: json["cost"]?.doubleValue, isReplayed: true)
  }

  private static func token(_ json: JSON) -> GeneratedToken.Alternative? {
    guard let bytes = json[0]?.arrayValue, let logProbability = json[1]?.doubleValue else { return nil }
    return .init(
      id: GeneratedToken.Alternative.unknownID,
      bytes: bytes.compactMap { $0.intValue.flatMap(UInt8.init(exactly:)) },
      logProbability: logProbability)
  }
}

extension GeneratedToken.Alternative {
  /// Stands for the ids that no provider tells.
  static let unknownID: Int32 = -1

  /// A token of a provider's: its text and its own bytes, where they are told.
  init(text: String, bytes: [UInt8]? = nil, logProbability: Double) {
    self.init(id: Self.unknownID, bytes: bytes ?? Array(text.utf8), logProbability: logProbability)
  }
}

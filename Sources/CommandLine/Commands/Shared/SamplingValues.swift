import MartletCheckpoints
import MartletJSON
import MartletLanguageModels

/// Sampling values by their names in the OpenAI API and llama.cpp, for programs and people.
struct SamplingValues {
  private var values: JSONObject

  /// What a model's makers state.
  init(_ advice: SamplingAdvice) {
    values = [:]
    for parameter in SamplingAdvice.Parameter.allCases {
      values[parameter.rawValue] =
        switch parameter {
        case .temperature: advice.temperature.map(Self.number)
        case .topK: advice.topK.map { JSON($0) }
        case .topP: advice.topP.map(Self.number)
        case .minP: advice.minP.map(Self.number)
        case .repetitionPenalty: advice.repetitionPenalty.map(Self.number)
        case .penaltyWindow: advice.penaltyWindow.map { JSON($0) }
        }
    }
  }

  /// What tokens are drawn by.
  init(_ parameters: SamplingParameters) {
    values = [
      "temperature": Self.number(parameters.temperature), "top_k": JSON(parameters.topK),
      "top_p": Self.number(parameters.topP), "min_p": Self.number(parameters.minP),
      "repetition_penalty": Self.number(parameters.repetitionPenalty),
      "presence_penalty": Self.number(parameters.presencePenalty),
      "frequency_penalty": Self.number(parameters.frequencyPenalty),
      "penalty_window": JSON(parameters.penaltyWindow),
      // Greedy needs none. A seed above 2^63 has no exact number in most readers of JSON: it is given as text.
      "seed": parameters.seed.map { seed in Int(exactly: seed).map { JSON($0) } ?? .string("\(seed)") }
        ?? .null,
    ]
  }

  /// What a provider was sent: null where its own value holds.
  init(sent parameters: SamplingParameters) {
    let (all, defaults) = (SamplingValues(parameters).values, SamplingValues(SamplingParameters()).values)
    values = JSONObject(
      all.map { name, value in
        let isStated = SamplingParameters.Name(rawValue: name).map(parameters.stated.contains) ?? false
        return (name, isStated || value.serialized() != defaults[name]?.serialized() ? value : .null)
      })
  }

  var json: JSON { .object(values) }

  /// `temperature 0.7, top_k 20`.
  var text: String { members.map { "\($0.name) \($0.value)" }.joined(separator: ", ") }

  /// Each value with its name, as text.
  var members: [(name: String, value: String)] {
    values.map { ($0.key, $0.value.isNull ? "random" : $0.value.serialized()) }
  }

  /// A number as people write it: 1, not 1.0.
  private static func number(_ value: Float) -> JSON {
    Int(exactly: value).map { JSON($0) } ?? JSON(value)
  }
}

/// How the next token is drawn from the model's logits, in the vocabulary of the OpenAI API and llama.cpp.
///
/// The steps run in llama.cpp's order: logit bias, penalties, top-k, top-p, min-p, temperature, draw. The
/// defaults are llama.cpp's too, but for the penalties, which are off. A `temperature` of 0 is greedy: the most
/// probable token, after bias and penalties, and nothing is drawn.
public struct SamplingParameters: Sendable, Equatable {
  /// The parameters that providers have defaults of their own for.
  public enum Name: String, Sendable, CaseIterable {
    case temperature
    case topK = "top_k"
    case topP = "top_p"
    case minP = "min_p"
    case repetitionPenalty = "repetition_penalty"
    case presencePenalty = "presence_penalty"
    case frequencyPenalty = "frequency_penalty"
    case penaltyWindow = "penalty_window"
  }

  /// Divides the logits; 0 is greedy.
  public var temperature: Float
  /// Keeps the k most probable tokens; 0 keeps all.
  public var topK: Int
  /// Keeps the fewest tokens whose probabilities reach this sum (nucleus sampling, Holtzman et al. 2019); 1 keeps all.
  public var topP: Float
  /// Keeps tokens at least this share as probable as the most probable one; 0 keeps all.
  public var minP: Float
  /// Divides positive and multiplies negative logits of recent tokens (CTRL, Keskar et al. 2019); 1 is off.
  public var repetitionPenalty: Float
  /// Subtracted once from the logit of each recent token.
  public var presencePenalty: Float
  /// Subtracted from the logit of each recent token for every time it occurred.
  public var frequencyPenalty: Float
  /// How many of the last tokens, the prompt's among them, the penalties look at; -1 is all of them.
  public var penaltyWindow: Int
  /// Added to the logits of these tokens, which must be the model's; -infinity forbids a token.
  public var logitBias: [Int32: Float]
  /// Makes the draws repeatable: one seed gives one text on every machine that computes the same logits. Nil takes
  /// a random one.
  public var seed: UInt64?
  /// The parameters that a person asked for. A provider's own defaults hold for a parameter that has the default value
  /// here and is not among them; for a model that runs here they make no difference.
  public var stated: Set<Name> = []

  /// Parameters with llama.cpp's defaults.
  public init(
    temperature: Float = 0.8, topK: Int = 40, topP: Float = 0.95, minP: Float = 0.05,
    repetitionPenalty: Float = 1, presencePenalty: Float = 0, frequencyPenalty: Float = 0,
    penaltyWindow: Int = 64, logitBias: [Int32: Float] = [:], seed: UInt64? = nil
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
    self.repetitionPenalty = repetitionPenalty
    self.presencePenalty = presencePenalty
    self.frequencyPenalty = frequencyPenalty
    self.penaltyWindow = penaltyWindow
    self.logitBias = logitBias
    self.seed = seed
  }

  /// Draws by a stated temperature, with no other filter at work: greedy at 0.
  public static func temperatureAlone(_ temperature: Double, seed: UInt64? = nil) -> SamplingParameters {
    var parameters =
      temperature > 0
      ? SamplingParameters(temperature: Float(temperature), topK: 0, topP: 1, minP: 0, seed: seed) : .greedy
    parameters.stated = [.temperature]
    return parameters
  }

  /// Always the most probable token.
  public static let greedy = SamplingParameters(temperature: 0)
}

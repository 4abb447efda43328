/// How a model's makers say that tokens are to be drawn: the sampling values of `generation_config.json`, or the
/// metadata `general.sampling.*` of a GGUF file. What they leave open is nil.
///
/// It is advice: what is wrong in it does not keep a model from running. Each value that is not followed stands in
/// ``unfollowed`` with the reason, for whoever draws tokens to pass on.
public struct SamplingAdvice: Sendable, Equatable {
  /// Divides the logits; 0 is greedy, which `do_sample: false` means too.
  public var temperature: Float?
  /// How many of the most probable tokens are left; 0 keeps all.
  public var topK: Int?
  /// How much of the probability is left; 1 keeps all.
  public var topP: Float?
  /// The share of the most probable token's probability that a token must have; 0 keeps all.
  public var minP: Float?
  /// By how much tokens that occurred already are held back; 1 is off.
  public var repetitionPenalty: Float?
  /// How many of the last tokens the penalty looks at; -1 is all of them.
  public var penaltyWindow: Int?
  /// What the file says and is not followed.
  public var unfollowed: [UnfollowedAdvice] = []

  /// Advice that leaves everything open.
  public init() {}

  /// The values by their names in the OpenAI API and llama.cpp, and in the order that the sampling options have.
  public enum Parameter: String, Sendable, CaseIterable {
    /// Divides the logits.
    case temperature
    /// How many tokens are left.
    case topK = "top_k"
    /// How much of the probability is left.
    case topP = "top_p"
    /// How probable a token must be beside the most probable one.
    case minP = "min_p"
    /// By how much tokens that occurred are held back.
    case repetitionPenalty = "repetition_penalty"
    /// How many tokens the penalty looks at.
    case penaltyWindow = "penalty_window"
  }
}

/// A value of a model's file that is not followed when tokens are drawn.
public struct UnfollowedAdvice: Sendable, Equatable, CustomStringConvertible {
  /// The file.
  public let file: String
  /// The value's name in the file.
  public let key: String
  /// The value, as the file has it; what is long is cut.
  public let value: String
  /// Why it is not followed.
  public let reason: String
  /// What it was for, so that a value of the person's own makes it pointless; nil for what Martlet does not have.
  public let parameter: SamplingAdvice.Parameter?
  /// Whether it bears on draws alone, and not on taking the most probable token.
  public let concernsDraws: Bool

  /// A value of `file` that is not followed.
  public init(
    file: String, key: String, value: String, reason: String, parameter: SamplingAdvice.Parameter? = nil,
    concernsDraws: Bool = false
  ) {
    self.file = file
    self.key = key
    self.value = value.count > 60 ? "\(value.prefix(60))…" : value
    self.reason = reason
    self.parameter = parameter
    self.concernsDraws = concernsDraws
  }

  /// What is not followed, where it stands, and why.
  public var description: String { "\(file): \(key) is \(value), which is not followed: \(reason)." }
}

extension SamplingAdvice {
  /// Takes a value that the file states for `parameter`, or notes why it cannot be.
  /// - Parameters:
  ///   - number: The value; nil where it is no number.
  ///   - text: The value as the file has it.
  mutating func take(_ parameter: Parameter, _ number: Double?, text: String, key: String, file: String) {
    guard let number, parameter.allows(number) else {
      let isOfDraws = [.topK, .topP, .minP].contains(parameter)
      unfollowed.append(
        UnfollowedAdvice(
          file: file, key: key, value: text, reason: "it must be \(parameter.allowed)", parameter: parameter,
          concernsDraws: isOfDraws))
      return
    }
    switch parameter {
    case .temperature: temperature = Float(number)
    // llama.cpp takes 0 and less for all tokens, vLLM -1.
    case .topK: topK = max(0, Int(number))
    case .topP: topP = Float(number)
    case .minP: minP = Float(number)
    case .repetitionPenalty: repetitionPenalty = Float(number)
    case .penaltyWindow: penaltyWindow = Int(number)
    }
  }
}

extension SamplingAdvice.Parameter {
  /// Whether a sampler can work with the number.
  fileprivate func allows(_ number: Double) -> Bool {
    switch self {
    case .temperature: Float(number) >= 0 && Float(number).isFinite
    case .topK, .penaltyWindow: Int(exactly: number).map { $0 >= -1 } ?? false
    case .topP: Float(number) > 0 && number <= 1
    case .minP: number >= 0 && number <= 1
    case .repetitionPenalty: Float(number) > 0 && Float(number).isFinite
    }
  }

  /// What a value may be.
  fileprivate var allowed: String {
    switch self {
    case .temperature: "0 (greedy) or more"
    case .topK: "a whole number, 0 or -1 for all tokens"
    case .topP: "above 0 and at most 1"
    case .minP: "from 0 to 1"
    case .repetitionPenalty: "above 0"
    case .penaltyWindow: "a whole number, -1 for all tokens"
    }
  }
}

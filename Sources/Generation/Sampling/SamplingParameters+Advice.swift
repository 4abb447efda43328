import MartletCheckpoints
import MartletLanguageModels

extension SamplingParameters {
  /// The defaults, with a model's own values in place of those that its makers state.
  public init(_ advice: SamplingAdvice) {
    self.init()
    temperature = advice.temperature ?? temperature
    topK = advice.topK ?? topK
    topP = advice.topP ?? topP
    minP = advice.minP ?? minP
    repetitionPenalty = advice.repetitionPenalty ?? repetitionPenalty
    penaltyWindow = advice.penaltyWindow ?? penaltyWindow
  }
}

extension SamplingAdvice {
  /// What of the advice is not followed when tokens are drawn by `parameters`, and would have made a difference.
  /// - Parameters:
  ///   - parameters: How tokens are drawn.
  ///   - replaced: What a person has set to something else, so that the advice on it is no longer asked for.
  public func unfollowed(
    by parameters: SamplingParameters, replacing replaced: Set<Parameter> = []
  ) -> [UnfollowedAdvice] {
    unfollowed.filter { advice in
      !(advice.parameter.map(replaced.contains) ?? false)
        && !(advice.concernsDraws && parameters.temperature == 0)
    }
  }
}

import LanguageModels
import Tensors

/// Draws the next token from logits as ``SamplingParameters`` say, and remembers what it drew.
struct Sampler {
  private let parameters: SamplingParameters
  private var history: [Int32]
  private var random: RandomNumbers
  private var scratch: [Float] = []

  /// A sampler that has seen `history`, the prompt.
  /// - Throws: ``SamplingError`` where a parameter is outside what it may be.
  init(_ parameters: SamplingParameters, history: [Int32]) throws(SamplingError) {
    try parameters.validate()
    self.parameters = parameters
    self.history = history
    random = RandomNumbers(seed: parameters.seed ?? .random(in: .min ... .max))
  }

  /// Draws a token from row `row` of `logits`.
  /// - Throws: ``GenerationError/notANumber`` where the logits hold no number to draw from.
  mutating func sample(_ logits: Tensor, row: Int) throws(GenerationError) -> Int32 {
    let token: Int32
    if parameters.temperature == 0, !changesLogits {
      token = Int32(logits.argmax(row: row))
      guard logits.withRow(row, { $0[Int(token)].isFinite }) else { throw .notANumber }
    } else {
      logits.withRow(row) { values in
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: values)
      }
      token = try sampleFromScratch()
    }
    if usesPenalties { history.append(token) }
    return token
  }

  private mutating func sampleFromScratch() throws(GenerationError) -> Int32 {
    applyBias()
    applyPenalties()
    var candidates = scratch.withUnsafeBufferPointer {
      Candidates($0, top: parameters.temperature == 0 ? 1 : parameters.topK)
    }
    guard let best = candidates.list.first, best.logit.isFinite else { throw .notANumber }
    if parameters.temperature == 0 { return best.token }
    candidates.keepTopP(parameters.topP)
    candidates.keepMinP(parameters.minP)
    return candidates.draw(at: random.uniform(), temperature: parameters.temperature)
  }

  private var usesPenalties: Bool {
    parameters.repetitionPenalty != 1 || parameters.presencePenalty != 0 || parameters.frequencyPenalty != 0
  }

  private var changesLogits: Bool { usesPenalties || !parameters.logitBias.isEmpty }

  private mutating func applyBias() {
    for (token, bias) in parameters.logitBias where token >= 0 && Int(token) < scratch.count {
      scratch[Int(token)] += bias
    }
  }

  /// llama.cpp's penalties, over the last tokens of prompt and completion.
  private mutating func applyPenalties() {
    guard usesPenalties else { return }
    var counts: [Int32: Int] = [:]
    let window = parameters.penaltyWindow < 0 ? history.count : parameters.penaltyWindow
    for token in history.suffix(window) { counts[token, default: 0] += 1 }
    for (token, count) in counts where token >= 0 && Int(token) < scratch.count {
      var logit = scratch[Int(token)]
      logit = logit <= 0 ? logit * parameters.repetitionPenalty : logit / parameters.repetitionPenalty
      logit -= Float(count) * parameters.frequencyPenalty + parameters.presencePenalty
      scratch[Int(token)] = logit
    }
  }
}

/// A sampling parameter outside what it may be.
public struct SamplingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The parameter, by its name in the OpenAI API and llama.cpp.
  public let parameter: String
  /// What it may be.
  public let allowed: String

  /// What is wrong, and what to do.
  public var description: String { "\(parameter) must be \(allowed)." }
}

extension SamplingParameters {
  /// - Throws: ``SamplingError`` for the first parameter that is outside what it may be.
  func validate() throws(SamplingError) {
    func check(_ holds: Bool, _ parameter: String, _ allowed: String) throws(SamplingError) {
      guard holds else { throw SamplingError(parameter: parameter, allowed: allowed) }
    }
    try check(temperature.isFinite && temperature >= 0, "temperature", "0 (greedy) or more")
    try check(topK >= 0, "top_k", "0 (all tokens) or more")
    try check(topP > 0 && topP <= 1, "top_p", "above 0 and at most 1")
    try check(minP >= 0 && minP <= 1, "min_p", "from 0 to 1")
    try check(repetitionPenalty.isFinite && repetitionPenalty > 0, "repeat_penalty", "above 0")
    try check(presencePenalty.isFinite, "presence_penalty", "a number")
    try check(frequencyPenalty.isFinite, "frequency_penalty", "a number")
    try check(penaltyWindow >= -1, "repeat_last_n", "-1 (all) or more")
    try check(logitBias.values.allSatisfy { !$0.isNaN }, "logit_bias", "numbers")
  }
}

import MartletGrammars
import MartletLanguageModels
import MartletTensors

/// Draws the next token from logits as ``SamplingParameters`` say, and tells its processors what it drew.
struct Sampler {
  private let parameters: SamplingParameters
  private var processors: [any LogitProcessor]
  private var random: RandomNumbers
  private var scratch: [Float] = []

  /// A sampler that has seen `history`, the prompt.
  /// - Parameter processors: What has a say beside the parameters' own bias and penalties, and after them.
  /// - Throws: ``SamplingError`` where a parameter is outside what it may be.
  init(
    _ parameters: SamplingParameters, history: [Int32], processors: [any LogitProcessor] = []
  ) throws(SamplingError) {
    try parameters.validate()
    self.parameters = parameters
    self.processors = parameters.logitProcessors + processors
    for index in self.processors.indices { self.processors[index].begin(after: history) }
    random = RandomNumbers(seed: parameters.seed ?? .random(in: .min ... .max))
  }

  /// Draws a token from row `row` of `logits`.
  /// - Parameter mask: The tokens that may come, beside the processors' own masks; nil allows all.
  /// - Throws: ``GenerationError/notANumber`` where one of the logits is not finite,
  ///   ``GenerationError/unknownToken(_:vocabularySize:)`` for a bias of a token that has no logit, and
  ///   ``GenerationError/everyTokenForbidden`` where biases and masks leave nothing to draw.
  mutating func sample(
    _ logits: Tensor, row: Int, mask: TokenMask? = nil
  ) throws(GenerationError) -> Int32 {
    guard logits.withRow(row, Self.areFinite) else { throw .notANumber }
    if parameters.temperature == 0, processors.isEmpty, mask == nil {
      return Int32(logits.argmax(row: row))
    }
    logits.withRow(row) { values in
      scratch.removeAll(keepingCapacity: true)
      scratch.append(contentsOf: values)
    }
    return try sampleFromScratch(mask)
  }

  /// Tells the processors that `token` was taken.
  mutating func accept(_ token: Int32) throws {
    for index in processors.indices { try processors[index].accept(token) }
  }

  /// Whether a processor lets nothing follow.
  var isFinished: Bool { processors.contains(where: \.isFinished) }

  private mutating func sampleFromScratch(_ mask: TokenMask?) throws(GenerationError) -> Int32 {
    if let token = parameters.logitBias.keys.filter({ $0 < 0 || Int($0) >= scratch.count }).min() {
      throw .unknownToken(token, vocabularySize: scratch.count)
    }
    for processor in processors { processor.process(&scratch) }
    for processor in processors { processor.mask()?.apply(to: &scratch) }
    mask?.apply(to: &scratch)
    var candidates = scratch.withUnsafeBufferPointer {
      Candidates($0, top: parameters.temperature == 0 ? 1 : parameters.topK)
    }
    guard let best = candidates.list.first, best.logit > -.infinity else { throw .everyTokenForbidden }
    if parameters.temperature == 0 { return best.token }
    candidates.keepTopP(parameters.topP)
    candidates.keepMinP(parameters.minP)
    return candidates.draw(at: random.uniform(), temperature: parameters.temperature)
  }

  /// Whether no logit is infinite or no number. Bits compare in many lanes at once, where floats would not.
  private static func areFinite(_ values: UnsafeBufferPointer<Float>) -> Bool {
    var largest: UInt32 = 0
    for value in values { largest = max(largest, value.bitPattern & 0x7FFF_FFFF) }
    return largest < Float.infinity.bitPattern
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
    // A bias of -infinity forbids a token.
    try check(
      logitBias.values.allSatisfy { !$0.isNaN && $0 < .infinity }, "logit_bias", "numbers below infinity")
  }

  /// What changes the logits, in llama.cpp's order.
  fileprivate var logitProcessors: [any LogitProcessor] {
    var processors: [any LogitProcessor] = []
    if !logitBias.isEmpty { processors.append(LogitBias(biases: logitBias)) }
    if repetitionPenalty != 1 || presencePenalty != 0 || frequencyPenalty != 0 {
      processors.append(
        RepetitionPenalties(
          repetition: repetitionPenalty, presence: presencePenalty, frequency: frequencyPenalty,
          window: penaltyWindow))
    }
    return processors
  }
}

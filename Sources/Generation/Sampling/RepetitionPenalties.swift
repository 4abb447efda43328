/// llama.cpp's penalties for what the last tokens of prompt and completion hold already (`llama-sampling.cpp`,
/// `llama_sampler_penalties`).
struct RepetitionPenalties: LogitProcessor {
  /// Divides positive and multiplies negative logits, once however often a token occurred.
  let repetition: Float
  /// Subtracted once.
  let presence: Float
  /// Subtracted for every time.
  let frequency: Float
  /// How many of the last tokens count; negative is all.
  let window: Int
  private var history: [Int32] = []

  init(repetition: Float, presence: Float, frequency: Float, window: Int) {
    (self.repetition, self.presence, self.frequency, self.window) = (repetition, presence, frequency, window)
  }

  mutating func begin(after prompt: [Int32]) { history = prompt }

  mutating func accept(_ token: Int32) { history.append(token) }

  func process(_ logits: inout [Float]) {
    var counts: [Int32: Int] = [:]
    for token in history.suffix(window < 0 ? history.count : window) { counts[token, default: 0] += 1 }
    for (token, count) in counts where token >= 0 && Int(token) < logits.count {
      var logit = logits[Int(token)]
      logit = logit <= 0 ? logit * repetition : logit / repetition
      logit -= Float(count) * frequency + presence
      logits[Int(token)] = logit
    }
  }
}

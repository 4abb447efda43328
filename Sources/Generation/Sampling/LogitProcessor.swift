/// Changes the logits before a token is drawn from them: penalties and biases do, and what binds an answer to a
/// grammar will.
protocol LogitProcessor: Sendable {
  /// - Parameters:
  ///   - logits: one for each token of the vocabulary; -infinity forbids a token.
  ///   - history: the tokens of the prompt and of what was drawn so far.
  func process(_ logits: inout [Float], history: [Int32])
}

/// Adds a number of its own to the logits of some tokens.
struct LogitBias: LogitProcessor {
  let biases: [Int32: Float]

  func process(_ logits: inout [Float], history: [Int32]) {
    for (token, bias) in biases where token >= 0 && Int(token) < logits.count { logits[Int(token)] += bias }
  }
}

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

  func process(_ logits: inout [Float], history: [Int32]) {
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

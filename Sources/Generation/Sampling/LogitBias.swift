/// Adds a number of its own to the logits of some tokens.
struct LogitBias: LogitProcessor {
  let biases: [Int32: Float]

  func process(_ logits: inout [Float]) {
    for (token, bias) in biases where token >= 0 && Int(token) < logits.count { logits[Int(token)] += bias }
  }
}

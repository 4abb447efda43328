import Foundation
import MartletLanguageModels
import MartletTensors
import MartletTokenizers

/// Log-probabilities of tokens from rows of logits, as the model gives them before sampling changes anything.
struct TokenProbabilities {
  private let top: Int
  private let tokenizer: Tokenizer

  init(top: Int, tokenizer: Tokenizer) {
    self.top = max(0, top)
    self.tokenizer = tokenizer
  }

  /// The token that was drawn from row `row` of `logits`, beside the most probable ones.
  func token(_ id: TokenID, logits: Tensor, row: Int) -> GeneratedToken {
    logits.withRow(row) { values in
      let total = Self.logSumExp(values)
      func alternative(_ id: TokenID) -> GeneratedToken.Alternative {
        let logProbability = values.indices.contains(Int(id)) ? Double(values[Int(id)]) - total : -.infinity
        return .init(id: id, bytes: tokenizer.bytes(of: id), logProbability: logProbability)
      }
      let best = top == 0 ? [] : Candidates(values, top: top).list.map { alternative($0.token) }
      return GeneratedToken(alternative(id), top: best)
    }
  }

  private static func logSumExp(_ values: UnsafeBufferPointer<Float>) -> Double {
    let largest = Double(values.max() ?? 0)
    return largest + log(values.reduce(0) { $0 + exp(Double($1) - largest) })
  }
}

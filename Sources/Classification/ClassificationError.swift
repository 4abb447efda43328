import FoundationEssentials

/// Why a text cannot be classified or filled.
public enum ClassificationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The tokenizer has no token for masks.
  case noMaskToken
  /// The text has no mask, which the model writes so.
  case noMask(token: String)
  /// The head needs a second text, or takes none.
  case pair(isNeeded: Bool)
  /// The model computed something that is not a number.
  case notFinite
  /// A classifier with several labels gives no one score to rank by.
  case notAReranker(labels: [String])

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .noMaskToken:
      "The model's tokenizer has no mask token, so it cannot be told which word to fill."
    case .noMask(let token):
      "The text has no mask. Write \(token) in the place of the word that is to be found."
    case .notFinite:
      "The model computed a value that is not a number. Its file may be damaged: pull it again."
    case .notAReranker(let labels):
      """
      The model has \(labels.count) labels (\(labels.prefix(4).joined(separator: ", "))), and a reranker has one. \
      Choose a cross-encoder, such as ms-marco-minilm-l6-v2.
      """
    case .pair(isNeeded: true):
      "The model compares two sentences, and only one was given. Give the second one, too."
    case .pair(isNeeded: false):
      "The model classifies each token of one text, and two texts were given. Leave out the second one."
    }
  }
}

extension ClassificationError {
  /// Refuses logits that are not numbers, which would be ranked at random.
  static func check(_ logits: some Sequence<Float>) throws(ClassificationError) {
    guard logits.allSatisfy(\.isFinite) else { throw .notFinite }
  }
}

extension ClassificationError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

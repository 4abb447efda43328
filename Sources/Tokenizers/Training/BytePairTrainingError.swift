/// Why no vocabulary could be learned.
public enum BytePairTrainingError: Error, Sendable, Equatable {
  /// The vocabulary is to be smaller than what it begins with: the special tokens and one token for each byte.
  case vocabularyTooSmall(asked: Int, smallest: Int)
  /// A special token is empty, or is there twice.
  case unusableSpecialToken(String)
  /// A text is not UTF-8 from this byte on.
  case notUTF8(offset: Int)
  /// There is no text to learn from.
  case noText
  /// The task was cancelled.
  case cancelled
}

extension BytePairTrainingError: CustomStringConvertible {
  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .vocabularyTooSmall(let asked, let smallest):
      """
      A vocabulary of \(asked) tokens is too small: the special tokens and one token for each of the 256 bytes \
      are \(smallest). Ask for more.
      """
    case .unusableSpecialToken(let token):
      token.isEmpty
        ? "A special token is empty. Give each a text, such as <|endoftext|>."
        : "The special token \(token) is given twice. Give it once."
    case .notUTF8(let offset): "The text is not UTF-8 at byte \(offset). Convert it to UTF-8."
    case .noText: "There is no text to learn from: all texts are empty."
    case .cancelled: "Learning the vocabulary was cancelled."
    }
  }
}

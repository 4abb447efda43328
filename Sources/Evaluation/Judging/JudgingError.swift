import MartletJSON

/// Why answers cannot be judged.
public enum JudgingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There are not as many lists of references as predictions.
  case counts(predictions: Int, references: Int)
  /// A prediction, from 0, has no reference.
  case noReference(Int)
  /// The embeddings are not one vector for each text, of one length.
  case embeddings(problem: String)
  /// The embedding of a text is zero or not finite, so that it has no direction.
  case noDirection(text: String)
  /// There is nothing to measure.
  case nothing
  /// An item, from 0, has no right choice, or log-likelihoods that give no probabilities.
  case choices(item: Int, problem: String)
  /// There cannot be so many bins.
  case bins(Int)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .counts(let predictions, let references):
      "There are \(predictions) predictions, but \(references) lists of references. Give a list for each prediction."
    case .noReference(let index): "Prediction \(index + 1) has no reference to be compared with."
    case .embeddings(let problem): "The embeddings cannot be compared: \(problem)."
    case .noDirection(let text):
      "The embedding of \(JSON.quoted(String(text.prefix(60)))) is zero or not finite, so it has no direction."
    case .nothing: "There are no items to measure."
    case .choices(let item, let problem): "Item \(item + 1) cannot be measured: \(problem)."
    case .bins(let count): "Confidences cannot be put into \(count) bins. Take one or more."
    }
  }
}

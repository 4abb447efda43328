/// Whether a prediction is right to the letter.
public enum Accuracy {
  /// Whether the prediction equals one of the references, code point by code point. Nothing is trimmed or folded, as in
  /// `exact_match` of the library `evaluate`: white space at an end is a difference.
  public static func isCorrect(_ prediction: String, references: [String]) -> Bool {
    // `==` of strings would take composed and decomposed letters for equal.
    references.contains { $0.utf8.elementsEqual(prediction.utf8) }
  }
}

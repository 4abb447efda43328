extension Oracle {
  /// The programs of the skill Evaluation.
  static let evaluation: [Oracle] = []
}

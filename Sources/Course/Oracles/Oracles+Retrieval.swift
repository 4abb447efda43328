extension Oracle {
  /// The programs of the skill Retrieval.
  static let retrieval: [Oracle] = []
}

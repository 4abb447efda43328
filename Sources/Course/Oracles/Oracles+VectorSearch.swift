extension Oracle {
  /// The programs of the skill VectorSearch.
  static let vectorSearch: [Oracle] = []
}

extension Oracle {
  /// The programs of the skill Prompting.
  static let prompting: [Oracle] = []
}

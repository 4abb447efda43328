extension Oracle {
  /// The programs of the skill FineTuning.
  static let fineTuning: [Oracle] = []
}

/// What was read of files of examples, and what of it was left out. Nothing is left out that is not here.
public struct TrainingDataReport: Sendable, Equatable {
  /// The rows that were read; of code and plain text, the files.
  public internal(set) var rows = 0
  /// The rows that were left out since nothing can be learned from them or they are too long, with line and reason.
  public internal(set) var skipped: [SkippedRow] = []
  /// The examples whose end was cut off, those among them that were dropped for it.
  public internal(set) var cut = 0
  /// The examples of which no counted token was left once they were cut.
  public internal(set) var dropped = 0
  /// The examples that became several.
  public internal(set) var split = 0
  /// The rows that were refused as too long; they are among ``skipped``.
  public internal(set) var refused = 0
  /// The tokens of the examples.
  public internal(set) var tokens = 0
  /// The tokens that the loss counts.
  public internal(set) var countedTokens = 0
  /// What else a person should know, a sentence each.
  public internal(set) var warnings: [String] = []

  /// A report on nothing.
  public init() {}
}

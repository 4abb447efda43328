/// How rows become examples.
public struct TrainingDataOptions: Sendable, Equatable {
  /// What becomes of an example that is longer than ``TrainingDataOptions/maximumLength``.
  public enum Overflow: String, Sendable, CaseIterable {
    /// It keeps its beginning; where none of that counts, it is dropped.
    case cut
    /// It becomes several examples, in which each of its counted tokens counts once.
    case split
    /// It is a bad row.
    case refuse
  }

  /// What becomes of a row that nothing can be learned from.
  public enum BadRows: Sendable {
    /// The first ends the reading with an error.
    case fatal
    /// It is left out and reported.
    case skipped
  }

  /// Which tokens the loss counts.
  public enum Loss: String, Sendable, CaseIterable {
    /// Those of completions, outputs and the assistant's messages, with the token that ends them; all of plain text.
    case answers
    /// All.
    case all
  }

  /// The most tokens of an example, at least 2.
  public var maximumLength: Int
  /// What becomes of longer examples.
  public var overflow: Overflow
  /// What becomes of bad rows.
  public var badRows: BadRows
  /// Which tokens count.
  public var loss: Loss
  /// Draws which pieces of code are turned into a gap to be filled, and where.
  public var seed: UInt64

  /// The usual choices.
  public init(
    maximumLength: Int = 1024, overflow: Overflow = .cut, badRows: BadRows = .fatal, loss: Loss = .answers,
    seed: UInt64 = 0
  ) {
    self.maximumLength = max(2, maximumLength)
    (self.overflow, self.badRows, self.loss, self.seed) = (overflow, badRows, loss, seed)
  }
}

/// The unit of work: the tokens of all sequences end to end, with no padding anywhere.
///
/// Embedding texts, reading prompts, decoding many conversations at once and a training step all take this form.
public struct PackedBatch {
  /// One sequence's share of the batch.
  public struct Sequence {
    /// Its rows in the batch.
    public let rows: Range<Int>
    /// The position of its first row: the tokens that went before it.
    public let firstPosition: Int
    /// The keys and values of what went before; nil for an encoder, which sees nothing but the batch.
    public let cache: KeyValueCache?
  }

  /// The token ids of all sequences, end to end.
  public private(set) var tokens: [Int32] = []
  /// The sequences, in the order of their rows.
  public private(set) var sequences: [Sequence] = []

  /// Whether the backward pass computes what each block of a model computed again, instead of keeping it. It matters to
  /// passes over recorded weights alone.
  public var checkpointsBlocks = false

  /// A batch without sequences.
  public init() {}

  /// A batch of one sequence that continues `cache`.
  public init(_ tokens: [Int32], cache: KeyValueCache? = nil) {
    append(tokens, cache: cache)
  }

  /// Adds a sequence, or the next tokens of one that `cache` holds the beginning of.
  public mutating func append(_ tokens: some Collection<Int32>, cache: KeyValueCache? = nil) {
    let first = self.tokens.count
    self.tokens.append(contentsOf: tokens)
    sequences.append(
      Sequence(rows: first..<self.tokens.count, firstPosition: cache?.length ?? 0, cache: cache))
  }

  /// Each row's position in its sequence.
  public var positions: [Int] {
    sequences.flatMap { sequence in
      sequence.rows.indices.map { $0 - sequence.rows.lowerBound + sequence.firstPosition }
    }
  }

  /// Marks the batch's tokens as stored in their caches, once every layer has them.
  public func commit() {
    for sequence in sequences { sequence.cache?.advance(by: sequence.rows.count) }
  }
}

import Synchronization

/// How many tokens go through an encoder at once: as many as keep its activations in the processor's cache, and fewer where
/// such a batch takes long, so that work can be broken off within a second on a slow or busy machine, too.
final class BatchPace: Sendable {
  /// The activations of so many tokens stay in the cache.
  static let mostTokens = 512
  /// Smaller batches are hardly any sooner done: one text may have as many tokens.
  static let fewestTokens = 64
  /// A batch should take no longer.
  static let longest = Duration.milliseconds(500)

  private let tokens = Mutex(mostTokens)

  /// The most tokens of the next batch; a single text may have more.
  var tokensPerBatch: Int { tokens.withLock { $0 } }

  /// Does a batch's work, and learns from the time that it takes.
  func measuring<Result>(_ work: () throws -> Result) rethrows -> Result {
    let start = ContinuousClock.now
    let result = try work()
    note(ContinuousClock.now - start)
    return result
  }

  /// Takes smaller batches after a slow one, and larger ones again after one that was quick.
  func note(_ time: Duration) {
    tokens.withLock { tokens in
      if time > Self.longest {
        tokens = max(Self.fewestTokens, tokens / 2)
      } else if time * 4 < Self.longest {
        tokens = min(Self.mostTokens, tokens * 2)
      }
    }
  }
}

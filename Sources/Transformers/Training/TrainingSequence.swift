import MartletTensors

/// Tokens to learn from, and what is to follow each of them.
public struct TrainingSequence: Sendable, Equatable {
  /// The token ids.
  public let tokens: [Int32]
  /// What is to follow each token; nil where it does not count.
  public let targets: [Int32?]

  /// The tokens whose targets count.
  public var countedTokens: Int { targets.count { $0 != nil } }

  /// Tokens with their targets.
  /// - Throws: ``ModelError/misfitTargets(tokens:targets:)`` unless there is a target, or nil, for each token.
  public init(tokens: [Int32], targets: [Int32?]) throws(ModelError) {
    guard tokens.count == targets.count else {
      throw .misfitTargets(tokens: tokens.count, targets: targets.count)
    }
    (self.tokens, self.targets) = (tokens, targets)
  }

  /// Tokens each of which is the target of the one before it.
  /// - Parameters:
  ///   - tokens: The token ids.
  ///   - first: The number of the first token that counts as a target: what stands before it, as a prompt does, is
  ///     read and not learned.
  public init(_ tokens: [Int32], countingFrom first: Int = 1) {
    self.tokens = tokens
    targets = tokens.indices.map { index in
      index + 1 < tokens.count && index + 1 >= first ? tokens[index + 1] : nil
    }
  }
}

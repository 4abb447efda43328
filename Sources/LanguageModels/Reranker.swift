/// What scores how well passages answer a query, reading each with the query: a cross-encoder, or a language model that is
/// asked.
public protocol Reranker: Sendable {
  /// What people call the model.
  var name: String { get }

  /// The scores of `passages`, in their order.
  /// - Throws: What the model throws; `CancellationError`, within a batch's time, where the task is cancelled.
  func scores(of passages: [String], for query: String) throws -> [RelevanceScore]
}

/// How well a passage answers a query.
public struct RelevanceScore: Sendable, Equatable {
  /// Larger is better; comparable within one query.
  public var value: Double
  /// How many tokens were cut to fit the model's context.
  public var cutTokens: Int

  /// A score.
  public init(_ value: Double, cutTokens: Int = 0) {
    (self.value, self.cutTokens) = (value, cutTokens)
  }
}

import Foundation

/// A run of a task with a model, as it is kept.
public struct EvaluationRun: Sendable {
  /// Its number in the store.
  public let id: Int
  /// What its numbers depend on.
  public let recipe: RunRecipe
  /// The items of the task.
  public let itemCount: Int
  /// How many of them have a result.
  public let resultCount: Int
  /// When it began.
  public let started: Date
  /// When its last item was done; nil where it was stopped before.
  public let finished: Date?
  /// How long the model has worked on it, over all its parts, in seconds.
  public let seconds: Double
  /// The scores by name, where it is finished.
  public let scores: [String: ScoreSummary]

  /// Whether each item has a result.
  public var isFinished: Bool { finished != nil }
}

import Foundation

/// How the learning rate changes over a run, as in transformers' `get_linear_schedule_with_warmup` and its like: the first
/// step of a warm-up has a rate of 0.
///
/// ```swift
/// let schedule = LearningRateSchedule(.linear, warmupSteps: 2)
/// let factors = (0..<6).map { schedule.factor(at: $0, of: 6) }  // [0, 0.5, 1, 0.75, 0.5, 0.25]
/// ```
public struct LearningRateSchedule: Sendable, Equatable {
  /// What the rate does after the warm-up.
  public enum Shape: String, Sendable, CaseIterable {
    /// Falls to 0 in a straight line.
    case linear
    /// Falls to 0 along half a wave of the cosine.
    case cosine
    /// Stays.
    case constant
  }

  /// What the rate does after the warm-up.
  public let shape: Shape
  /// How many steps it takes to rise from 0 to its full value.
  public let warmupSteps: Int

  /// A schedule.
  public init(_ shape: Shape, warmupSteps: Int = 0) { (self.shape, self.warmupSteps) = (shape, warmupSteps) }

  /// What the learning rate is multiplied by.
  /// - Parameters:
  ///   - step: The number of the step, from 0 on.
  ///   - total: How many steps there will be.
  public func factor(at step: Int, of total: Int) -> Double {
    if step < warmupSteps { return Double(step) / Double(max(1, warmupSteps)) }
    let progress = Double(step - warmupSteps) / Double(max(1, total - warmupSteps))
    return switch shape {
    case .constant: 1
    case .linear: max(0, Double(total - step) / Double(max(1, total - warmupSteps)))
    case .cosine: max(0, 0.5 * (1 + cos(.pi * progress)))
    }
  }
}

import Dispatch
import Foundation

/// Bounds the memory of all bodies of requests, or of answers, together: whoever wants to read one when too many are
/// there has to wait.
final class BodyBudget: Sendable {
  /// The most bytes of bodies at a time.
  let total: Int
  private let condition = NSCondition()
  nonisolated(unsafe) private var used = 0  // Under `condition`.

  init(total: Int) { self.total = total }

  /// Takes bytes, where they come free in time.
  func take(_ bytes: Int, within seconds: Double) -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    condition.lock()
    defer { condition.unlock() }
    while used + bytes > total {
      guard condition.wait(until: deadline) else { return false }
    }
    used += bytes
    return true
  }

  func giveBack(_ bytes: Int) {
    condition.lock()
    used -= bytes
    condition.broadcast()
    condition.unlock()
  }
}

/// Whether the work at hand is to be broken off.
///
/// A task stays cancelled once it is. What has to be put in order after that, such as dropping half a copy, is shielded
/// from it, or nothing that asks could do it.
package enum Cancellation {
  @TaskLocal private static var isShielded = false

  /// Whether the task was cancelled and this part of it is not shielded.
  package static var isRequested: Bool { !isShielded && Task.isCancelled }

  /// Throws `CancellationError` where the work is to be broken off.
  package static func check() throws(CancellationError) {
    if isRequested { throw CancellationError() }
  }

  /// Runs `body` to its end, whether the task is cancelled or not.
  @discardableResult
  package static func shield<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $isShielded.withValue(true, operation: body)
  }
}

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Waiting in a thread of work, which a cancelled task does not sit out.
enum Pause {
  /// How soon a cancellation is noticed.
  private static let step = Duration.milliseconds(50)

  /// Sleeps for so long.
  /// - Returns: False as soon as the task is cancelled.
  static func sleep(_ duration: Duration) -> Bool {
    let end = ContinuousClock.now + duration
    while !Task.isCancelled {
      let rest = end - ContinuousClock.now
      guard rest > .zero else { return true }
      let next = min(rest, step)
      usleep(UInt32(next.inSeconds * 1e6))
    }
    return false
  }
}

/// How often, and how patiently, something is tried again.
public struct HTTPPatience: Sendable, Equatable {
  /// Tries that may fail one after the other without bringing anything.
  public var tries: Int
  /// The pause after the first failure; each further one is twice as long.
  public var firstPause: Duration
  /// The longest pause that a failure alone asks for.
  public var longestPause: Duration
  /// The longest wish of a server (`Retry-After`) that is waited for.
  public var longestWish: Duration
  /// Seconds until there is a connection.
  public var connectSeconds: Int
  /// A connection that brings nothing for so many seconds is given up.
  public var stallSeconds: Int

  /// Patience.
  public init(
    tries: Int = 6, firstPause: Duration = .seconds(1), longestPause: Duration = .seconds(30),
    longestWish: Duration = .seconds(120), connectSeconds: Int = 20, stallSeconds: Int = 30
  ) {
    self.tries = max(1, tries)
    self.firstPause = firstPause
    self.longestPause = longestPause
    self.longestWish = longestWish
    self.connectSeconds = connectSeconds
    self.stallSeconds = stallSeconds
  }

  /// The time-outs of one try.
  public var timeouts: HTTPTimeouts {
    HTTPTimeouts(connectSeconds: connectSeconds, silenceSeconds: stallSeconds)
  }

  /// The pause after so many failures. A random part keeps many clients from coming back at the same moment.
  public func pause(afterFailures failures: Int) -> Duration {
    let whole = min(longestPause, firstPause * Double(1 << min(max(0, failures - 1), 20)))
    return whole * Double.random(in: 0.75...1)
  }
}

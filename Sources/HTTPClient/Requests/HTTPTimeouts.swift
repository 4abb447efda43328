/// How long a request may take.
public struct HTTPTimeouts: Sendable, Equatable {
  /// Seconds until there is a connection.
  public var connectSeconds: Int
  /// Seconds in which nothing may come, from the request on; nil waits for ever.
  public var silenceSeconds: Int?
  /// Seconds from the request to the end of the answer; nil sets no limit.
  public var wholeSeconds: Int?

  /// Time-outs.
  public init(connectSeconds: Int = 20, silenceSeconds: Int? = 60, wholeSeconds: Int? = nil) {
    self.connectSeconds = connectSeconds
    self.silenceSeconds = silenceSeconds
    self.wholeSeconds = wholeSeconds
  }
}

/// What a server takes from its clients, and for how long it waits for them.
public struct ServerLimits: Sendable, Equatable {
  /// The most bytes of a body.
  public var body = 64 << 20
  /// The most bytes of all bodies that are in memory at a time; at least one fits.
  public var bodiesTogether = 128 << 20
  /// The most bytes of an answer with records.
  public var answer = 512 << 20
  /// The most bytes of all such answers that are in memory at a time.
  public var answersTogether = 1 << 30
  /// The most connections at a time, each of which has a thread; those above it are closed at once.
  public var connections = 512
  /// How long a connection may be idle between two requests, and how long a client may stop in one. Chroma's client
  /// keeps connections for 40 seconds.
  public var idleSeconds = 60
  /// How long the head of a request may take.
  public var headSeconds = 30
  /// The slowest that a body may come and an answer may be taken, in bytes a second, beside `headSeconds`.
  public var slowestRate = 256 << 10
  /// How long a request may search; what takes longer is given up.
  public var searchSeconds = 60.0
  /// How long requests may take to end when the server stops.
  public var stopSeconds = 10

  /// The usual limits.
  public init() {}

  /// The time for so many bytes.
  func time(for bytes: Int) -> Duration {
    .seconds(headSeconds) + .seconds(Double(bytes) / Double(max(1, slowestRate)))
  }
}

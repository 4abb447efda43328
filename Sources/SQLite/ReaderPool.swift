/// Connections that read one file, one for each reader at work, kept for the next.
public final class ReaderPool<Failure: Error>: Sendable {
  private let open: @Sendable () throws(Failure) -> SQLiteConnection<Failure>
  private let idle: Locked<[SQLiteConnection<Failure>]>
  /// Readers come in crowds seldom; what they leave is not kept for ever.
  private static var mostIdle: Int { 16 }

  /// - Parameters:
  ///   - first: A connection that is there already.
  ///   - open: Opens a further one.
  public init(
    first: SQLiteConnection<Failure>,
    open: @escaping @Sendable () throws(Failure) -> SQLiteConnection<Failure>
  ) {
    self.open = open
    idle = Locked([first])
  }

  /// Runs `body` on a connection of its own.
  public func withConnection<Result>(_ body: (SQLiteConnection<Failure>) throws -> Result) throws -> Result {
    let connection = try take()
    defer { give(back: connection) }
    return try body(connection)
  }

  /// Runs `body` within one state of the database.
  public func read<Result>(_ body: (SQLiteConnection<Failure>) throws -> Result) throws -> Result {
    try withConnection { connection in
      try connection.execute("BEGIN DEFERRED")
      // A reading transaction has nothing to lose; COMMIT and ROLLBACK end it alike.
      defer { try? connection.execute("COMMIT") }
      return try body(connection)
    }
  }

  /// Gives back the memory of pages that idle readers keep, as after one has read all records.
  public func releasePages() {
    idle.withLock { idle in for connection in idle { connection.releasePages() } }
  }

  private func take() throws(Failure) -> SQLiteConnection<Failure> {
    if let known = idle.withLock({ $0.popLast() }) { return known }
    return try open()
  }

  private func give(back connection: SQLiteConnection<Failure>) {
    guard connection.isOutsideTransaction else { return }
    idle.withLock { if $0.count < Self.mostIdle { $0.append(connection) } }
  }
}

/// Connections that read, one for each reader at work, kept for the next.
final class ReaderPool: Sendable {
  private let path: String
  private let idle: Locked<[SQLiteConnection]>
  /// Readers come in crowds seldom; what they leave is not kept for ever.
  private static let mostIdle = 16

  init(path: String, first: SQLiteConnection) {
    self.path = path
    idle = Locked([first])
  }

  /// Runs `body` on a connection of its own.
  func withConnection<Result>(_ body: (SQLiteConnection) throws -> Result) throws -> Result {
    let connection = try take()
    defer { give(back: connection) }
    return try body(connection)
  }

  /// Runs `body` within one state of the database.
  func read<Result>(_ body: (SQLiteConnection) throws -> Result) throws -> Result {
    try withConnection { connection in
      try connection.execute("BEGIN DEFERRED")
      // A reading transaction has nothing to lose; COMMIT and ROLLBACK end it alike.
      defer { try? connection.execute("COMMIT") }
      return try body(connection)
    }
  }

  /// Gives back the memory of pages that idle readers keep, as after one has read all records.
  func releasePages() { idle.withLock { idle in for connection in idle { connection.releasePages() } } }

  private func take() throws(VectorStoreError) -> SQLiteConnection {
    if let known = idle.withLock({ $0.popLast() }) { return known }
    return try SQLiteConnection(path: path, readOnly: true)
  }

  private func give(back connection: SQLiteConnection) {
    guard connection.isOutsideTransaction else { return }
    idle.withLock { if $0.count < Self.mostIdle { $0.append(connection) } }
  }
}

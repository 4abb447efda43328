/// What went wrong with a store elsewhere, in words for the person who asked. What goes wrong with collections and
/// records in any store is a `VectorStoreError`.
public enum RemoteStoreError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Nobody answers there, or the connection broke.
  case unreachable(store: String, detail: String)
  /// The server does not let this user in, or not do this.
  case noPermission(store: String, detail: String)
  /// The server refused a request, in its own words.
  case refused(store: String, detail: String)
  /// The answer is none that the protocol knows.
  case unexpectedAnswer(store: String, detail: String)
  /// PostgreSQL is there, but pgvector is not.
  case noVectorExtension(store: String, detail: String)
  /// The tables were written by a newer Martlet: their format's version, and the newest that this one knows.
  case newerFormat(store: String, found: Int, supported: Int)
  /// A record, or a collection, that the store cannot keep.
  case unfit(store: String, reason: String)
  /// Something that this kind of store does not do, and what does.
  case unsupported(operation: String, store: String, advice: String)

  /// What was wrong, where, and what to do next.
  public var description: String {
    switch self {
    case .unreachable(let store, let detail):
      "\(store) cannot be reached: \(detail). Check that the server is running and that the address is right."
    case .noPermission(let store, let detail): "\(store) refuses this: \(detail)."
    case .refused(let store, let detail): "\(store): \(detail)"
    case .unexpectedAnswer(let store, let detail):
      "Unexpected response from \(store): \(detail). Check that the address is that of the right server."
    case .noVectorExtension(let store, let detail):
      "\(store) has no pgvector: \(detail). Have the server's administrator install it (on Debian the package is called "
        + "postgresql-VERSION-pgvector) and run CREATE EXTENSION vector in this database."
    case .newerFormat(let store, let found, let supported):
      "The tables in \(store) have format \(found); this version of Martlet knows up to \(supported). "
        + "Use a newer Martlet."
    case .unfit(let store, let reason): "\(store) cannot keep this: \(reason)."
    case .unsupported(let operation, let store, let advice):
      "\(operation) is not possible in \(store). \(advice)"
    }
  }
}

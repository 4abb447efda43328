#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Which file a path led to: an open file stays what it is when the path is deleted or leads to another one.
struct FileIdentity: Sendable, Equatable {
  private let device: UInt64
  private let inode: UInt64

  /// Nil where there is no file, or the system does not say.
  init?(path: String) {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return nil }
    device = UInt64(truncatingIfNeeded: facts.st_dev)
    inode = UInt64(truncatingIfNeeded: facts.st_ino)
  }
}

/// The files that a database was opened with.
struct OpenFiles: Sendable {
  private let identities: [(path: String, identity: FileIdentity)]

  /// SQLite's file and its write-ahead log, which stays where it is as long as a connection is open.
  init(database: String) {
    identities = [database, database + "-wal"].compactMap { path in
      FileIdentity(path: path).map { (path, $0) }
    }
  }

  /// Whether their paths still lead to them. SQLite writes on into a file that was deleted, and reports success.
  var arePlaced: Bool { identities.allSatisfy { FileIdentity(path: $0.path) == $0.identity } }
}

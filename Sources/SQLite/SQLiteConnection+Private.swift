#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension SQLiteConnection where Failure == SQLiteError {
  /// Opens a file of its owner's, such as a log, or makes it with its folder and tables: what is in it nobody else can
  /// read, and what was written is durable.
  ///
  /// ```swift
  /// let diary = try SQLiteConnection.openPrivate(
  ///   at: path, format: format, tables: "CREATE TABLE lines (text TEXT NOT NULL)")
  /// ```
  /// - Parameters:
  ///   - path: The file.
  ///   - format: The form of the caller's files.
  ///   - tables: The statements that make the tables of a new file.
  ///   - keptLogBytes: How far SQLite's own log may grow before it is written back.
  public static func openPrivate(
    at path: String, format: SQLiteFormat, tables: String, keptLogBytes: Int = 4 << 20
  ) throws(SQLiteError) -> SQLiteConnection {
    try makeFolders(of: path)
    // SQLite would make the file with the rights that the umask leaves, and gives its other files the rights of this one.
    // A file that is there is left alone: closing it here would take the locks of this process's other connections away.
    if access(path, F_OK) != 0 {
      let file = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
      guard file >= 0 || errno == EEXIST else { throw .refusal(path: path, number: errno) }
      if file >= 0 { close(file) }
    }
    let connection = try SQLiteConnection(path: path, readOnly: false, format: format)
    if try connection.formatState() == .empty {
      do { try connection.create(tables: tables) } catch {
        // Another process may have been quicker.
        guard try connection.formatState() == .current else { throw error }
      }
    }
    try connection.writeDurably(keptLogBytes: keptLogBytes)
    return connection
  }

  private static func makeFolders(of path: String) throws(SQLiteError) {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
    let folder = String(path[..<slash])
    guard access(folder, F_OK) != 0 else { return }
    try makeFolders(of: folder)
    // Another process may have been quicker.
    guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
      throw .refusal(path: folder, doing: "cannot be made: ", number: errno)
    }
  }
}

import MartletCSQLite
import MartletSQLite

/// A connection to a store's file, whose errors are the store's.
typealias StoreConnection = SQLiteConnection<VectorStoreError>

extension SQLiteConnection where Failure == VectorStoreError {
  /// Opens a file with the functions on texts and words.
  convenience init(path: String, readOnly: Bool) throws(VectorStoreError) {
    try self.init(
      path: path, readOnly: readOnly, format: Schema.format,
      functions: { handle in
        let code = TextFunctions.install(on: handle)
        return code == SQLITE_OK ? WordFunctions.install(on: handle) : code
      }, failure: { VectorStoreError($0) })
  }
}

/// When an answer is to be there.
public typealias Deadline = MartletSQLite.Deadline

extension Deadline {
  /// Throws `VectorStoreError.timeLimit` once it has passed.
  public func check() throws(VectorStoreError) {
    if isOver { throw .timeLimit(seconds: seconds) }
  }
}

extension VectorStoreError {
  /// What SQLite's error means for a store.
  init(_ error: SQLiteError) {
    self =
      switch error {
      case .busy(let path): .busyWriter(path: path)
      case .readOnly: .readOnly
      case .noPermission(let path): .noPermission(path: path)
      case .otherFormat(let path, let detail): .notADatabase(path: path, detail: detail)
      case .newerFormat(let path, let found, let supported):
        .newerFormat(path: path, found: found, supported: supported)
      case .damaged(let path, let detail): .damaged(path: path, detail: detail)
      case .diskFull(let path): .diskFull(path: path)
      case .timeLimit(let seconds): .timeLimit(seconds: seconds)
      case .system(let path, let detail): .system(path: path, detail: detail)
      }
  }

  /// A refusal of the system: `number` is what `errno` said.
  static func refusal(path: String, doing: String = "", number: Int32) -> VectorStoreError {
    VectorStoreError(SQLiteError.refusal(path: path, doing: doing, number: number))
  }
}

import Foundation
import MartletCSQLite
import MartletSQLite

@testable import MartletVectorStore

/// A folder of its own for one test, removed when the test ends.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var databaseFile: String { path + "/" + Database.fileName }

  /// Runs SQL on the file past the database's own code, but for the tokenizer that its index of words needs.
  func tamper(_ sql: String) throws {
    var handle: OpaquePointer?
    defer { sqlite3_close(handle) }
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    let pages = CheckedPages.fileSystem(of: Schema.format)
    guard sqlite3_open_v2(databaseFile, &handle, flags, pages) == SQLITE_OK, let handle,
      WordFunctions.install(on: handle) == SQLITE_OK,
      sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK
    else { throw TamperError(message: String(cString: sqlite3_errmsg(handle))) }
  }
}

struct TamperError: Error { var message: String }

extension CollectionConfiguration {
  static func test(_ name: String = "test", dimension: Int = 3, distance: Distance = .cosine) -> Self {
    CollectionConfiguration(
      name: name, dimension: dimension, distance: distance,
      embedder: EmbedderIdentity(name: "mini", revision: "1", maximumTokens: 256, precision: "float32"))
  }
}

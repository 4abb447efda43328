import Foundation
import MartletSQLite
import Testing

@Suite struct PrivateFileTests {
  private let format = SQLiteFormat(applicationID: 0x4269_7264, version: 1)

  private func open(_ path: String) throws -> SQLiteConnection<SQLiteError> {
    try SQLiteConnection.openPrivate(at: path, format: format, tables: "CREATE TABLE birds (name TEXT)")
  }

  @Test func nobodyElseReadsANewFile() throws {
    let file = try TemporaryFile()
    let connection = try open(file.path)
    try connection.run("INSERT INTO birds VALUES ('swift')")
    for path in [file.path, file.path + "-wal"] {
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
  }

  @Test func missingFoldersAreMade() throws {
    let file = try TemporaryFile()
    let path = URL(filePath: file.path).deletingLastPathComponent().appending(path: "a/b/c.sqlite").path()
    let connection = try open(path)
    #expect(try connection.formatState() == .current)
  }

  @Test func whatIsThereStays() throws {
    let file = try TemporaryFile()
    let first = try open(file.path)
    try first.run("INSERT INTO birds VALUES ('swift')")
    let second = try open(file.path)
    #expect(try second.integer("SELECT count(*) FROM birds") == 1)
  }

  @Test func aFolderThatCannotBeMadeIsNamed() throws {
    let file = try TemporaryFile()
    try Data("x".utf8).write(to: URL(filePath: file.path))
    let error = #expect(throws: SQLiteError.self) { _ = try open(file.path + "/inside/x.sqlite") }
    #expect(error?.description.contains(file.path) == true)
  }
}

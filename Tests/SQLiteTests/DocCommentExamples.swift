import MartletSQLite
import Testing

/// The examples of doc comments.
@Suite("Examples in doc comments of SQLite")
struct DocCommentExamples {
  @Test("A file with a table")
  func connection() throws {
    let file = try TemporaryFile()
    let path = file.path
    let format = SQLiteFormat(applicationID: 0x4269_7264, version: 1)
    let connection = try SQLiteConnection(path: path, readOnly: false, format: format)
    if try connection.formatState() == .empty {
      try connection.create(tables: "CREATE TABLE birds (name TEXT, grams REAL)")
    }
    try connection.run("INSERT INTO birds VALUES (?, ?)", .text("swift"), .double(40))
    let names = try connection.rows("SELECT name FROM birds") { row throws(SQLiteError) in row.text(0) }

    #expect(names == ["swift"])
  }

  @Test("A private file")
  func privateFile() throws {
    let file = try TemporaryFile()
    let path = file.path
    let format = SQLiteFormat(applicationID: 0x4269_7264, version: 1)
    let diary = try SQLiteConnection.openPrivate(
      at: path, format: format, tables: "CREATE TABLE lines (text TEXT NOT NULL)")

    #expect(try diary.formatState() == .current)
  }
}

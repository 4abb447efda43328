import Foundation
import MartletJSON
import MartletLanguageModels
import MartletSQLite
import Synchronization

/// Prompts and their answers in one SQLite file that only its owner can read.
///
/// ```swift
/// let log = try PromptLog(at: path)
/// for entry in try log.entries(containing: ["tip", "47.50"], limit: 5) { print(entry.id, entry.question) }
/// ```
public final class PromptLog: Sendable {
  /// The file.
  public let path: String
  private let connection: Mutex<SQLiteConnection<SQLiteError>>

  /// "Mart", but for its last letter, which tells these files from collections.
  private static let format = SQLiteFormat(applicationID: 0x4D61_724C, version: 1)
  // The index holds sequences of three characters, so that a part of a word is found, and words of scripts without spaces.
  private static let tables = """
    CREATE TABLE entries (
      id INTEGER PRIMARY KEY AUTOINCREMENT, date REAL NOT NULL, source TEXT NOT NULL, model TEXT NOT NULL,
      prompt TEXT NOT NULL, question TEXT NOT NULL, answer TEXT NOT NULL, finish_reason TEXT,
      prompt_tokens INTEGER, completion_tokens INTEGER, seconds REAL NOT NULL, cost REAL, settings TEXT NOT NULL,
      note TEXT NOT NULL);
    CREATE VIRTUAL TABLE words USING fts5(
      question, answer, note, content='entries', content_rowid='id', tokenize='trigram');
    CREATE TRIGGER entry_added AFTER INSERT ON entries BEGIN
      INSERT INTO words (rowid, question, answer, note) VALUES (new.id, new.question, new.answer, new.note);
    END;
    CREATE TRIGGER entry_removed AFTER DELETE ON entries BEGIN
      INSERT INTO words (words, rowid, question, answer, note)
        VALUES ('delete', old.id, old.question, old.answer, old.note);
    END;
    CREATE TRIGGER note_changed AFTER UPDATE OF note ON entries BEGIN
      INSERT INTO words (words, rowid, question, answer, note)
        VALUES ('delete', old.id, old.question, old.answer, old.note);
      INSERT INTO words (rowid, question, answer, note) VALUES (new.id, new.question, new.answer, new.note);
    END
    """

  /// Opens a file, or makes it with its folder.
  /// - Throws: `SQLiteError`.
  public init(at path: String) throws {
    self.path = path
    let connection = try SQLiteConnection.openPrivate(
      at: path, format: Self.format, tables: Self.tables, keptLogBytes: 1 << 20)
    // What is deleted is gone from the file.
    try connection.execute("PRAGMA secure_delete = ON")
    self.connection = Mutex(connection)
  }

  // MARK: Writing

  /// Keeps an entry.
  /// - Returns: Its number.
  @discardableResult
  public func append(_ entry: LogEntry) throws -> Int {
    try connection.withLock { connection in
      try connection.run(
        """
        INSERT INTO entries (date, source, model, prompt, question, answer, finish_reason, prompt_tokens,
          completion_tokens, seconds, cost, settings, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        .double(entry.date.timeIntervalSince1970), .text(entry.source), .text(entry.model),
        .text(JSON.object(entry.promptMembers).serialized()), .text(entry.question), .text(entry.answer),
        .optional(entry.finishReason?.rawValue), .optional(entry.tokenCounts?.prompt),
        .optional(entry.tokenCounts?.completion), .double(entry.seconds),
        entry.cost.map { .double($0) } ?? .null, .text(JSON.object(entry.settings).serialized()),
        .text(entry.note))
      return Int(connection.lastInsertedKey)
    }
  }

  /// Writes a note to an entry; an empty one takes it away.
  /// - Throws: ``PromptLogError/noSuchEntry(_:path:)``.
  public func setNote(_ note: String, of id: Int) throws {
    let changes = try connection.withLock { connection in
      try connection.run("UPDATE entries SET note = ? WHERE id = ?", .text(note), .integer(id))
      return connection.changes
    }
    if changes == 0 { throw PromptLogError.noSuchEntry(id, path: path) }
  }

  /// Deletes entries, or none where one of them is not there.
  /// - Throws: ``PromptLogError/noSuchEntry(_:path:)``.
  public func remove(_ ids: Set<Int>) throws {
    try connection.withLock { connection in
      try connection.transaction(writing: true) {
        for id in ids.sorted() {
          try connection.run("DELETE FROM entries WHERE id = ?", .integer(id))
          if connection.changes == 0 { throw PromptLogError.noSuchEntry(id, path: path) }
        }
      }
    }
  }

  /// Deletes all entries.
  /// - Returns: How many there were.
  @discardableResult
  public func removeAll() throws -> Int {
    try connection.withLock { connection in
      let count = try connection.integer("SELECT count(*) FROM entries") ?? 0
      try connection.run("DELETE FROM entries")
      try connection.execute("INSERT INTO words (words) VALUES ('rebuild'); PRAGMA incremental_vacuum")
      return count
    }
  }

  // MARK: Reading

  /// How many entries there are.
  public func count() throws -> Int {
    try connection.withLock { try $0.integer("SELECT count(*) FROM entries") ?? 0 }
  }

  /// The latest entries, the latest first.
  /// - Parameters:
  ///   - model: Only those of this model; nil for all.
  ///   - limit: The most entries.
  public func entries(model: String? = nil, limit: Int = .max) throws -> [LogEntry] {
    try entries(containing: [], model: model, limit: limit)
  }

  /// The latest entries whose last question, answer or note contains all of `words`, the latest first. Capital and small
  /// letters are the same; a word may be a part of one.
  public func entries(
    containing words: [String], model: String? = nil, limit: Int = .max
  ) throws -> [LogEntry] {
    var conditions: [String] = []
    var values: [SQLiteValue] = []
    for word in words where !word.isEmpty {
      if word.unicodeScalars.count >= 3 {
        conditions.append("id IN (SELECT rowid FROM words WHERE words MATCH ?)")
        values.append(.text("\"" + word.replacing("\"", with: "\"\"") + "\""))
      } else {
        // Too short for the index.
        let pattern =
          "%"
          + word.replacing("\\", with: "\\\\").replacing("%", with: "\\%")
          .replacing("_", with: "\\_") + "%"
        conditions.append("(question || char(10) || answer || char(10) || note) LIKE ? ESCAPE '\\'")
        values.append(.text(pattern))
      }
    }
    if let model {
      conditions.append("model = ?")
      values.append(.text(model))
    }
    let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    return try query("\(filter) ORDER BY id DESC LIMIT \(max(0, limit))", values)
  }

  /// The entry of that number.
  /// - Throws: ``PromptLogError/noSuchEntry(_:path:)``.
  public func entry(_ id: Int) throws -> LogEntry {
    guard let entry = try query("WHERE id = ?", [.integer(id)]).first else {
      throw PromptLogError.noSuchEntry(id, path: path)
    }
    return entry
  }

  private struct Row {
    var entry: LogEntry
    let prompt, settings: String
  }

  private func query(_ condition: String, _ values: [SQLiteValue]) throws -> [LogEntry] {
    let rows = try connection.withLock { connection in
      try connection.rows(
        """
        SELECT id, date, source, model, answer, finish_reason, prompt_tokens, completion_tokens, seconds, cost, note,
          prompt, settings, question FROM entries \(condition)
        """, values
      ) { row in
        let counts = row.optionalInteger(6).flatMap { prompt in
          row.optionalInteger(7).map { LogEntry.TokenCounts(prompt: prompt, completion: $0) }
        }
        return Row(
          entry: LogEntry(
            id: Int(row.integer(0)), date: Date(timeIntervalSince1970: row.double(1)), source: row.text(2),
            model: row.text(3), prompt: .text(""), answer: row.text(4), question: row.text(13),
            finishReason: row.optionalText(5).flatMap(FinishReason.init), tokenCounts: counts,
            seconds: row.double(8), cost: row.isNull(9) ? nil : row.double(9), note: row.text(10)),
          prompt: row.text(11), settings: row.text(12))
      }
    }
    return try rows.map { row in
      guard let members = (try? JSON(parsing: row.prompt))?.objectValue, let prompt = Prompt(logged: members),
        let settings = (try? JSON(parsing: row.settings))?.objectValue
      else { throw PromptLogError.damaged(row.entry.id, path: path) }
      var entry = row.entry
      (entry.prompt, entry.settings) = (prompt, settings)
      return entry
    }
  }
}

/// Why a log cannot be kept or read.
public enum PromptLogError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file cannot be used.
  case unusable(path: String, reason: String)
  /// There is no entry of that number.
  case noSuchEntry(Int, path: String)
  /// An entry is not what was written.
  case damaged(Int, path: String)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .unusable(let path, let reason): "\(path) cannot hold a log: \(reason). Name another file."
    case .noSuchEntry(let id, let path):
      "There is no entry \(id) in \(path). ‘martlet log list’ shows those that are there."
    case .damaged(let id, let path): "Entry \(id) in \(path) is not what was written."
    }
  }
}

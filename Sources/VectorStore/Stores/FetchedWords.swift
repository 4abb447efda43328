import MartletSQLite

/// Texts from elsewhere in a full-text index in memory.
final class FetchedWords {
  private let connection: StoreConnection
  private let index = WordIndex(number: 0)

  init(_ records: [Record]) throws(VectorStoreError) {
    connection = try StoreConnection(path: ":memory:", readOnly: false)
    try connection.execute(
      "CREATE TABLE records_0 (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, document TEXT);"
        + WordIndex.table(of: 0))
    try connection.execute("BEGIN")
    for (key, record) in zip(1..., records) {
      // Read page by page while others write, a record may come twice.
      try connection.run(
        "INSERT OR IGNORE INTO records_0 VALUES (?, ?, ?)", .integer(key), .text(record.id),
        .optional(record.document))
      guard connection.changes > 0, let document = record.document else { continue }
      try connection.run(
        "INSERT INTO words_0 (rowid, document) VALUES (?, ?)", .integer(key), .text(document))
    }
    try connection.execute("COMMIT")
  }

  /// The ids of the records with any of the words, best first, and what the words could weigh.
  func ranked(
    _ words: String, _ count: Int?
  ) throws -> (found: [(id: String, score: Double)], weight: Double, records: Int) {
    let ranked = try index.ranked(words, count, connection)
    var found: [(id: String, score: Double)] = []
    for (key, score) in ranked.found {
      let ids = try connection.rows("SELECT id FROM records_0 WHERE key = ?", [.integer(key)]) {
        (row: SQLiteRow) throws(VectorStoreError) in row.text(0)
      }
      if let id = ids.first { found.append((id, score)) }
    }
    found.sort { $0.score == $1.score ? $0.id < $1.id : $0.score > $1.score }
    return (found, ranked.weight, ranked.records)
  }

  func frequencies(of words: [String]) throws -> (frequencies: [Int], recordCount: Int) {
    try index.frequencies(of: words, connection)
  }

  func snippets(_ ids: [String], _ words: String, _ tokens: Int) throws -> [String: Snippet] {
    try index.snippets(ids, words, tokens, connection)
  }
}

/// SQLite's full-text index over the documents of one table of records.
struct WordIndex {
  /// The number of the table `records_N`; the index is `words_N`.
  let number: Int64

  /// The statement that makes it.
  static func table(of number: Int64) -> String {
    """
    CREATE VIRTUAL TABLE words_\(number) USING fts5 (
      document, content = 'records_\(number)', content_rowid = 'key', tokenize = 'unicode61 remove_diacritics 2')
    """
  }

  /// The keys of the records with any of the words and their scores by BM25, best first.
  ///
  /// - Parameter limit: How many at most; nil takes all.
  func ranked(
    _ words: String, _ limit: Int?, _ connection: SQLiteConnection
  ) throws(VectorStoreError) -> [(key: Int64, score: Double)] {
    guard let expression = KeywordQuery(words).expression else { return [] }
    let sql =
      "SELECT rowid, bm25(words_\(number)) FROM words_\(number) WHERE words_\(number) MATCH ? ORDER BY 2, 1 LIMIT ?"
    return try connection.rows(sql, [.text(expression), .integer(limit ?? -1)]) {
      (row: SQLiteRow) throws(VectorStoreError) in (row.integer(0), -row.double(1))
    }
  }

  /// In how many records each of the words stands, and how many records there are.
  func frequencies(
    of words: [String], _ connection: SQLiteConnection
  ) throws(VectorStoreError) -> (frequencies: [Int], records: Int) {
    let total = try connection.integer("SELECT count(*) FROM records_\(number)") ?? 0
    var counts = [Int]()
    for word in words {
      guard let expression = KeywordQuery(word).expression else {
        counts.append(0)
        continue
      }
      let sql = "SELECT count(*) FROM words_\(number) WHERE words_\(number) MATCH ?"
      counts.append(try connection.integer(sql, .text(expression)) ?? 0)
    }
    return (counts, total)
  }

  /// For each id the part of its document that has most of the words, with the words marked.
  func snippets(
    _ ids: [String], _ words: String, _ tokens: Int, _ connection: SQLiteConnection
  ) throws(VectorStoreError) -> [String: Snippet] {
    guard let expression = KeywordQuery(words).expression else { return [:] }
    let marks = Snippet.Marks()
    var snippets = [String: Snippet]()
    for id in ids {
      guard let key = try connection.integer("SELECT key FROM records_\(number) WHERE id = ?", .text(id))
      else { continue }
      let sql = """
        SELECT snippet(words_\(number), 0, ?, ?, '…', ?) FROM words_\(number)
        WHERE words_\(number) MATCH ? AND rowid = ?
        """
      let values: [SQLiteValue] = [
        .text(marks.opening), .text(marks.closing), .integer(max(1, min(64, tokens))), .text(expression),
        .integer(key),
      ]
      let found = try connection.rows(sql, values) { (row: SQLiteRow) throws(VectorStoreError) in row.text(0)
      }
      if let text = found.first { snippets[id] = Snippet(marked: text, by: marks) }
    }
    return snippets
  }
}

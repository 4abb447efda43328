import MartletSQLite

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// SQLite's full-text index over the documents of one table of records.
struct WordIndex {
  /// The number of the table `records_N`; the index is `words_N`.
  let number: Int64

  /// The statement that makes it.
  static func table(of number: Int64) -> String {
    """
    CREATE VIRTUAL TABLE words_\(number) USING fts5 (
      document, content = 'records_\(number)', content_rowid = 'key', tokenize = '\(WordTokenizer.name)')
    """
  }

  /// Records that have words of a query.
  struct Ranking {
    /// Keys and scores, best first.
    var found: [(key: Int64, score: Double)] = []
    /// What a record of mean length that has each of the words once would score, were none of them frequent.
    var weight = 0.0
    /// How many records have a text.
    var records = 0
  }

  /// The records with any of the words, by BM25.
  ///
  /// - Parameter limit: How many at most; nil takes all.
  func ranked(
    _ words: String, _ limit: Int?, _ connection: StoreConnection
  ) throws(VectorStoreError) -> Ranking {
    let terms = KeywordQuery(words).terms
    let expression = terms.map(\.expression).joined(separator: " OR ")
    guard !terms.isEmpty,
      let records = try connection.integer(
        "SELECT martlet_documents(words_\(number)) FROM words_\(number) WHERE words_\(number) MATCH ? LIMIT 1",
        .text(expression))
    else { return Ranking() }
    var ranking = Ranking(records: records)
    ranking.weight = Double(terms.count) * max(Self.leastWeight, Self.inverseFrequency(1, of: records))
    var phrases: [WordScore.Phrase] = []
    for (index, term) in terms.enumerated() {
      let holding = try count(term.expression, connection)
      let idf = Self.inverseFrequency(holding, of: records)
      for form in term.forms.indices {
        phrases.append(
          .init(term: Int32(index), weight: form == 0 ? 1 : KeywordQuery.weightOfForms, idf: idf))
      }
    }
    let sql = """
      SELECT rowid, martlet_score(words_\(number), ?) FROM words_\(number) WHERE words_\(number) MATCH ?
      ORDER BY 2 DESC, 1 LIMIT ?
      """
    let values: [SQLiteValue] = [WordScore.argument(phrases), .text(expression), .integer(limit ?? -1)]
    ranking.found = try connection.rows(sql, values) {
      (row: SQLiteRow) throws(VectorStoreError) in (row.integer(0), row.double(1))
    }
    return ranking
  }

  /// Robertson and Spärck Jones's weight. It is below 0 for a word that most records have; a little is left, so that such
  /// a word still orders what it alone finds.
  private static func inverseFrequency(_ holding: Int, of records: Int) -> Double {
    max(1e-6, log((Double(records - holding) + 0.5) / (Double(holding) + 0.5)))
  }

  /// What a word weighs at least in `Ranking.weight`. In a collection of two records a word that one of them has says
  /// nothing.
  private static let leastWeight = 0.5

  private func count(_ expression: String, _ connection: StoreConnection) throws(VectorStoreError) -> Int {
    let sql = "SELECT count(*) FROM words_\(number) WHERE words_\(number) MATCH ?"
    return try connection.integer(sql, .text(expression)) ?? 0
  }

  /// In how many records each of the words stands as it is, and how many records there are.
  func frequencies(
    of words: [String], _ connection: StoreConnection
  ) throws(VectorStoreError) -> (frequencies: [Int], recordCount: Int) {
    let total = try connection.integer("SELECT count(*) FROM records_\(number)") ?? 0
    var counts = [Int]()
    for word in words {
      let terms = KeywordQuery(word).terms.map {
        KeywordQuery.Term(forms: [$0.forms[0]], isPrefix: $0.isPrefix)
      }
      let expression = terms.map(\.expression).joined(separator: " OR ")
      counts.append(terms.isEmpty ? 0 : try count(expression, connection))
    }
    return (counts, total)
  }

  /// For each id the part of its document that has most of the words, with the words marked.
  func snippets(
    _ ids: [String], _ words: String, _ tokens: Int, _ connection: StoreConnection
  ) throws(VectorStoreError) -> [String: Snippet] {
    let terms = KeywordQuery(words).terms
    var snippets = [String: Snippet]()
    for id in ids where !terms.isEmpty {
      let found = try connection.rows("SELECT document FROM records_\(number) WHERE id = ?", [.text(id)]) {
        (row: SQLiteRow) throws(VectorStoreError) in row.optionalText(0)
      }
      if let document = found.first.flatMap({ $0 }) {
        snippets[id] = Snippet(of: document, with: terms, tokens: tokens)
      }
    }
    return snippets
  }
}

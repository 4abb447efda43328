import MartletCSQLite
import MartletSQLite

/// BM25 over terms that have several forms (Robertson and Zaragoza 2009), as two functions that FTS5 learns from us:
///
/// - `martlet_score(index, weights)`: the score of a row, for the `Phrase`s of the query in their order.
/// - `martlet_documents(index)`: how many documents the index has.
enum WordScore {
  static let k1 = 1.2
  static let b = 0.75

  /// A phrase of a query: one form of one term.
  struct Phrase {
    /// Which term; the forms of one stand together.
    var term: Int32
    /// For how much of an occurrence of the term one of this form counts.
    var weight: Float
    /// The term's inverse document frequency.
    var idf: Double
  }

  /// Makes the functions known to a connection.
  ///
  /// - Returns: SQLite's result code.
  static func install(on api: UnsafeMutablePointer<fts5_api>) -> Int32 {
    for (name, function) in [("martlet_score", score), ("martlet_documents", documents)] {
      let code = api.pointee.xCreateFunction?(api, name, nil, function, nil) ?? SQLITE_ERROR
      guard code == SQLITE_OK else { return code }
    }
    return SQLITE_OK
  }

  /// The phrases as an argument of `martlet_score`.
  static func argument(_ phrases: [Phrase]) -> SQLiteValue {
    .blob(phrases.withUnsafeBytes { Array($0) })
  }

  private typealias Function =
    @convention(c) (
      UnsafePointer<Fts5ExtensionApi>?, OpaquePointer?, OpaquePointer?, Int32,
      UnsafeMutablePointer<OpaquePointer?>?
    ) -> Void

  private static let documents: Function = { api, query, context, _, _ in
    var rows: sqlite3_int64 = 0
    guard let api, api.pointee.xRowCount?(query, &rows) == SQLITE_OK else {
      return sqlite3_result_error(context, "martlet_documents: the index of words has no count", -1)
    }
    sqlite3_result_int64(context, rows)
  }

  private static let score: Function = { api, query, context, count, arguments in
    guard let api, count == 1, let value = arguments?[0], let blob = sqlite3_value_blob(value) else {
      return sqlite3_result_error(context, "martlet_score: no weights", -1)
    }
    let phrases = UnsafeRawBufferPointer(start: blob, count: Int(sqlite3_value_bytes(value)))
    guard let length = relativeLength(api, query),
      phrases.count / MemoryLayout<Phrase>.stride == Int(api.pointee.xPhraseCount?(query) ?? -1)
    else {
      return sqlite3_result_error(context, "martlet_score: the weights are not those of the query", -1)
    }
    var sum = 0.0
    var (term, frequency, idf) = (Int32(-1), 0.0, 0.0)
    for index in 0..<phrases.count / MemoryLayout<Phrase>.stride {
      let phrase = phrases.loadUnaligned(
        fromByteOffset: index * MemoryLayout<Phrase>.stride, as: Phrase.self)
      if phrase.term != term {
        sum += part(frequency, length, idf)
        (term, frequency, idf) = (phrase.term, 0, phrase.idf)
      }
      frequency += Double(phrase.weight) * Double(occurrences(api, query, Int32(index)))
    }
    sqlite3_result_double(context, sum + part(frequency, length, idf))
  }

  /// What a term adds to the score of a document.
  static func part(_ frequency: Double, _ length: Double, _ idf: Double) -> Double {
    guard frequency > 0 else { return 0 }
    return idf * frequency * (k1 + 1) / (frequency + k1 * (1 - b + b * length))
  }

  /// The length of the row's document, where the mean is 1.
  private static func relativeLength(
    _ api: UnsafePointer<Fts5ExtensionApi>, _ query: OpaquePointer?
  ) -> Double? {
    var (length, total, rows) = (Int32(0), sqlite3_int64(0), sqlite3_int64(0))
    guard api.pointee.xColumnSize?(query, -1, &length) == SQLITE_OK,
      api.pointee.xColumnTotalSize?(query, -1, &total) == SQLITE_OK,
      api.pointee.xRowCount?(query, &rows) == SQLITE_OK
    else { return nil }
    return Double(length) * Double(rows) / Double(max(1, total))
  }

  private static func occurrences(
    _ api: UnsafePointer<Fts5ExtensionApi>, _ query: OpaquePointer?, _ phrase: Int32
  ) -> Int {
    var place = Fts5PhraseIter()
    var (column, offset) = (Int32(0), Int32(0))
    guard api.pointee.xPhraseFirst?(query, phrase, &place, &column, &offset) == SQLITE_OK else { return 0 }
    var count = 0
    while column >= 0 {
      count += 1
      api.pointee.xPhraseNext?(query, &place, &column, &offset)
    }
    return count
  }
}

/// What FTS5 learns from us.
enum WordFunctions {
  /// Makes tokenizer and functions known to a connection.
  ///
  /// - Returns: SQLite's result code.
  static func install(on connection: OpaquePointer) -> Int32 {
    var statement: OpaquePointer?
    var code = sqlite3_prepare_v2(connection, "SELECT fts5(?1)", -1, &statement, nil)
    defer { sqlite3_finalize(statement) }
    guard code == SQLITE_OK else { return code }
    var api: UnsafeMutablePointer<fts5_api>?
    withUnsafeMutablePointer(to: &api) { place in
      // FTS5 returns its interface through a pointer of this type.
      sqlite3_bind_pointer(statement, 1, place, "fts5_api_ptr", nil)
      sqlite3_step(statement)
    }
    guard let api else { return SQLITE_ERROR }
    code = WordTokenizer.install(on: api)
    return code == SQLITE_OK ? WordScore.install(on: api) : code
  }
}

import MartletCSQLite

/// The tokenizer of the index of words, which FTS5 knows as `martlet`.
///
/// Words are tokens. Scripts without spaces become overlapping pairs of characters, as in Lucene's CJKAnalyzer: a word is
/// then found wherever it stands in a longer run, as its pairs one after the other. The last character of a run is a
/// token of its own, so that each character begins one, and a query of a single character finds it as a prefix.
enum WordTokenizer {
  static let name = "martlet"

  /// Makes the tokenizer known to a connection.
  ///
  /// - Returns: SQLite's result code.
  static func install(on api: UnsafeMutablePointer<fts5_api>) -> Int32 {
    var methods = fts5_tokenizer(xCreate: create, xDelete: { _ in }, xTokenize: tokenize)
    return api.pointee.xCreateTokenizer?(api, name, nil, &methods, nil) ?? SQLITE_ERROR
  }

  private typealias Create =
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafeMutablePointer<UnsafePointer<CChar>?>?, Int32,
      UnsafeMutablePointer<OpaquePointer?>?
    ) -> Int32

  /// A tokenizer has no state; FTS5 wants a handle that is not null.
  private static let create: Create = { _, _, _, handle in
    handle?.pointee = OpaquePointer(bitPattern: 1)
    return SQLITE_OK
  }

  private typealias Take =
    @convention(c) (UnsafeMutableRawPointer?, Int32, UnsafePointer<CChar>?, Int32, Int32, Int32) -> Int32
  private typealias Tokenize =
    @convention(c) (
      OpaquePointer?, UnsafeMutableRawPointer?, Int32, UnsafePointer<CChar>?, Int32, Take?
    ) -> Int32

  private static let tokenize: Tokenize = { _, context, flags, text, count, take in
    guard let text, let take, count > 0 else { return SQLITE_OK }
    let isQuery = flags & FTS5_TOKENIZE_QUERY != 0
    return text.withMemoryRebound(to: UInt8.self, capacity: Int(count)) { start in
      var code = SQLITE_OK
      forEachToken(in: UnsafeBufferPointer(start: start, count: Int(count)), isQuery: isQuery) {
        token, range, isAlso in
        code = token.withMemoryRebound(to: CChar.self) {
          take(
            context, isAlso ? FTS5_TOKEN_COLOCATED : 0, $0.baseAddress, Int32(clamping: $0.count),
            Int32(clamping: range.lowerBound), Int32(clamping: range.upperBound))
        }
        return code == SQLITE_OK
      }
      return code
    }
  }

  /// Calls `body` with each token, where it stands in bytes, and whether it stands in the place of the one before, until
  /// it returns false.
  static func forEachToken(
    in text: UnsafeBufferPointer<UInt8>, isQuery: Bool,
    _ body: (UnsafeBufferPointer<UInt8>, Range<Int>, _ isAlso: Bool) -> Bool
  ) {
    var pairs = Pairs()
    var goesOn = true
    WordReader.forEachPiece(in: text) { piece, folded in
      if CharacterClass.isUnspaced(piece.kind) {
        if !piece.continues { goesOn = pairs.end(isQuery: isQuery, body) }
        goesOn = goesOn && pairs.take(folded, piece.range, body)
      } else {
        goesOn = pairs.end(isQuery: isQuery, body) && body(folded, piece.range, piece.isJoined)
      }
      return goesOn
    }
    if goesOn { _ = pairs.end(isQuery: isQuery, body) }
  }

  /// The characters of a run, two at a time.
  private struct Pairs {
    private var bytes: [UInt8] = []
    private var range: Range<Int>?
    private var isFirst = true

    typealias Body = (UnsafeBufferPointer<UInt8>, Range<Int>, _ isAlso: Bool) -> Bool

    mutating func take(_ next: UnsafeBufferPointer<UInt8>, _ place: Range<Int>, _ body: Body) -> Bool {
      var goesOn = true
      if let range {
        let count = bytes.count
        bytes.append(contentsOf: next)
        goesOn = bytes.withUnsafeBufferPointer { body($0, range.lowerBound..<place.upperBound, false) }
        bytes.removeFirst(count)
        isFirst = false
      } else {
        bytes.append(contentsOf: next)
        isFirst = true
      }
      range = place
      return goesOn
    }

    /// Ends the run. A query looks for its last character alone only if it is the only one.
    mutating func end(isQuery: Bool, _ body: Body) -> Bool {
      guard let range else { return true }
      let goesOn = isQuery && !isFirst || bytes.withUnsafeBufferPointer { body($0, range, false) }
      bytes.removeAll(keepingCapacity: true)
      self.range = nil
      return goesOn
    }
  }
}

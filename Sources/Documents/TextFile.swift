/// A text file whose encoding is known, read piece by piece or as a whole.
///
/// The encoding is that of the byte order mark; without one it is UTF-8 where the bytes are valid as that, or
/// mostly so. Otherwise it is Windows-1252, which every byte string is valid in: a guess, and reported.
package struct TextFile {
  private static let pieceBytes = 1 << 20

  package let path: String
  let encoding: TextEncoding
  private let markLength: Int
  /// What a user should know of the encoding.
  package private(set) var warnings: [String] = []

  /// Looks through the whole file once.
  package init(path: String) throws(DocumentError) {
    self.path = path
    var check = UTF8Check()
    var head: [UInt8]?
    do {
      try Self.readPieces(path) { piece in
        if head == nil { head = Array(piece.prefix(4)) }
        check.append(piece)
      }
    } catch {
      throw DocumentError.from(error, path: path)
    }
    check.finish()
    if let mark = TextEncoding.mark((head ?? [])[...]) {
      (encoding, markLength) = mark
    } else {
      encoding = check.invalid > check.multibyte ? .windows1252 : .utf8
      markLength = 0
    }
    if case .utf16 = encoding { return }
    if let offset = check.firstNUL { throw DocumentError(path: path, problem: .binary(offset: offset)) }
    if encoding == .windows1252 {
      warnings.append("is not UTF-8; it was read as Windows-1252 (Latin-1), which is a guess")
    }
  }

  /// Calls `body` with valid UTF-8, piece by piece; a piece may end anywhere between two characters.
  ///
  /// - Returns: How many characters were replaced by U+FFFD since their bytes were not valid.
  package func forEachPiece(_ body: ([UInt8]) throws -> Void) throws -> Int {
    var decoder = TextDecoder(encoding)
    var skip = markLength
    try Self.readPieces(path) { piece in
      let rest = piece.dropFirst(skip)
      skip = 0
      let text = decoder.decode(rest, isLast: false)
      if !text.isEmpty { try body(text) }
    }
    let text = decoder.decode([], isLast: true)
    if !text.isEmpty { try body(text) }
    return decoder.replaced
  }

  /// The whole text, and the warnings.
  func readAll() throws(DocumentError) -> (text: [UInt8], warnings: [String]) {
    var text = [UInt8]()
    let replaced: Int
    do {
      replaced = try forEachPiece { text += $0 }
    } catch {
      throw DocumentError.from(error, path: path)
    }
    return (text, warnings + Self.replacementWarning(replaced))
  }

  /// The warning that `count` characters were replaced; none where none was.
  package static func replacementWarning(_ count: Int) -> [String] {
    if count == 0 { return [] }
    return ["\(count) invalid byte \(count == 1 ? "sequence was" : "sequences were") replaced by U+FFFD"]
  }

  /// Reads the file in pieces of a mebibyte.
  private static func readPieces(_ path: String, _ body: ([UInt8]) throws -> Void) throws {
    let file: ReadableFile
    do { file = try ReadableFile(path: path) } catch {
      throw DocumentError(path: path, problem: .init(error))
    }
    while true {
      let piece: [UInt8]
      do { piece = try file.read(upTo: pieceBytes) } catch {
        throw DocumentError(path: path, problem: .init(error))
      }
      if piece.isEmpty { return }
      try body(piece)
    }
  }
}

/// A text file whose encoding is known, read piece by piece or as a whole.
///
/// The encoding is that of the byte order mark; without one it is UTF-8 where the bytes are valid as that, or mostly so.
/// Else it is the one that an XML text declares, or the one that uchardet detects, or Windows-1252, in which every byte
/// string is valid. What is a guess is reported.
package struct TextFile {
  private static let pieceBytes = 1 << 20

  package let path: String
  private(set) var encoding: TextEncoding
  private let markLength: Int
  /// NUL bytes that are left out, as accidents in text.
  private let nulCount: Int
  /// What a user should know of the encoding.
  package private(set) var warnings: [String] = []
  /// Whether the encoding was guessed from the bytes.
  private(set) var isGuess = false

  /// Looks through the whole file once.
  package init(path: String) throws(DocumentError) {
    self.path = path
    var check = UTF8Check()
    var sample: [UInt8]?
    do {
      try Self.readPieces(path) { piece in
        if sample == nil { sample = Array(piece.prefix(EncodingDetector.sampleBytes)) }
        check.append(piece)
      }
    } catch {
      throw DocumentError.from(error, path: path)
    }
    check.finish()
    let head = sample ?? []
    if let mark = TextEncoding.mark(head[...]) {
      (encoding, markLength) = mark
    } else {
      encoding = .utf8
      markLength = 0
    }
    let isUTF16 = if case .utf16 = encoding { true } else { false }
    nulCount = isUTF16 ? 0 : check.nulCount
    if isUTF16 { return }
    if let offset = check.firstNUL {
      if markLength == 0, let utf16 = TextSample.utf16WithoutMark(head) {
        encoding = utf16
        warnings.append("has no byte order mark; it was read as UTF-16, which is a guess")
        return
      }
      guard TextSample.isTextWithNULs(check) else {
        throw DocumentError(path: path, problem: .binary(offset: offset))
      }
      let bytes = nulCount == 1 ? "a NUL byte, which was" : "\(nulCount) NUL bytes, which were"
      warnings.append("has \(bytes) left out")
    }
    if markLength > 0 { return }
    if check.invalid > check.multibyte {
      guess(head)
    } else if check.multibyte == 0, check.invalid == 0, EncodingDetector.hasShifts(head),
      let name = EncodingDetector.encoding(of: head), name.hasPrefix("ISO-2022")
    {
      encoding = .named(name)
    }
  }

  /// Tells the encoding of text that is not UTF-8.
  private mutating func guess(_ head: [UInt8]) {
    if let declared = XMLDeclaration.encoding(in: head), CharacterConverter(from: declared) != nil {
      encoding = .named(declared)
      return
    }
    isGuess = true
    if let name = EncodingDetector.encoding(of: head) {
      encoding = .named(name)
      warnings.append("is not UTF-8; it was read as \(name), which is a guess")
    } else {
      encoding = .windows1252
      warnings.append("is not UTF-8; it was read as Windows-1252 (Latin-1), which is a guess")
    }
  }

  /// Calls `body` with valid UTF-8, piece by piece; a piece may end anywhere between two characters.
  ///
  /// - Returns: How many characters were replaced by U+FFFD since their bytes were not valid.
  package func forEachPiece(_ body: ([UInt8]) throws -> Void) throws -> Int {
    var decoder = TextDecoder(encoding)
    var skip = markLength
    let dropsNULs = if case .utf16 = encoding { false } else { nulCount > 0 }
    try Self.readPieces(path) { piece in
      var rest = piece.dropFirst(skip)
      skip = 0
      if dropsNULs { rest.removeAll { $0 == 0 } }
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

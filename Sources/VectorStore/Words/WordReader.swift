/// Cuts a text into words and folds them, the same way for documents and for queries.
///
/// Folding makes what a reader takes for the same word the same bytes: compatibility forms (ﬁ, full-width letters),
/// cases, accents of Latin and Greek, vowel marks of Hebrew and Arabic; soft hyphens and zero-width spaces are left out.
/// In scripts that put no spaces between words each character, with its marks, is a piece of its own.
struct WordReader {
  /// A word, or a character of a script without spaces.
  struct Piece {
    /// A `CharacterClass`: `letter` for a word.
    var kind: UInt8
    /// Where it stands in the text, in bytes.
    var range: Range<Int>
    /// Whether it follows the piece before without anything between them, both of scripts without spaces.
    var continues = false
    /// Whether it is the words before once more, as one: Persian writes them with a non-joiner, a space or nothing.
    var isJoined = false
  }

  private var bytes: [UInt8] = []
  private var kind = CharacterClass.separator
  private var start = 0
  private var end = 0
  private var continues = false
  /// The scalar that was taken in last; 0 where no piece has begun.
  private var last: UInt32 = 0
  /// Whether what was read last is a character of a script without spaces.
  private var isAfterUnspaced = false
  /// Words with non-joiners between them.
  private var joined: [UInt8] = []
  private var joinedStart: Int?

  private init() { bytes.reserveCapacity(64) }

  /// Calls `body` with each piece and its folded bytes, until it returns false.
  static func forEachPiece(
    in text: UnsafeBufferPointer<UInt8>, _ body: (Piece, UnsafeBufferPointer<UInt8>) -> Bool
  ) {
    var reader = WordReader()
    reader.read(text, body)
  }

  /// The same for a string.
  static func forEachPiece(in text: String, _ body: (Piece, String) -> Void) {
    var text = text
    text.withUTF8 { bytes in
      forEachPiece(in: bytes) { piece, folded in
        body(piece, String(decoding: folded, as: UTF8.self))
        return true
      }
    }
  }

  private typealias Body = (Piece, UnsafeBufferPointer<UInt8>) -> Bool

  private mutating func read(_ text: UnsafeBufferPointer<UInt8>, _ body: Body) {
    var position = 0
    while position < text.count {
      let byte = text[position]
      if byte < 0x80 {
        let folded = Self.foldASCII(byte)
        if folded != 0, kind == CharacterClass.letter {
          bytes.append(folded)
          last = UInt32(folded)
          end = position + 1
        } else {
          let kind = folded == 0 ? CharacterClass.separator : CharacterClass.letter
          guard take(UInt32(folded), kind, position..<position + 1, body) else { return }
        }
        position += 1
        continue
      }
      let (scalar, length) = Self.decode(text, position)
      let range = position..<position + length
      let table = CharacterTable.shared
      let entry = table.entry(scalar)
      if entry & CharacterTable.mapped == 0 {
        guard take(scalar, entry, range, body) else { return }
      } else {
        for folded in table.fold(scalar) {
          guard take(folded, table.entry(folded) & ~CharacterTable.mapped, range, body) else { return }
        }
      }
      position += length
    }
    _ = finish(body)
  }

  /// Takes in one folded character; false where `body` wants no more.
  private mutating func take(_ scalar: UInt32, _ kind: UInt8, _ range: Range<Int>, _ body: Body) -> Bool {
    switch kind {
    case CharacterClass.ignored:
      if last != 0, Self.isAccent(scalar) { end = range.upperBound }
      return true
    case CharacterClass.mark:
      if last != 0, Self.keeps(scalar, after: last) { append(scalar, range) }
      return true
    case CharacterClass.nonJoiner:
      return self.kind == CharacterClass.letter && 0x600...0x8FF ~= last ? divide(body) : true
    case CharacterClass.letter:
      if self.kind == CharacterClass.letter {
        append(scalar, range)
        return true
      }
    case CharacterClass.hangul:
      if let syllable = Self.syllable(last, scalar) {
        bytes.removeLast(min(3, bytes.count))
        append(syllable, range)
        return true
      }
    default: break
    }
    // After a non-joiner the next word belongs to the one before.
    let goesOn = kind == CharacterClass.letter && self.kind == CharacterClass.separator && joinedStart != nil
    guard goesOn || finish(body) else { return false }
    if kind == CharacterClass.separator {
      isAfterUnspaced = false
      return true
    }
    let isUnspaced = CharacterClass.isUnspaced(kind)
    self.kind = kind
    start = range.lowerBound
    continues = isUnspaced && isAfterUnspaced
    isAfterUnspaced = isUnspaced
    append(scalar, range)
    return true
  }

  private mutating func append(_ scalar: UInt32, _ range: Range<Int>) {
    if let scalar = Unicode.Scalar(scalar) { bytes.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
    last = scalar
    end = range.upperBound
  }

  /// Ends a word at a non-joiner.
  private mutating func divide(_ body: Body) -> Bool {
    if joinedStart == nil { joinedStart = start }
    joined.append(contentsOf: bytes)
    return emit(body)
  }

  /// Ends whatever has begun.
  private mutating func finish(_ body: Body) -> Bool {
    let isWord = kind == CharacterClass.letter
    if isWord, joinedStart != nil { joined.append(contentsOf: bytes) }
    guard emit(body) else { return false }
    guard let first = joinedStart else { return true }
    defer {
      joined.removeAll(keepingCapacity: true)
      joinedStart = nil
    }
    // A non-joiner at the end of a word divides nothing.
    guard isWord else { return true }
    let piece = Piece(kind: CharacterClass.letter, range: first..<end, isJoined: true)
    return joined.withUnsafeBufferPointer { body(piece, $0) }
  }

  private mutating func emit(_ body: Body) -> Bool {
    guard kind != CharacterClass.separator else { return true }
    let piece = Piece(kind: kind, range: start..<end, continues: continues)
    let goesOn = bytes.withUnsafeBufferPointer { body(piece, $0) }
    bytes.removeAll(keepingCapacity: true)
    kind = CharacterClass.separator
    last = 0
    return goesOn
  }

  // MARK: Characters

  /// The letter in lower case or the digit; 0 for everything else.
  @inline(__always)
  private static func foldASCII(_ byte: UInt8) -> UInt8 {
    if byte &- 0x61 < 26 || byte &- 0x30 < 10 { return byte }
    return byte &- 0x41 < 26 ? byte | 0x20 : 0
  }

  /// The scalar at a place and its length; what is no UTF-8 is a separator of one byte.
  private static func decode(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> (UInt32, length: Int) {
    let first = text[position]
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0
    guard length > 0, position + length <= text.count else { return (0, 1) }
    var scalar = UInt32(first) & (0x7F >> UInt32(length))
    for place in position + 1..<position + length {
      guard text[place] & 0xC0 == 0x80 else { return (0, 1) }
      scalar = scalar << 6 | UInt32(text[place] & 0x3F)
    }
    return Unicode.Scalar(scalar) == nil ? (0, 1) : (scalar, length)
  }

  /// Whether what is passed over belongs to the letter before it.
  private static func isAccent(_ scalar: UInt32) -> Bool {
    let category = Unicode.Scalar(scalar)?.properties.generalCategory
    return category == .nonspacingMark || category == .enclosingMark
  }

  /// Breve and diaeresis make other letters of Cyrillic ones (й, ї), except that ё counts as е. Elsewhere they are
  /// accents.
  private static func keeps(_ mark: UInt32, after letter: UInt32) -> Bool {
    guard mark == 0x306 || mark == 0x308 else { return true }
    return 0x400...0x52F ~= letter && letter != 0x435
  }

  /// The syllable that two parts of one make (Unicode, section 3.12).
  private static func syllable(_ first: UInt32, _ second: UInt32) -> UInt32? {
    switch second {
    case 0x1161...0x1175 where 0x1100...0x1112 ~= first:
      return 0xAC00 + ((first - 0x1100) * 21 + (second - 0x1161)) * 28
    case 0x11A8...0x11C2 where 0xAC00...0xD7A3 ~= first && (first - 0xAC00) % 28 == 0:
      return first + second - 0x11A7
    default: return nil
    }
  }
}

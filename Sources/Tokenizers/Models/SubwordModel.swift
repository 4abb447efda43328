/// A model that makes ids of pieces of text that a ``PreTokenizer`` cut.
enum SubwordModel: Sendable {
  case wordPiece(WordPieceModel)
  case unigram(UnigramModel)
  case characterPairs(CharacterPairModel)
  case sentencePiece(SentencePieceModel)

  /// Appends the ids of `range` of `text`; with `marks`, also where each of them ends.
  func encode(_ text: [UInt8], _ range: Range<Int>, into out: inout [TokenID], ends: inout [Int], marks: Bool)
  {
    switch self {
    case .wordPiece(let model): model.encode(text, range, into: &out, ends: &ends, marks: marks)
    case .unigram(let model): model.encode(text, range, into: &out, ends: &ends, marks: marks)
    case .characterPairs(let model): model.encode(text, range, into: &out, ends: &ends, marks: marks)
    case .sentencePiece(let model): model.encode(text, range, into: &out, ends: &ends, marks: marks)
    }
  }
}

/// The tokens `<0x00>` to `<0xFF>`, by which a vocabulary writes what it has no token for.
struct ByteTokens: Sendable {
  /// By byte, -1 where there is none.
  private let ids: [TokenID]

  /// The byte tokens of a vocabulary.
  init(in table: TokenTable) {
    ids = (0..<256).map { table.find(Self.spelling(UInt8($0)).utf8) ?? -1 }
  }

  /// The ids of all bytes of a range; false, and nothing appended, where one has none.
  func append(
    _ text: [UInt8], _ range: Range<Int>, to out: inout [TokenID]
  ) -> Bool {
    for index in range where ids[Int(text[index])] < 0 { return false }
    for index in range { out.append(ids[Int(text[index])]) }
    return true
  }

  /// `<0x0A>` for a line feed.
  static func spelling(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "<0x" + (digits.count < 2 ? "0" : "") + digits + ">"
  }

  /// The byte that a token of such a spelling stands for.
  static func byte(of spelling: some Collection<UInt8>) -> UInt8? {
    guard spelling.count == 6, spelling.starts(with: "<0x".utf8) else { return nil }
    var value: UInt8 = 0
    for (place, character) in spelling.dropFirst(3).enumerated() {
      switch character {
      case 0x30...0x39 where place < 2: value = value << 4 | (character - 0x30)
      case 0x41...0x46 where place < 2: value = value << 4 | (character - 0x41 + 10)
      case 0x61...0x66 where place < 2: value = value << 4 | (character - 0x61 + 10)
      case 0x3E where place == 2: return value
      default: return nil
      }
    }
    return nil
  }
}

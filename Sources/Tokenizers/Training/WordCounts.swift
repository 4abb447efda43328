/// How often each word of some texts occurs: all that a vocabulary is learned from.
///
/// Words are the pieces that GPT-2's pattern cuts a text into, each with the space before it. Texts are read once and not
/// kept, so that they may be larger than memory.
public struct WordCounts: Sendable {
  /// The words as bytes, in the order in which they first occurred.
  private(set) var words = PackedStrings()
  /// How often each occurs.
  private(set) var counts: [Int] = []
  /// The bytes of all texts.
  public private(set) var byteCount = 0

  /// An open-addressing table: the number of a word plus one, 0 where nothing is.
  private var slots = [UInt32](repeating: 0, count: 1 << 12)
  private var hashes: [UInt64] = []
  private let scanner = PatternScanner(.gpt2)

  /// No words.
  public init() {}

  /// How many different words there are.
  public var count: Int { counts.count }

  /// Counts the words of a text.
  public mutating func add(_ text: String) {
    let bytes = Array(text.utf8)
    add(bytes, 0..<bytes.count)
  }

  /// Counts the words of a text in UTF-8 line by line, each with its line break, as Hugging Face `tokenizers` reads files:
  /// no word goes on from one line to the next. A text of any length may come in parts that end where lines do.
  /// - Throws: ``BytePairTrainingError/notUTF8(offset:)``; nothing is counted then.
  public mutating func add(lines bytes: [UInt8]) throws(BytePairTrainingError) {
    if let offset = UTF8Scalars.firstInvalid(in: bytes) { throw .notUTF8(offset: offset) }
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != 0x0A { end += 1 }
      if end < bytes.count { end += 1 }
      add(bytes, start..<end)
      start = end
    }
  }

  private mutating func add(_ bytes: [UInt8], _ range: Range<Int>) {
    byteCount += range.count
    var start = range.lowerBound
    while start < range.upperBound {
      let end = scanner.end(from: start, to: range.upperBound, in: bytes)
      addWord(bytes, start..<end)
      start = end
    }
  }

  private mutating func addWord(_ bytes: [UInt8], _ range: Range<Int>) {
    let hash = Self.hash(bytes, range)
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let index = Int(slots[slot]) - 1
      if hashes[index] == hash, words.equals(index, bytes, range) {
        counts[index] += 1
        return
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    words.append(bytes[range])
    counts.append(1)
    hashes.append(hash)
    slots[slot] = UInt32(counts.count)
    if counts.count * 2 > slots.count { grow() }
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 4)
    for (index, hash) in hashes.enumerated() {
      var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(index + 1)
    }
  }

  /// FNV-1a (Fowler, Noll and Vo), its upper bits brought down.
  private static func hash(_ bytes: [UInt8], _ range: Range<Int>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in range { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
    return hash ^ hash >> 32
  }
}

extension UTF8Scalars {
  /// The offset of the first byte that does not belong to a character in UTF-8 (RFC 3629); nil where all do.
  static func firstInvalid(in bytes: [UInt8]) -> Int? {
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte < 0x80 {
        index += 1
        continue
      }
      let length: Int
      var second: ClosedRange<UInt8> = 0x80...0xBF
      switch byte {
      case 0xC2...0xDF: length = 2
      case 0xE0: (length, second) = (3, 0xA0...0xBF)
      case 0xED: (length, second) = (3, 0x80...0x9F)
      case 0xE1...0xEF: length = 3
      case 0xF0: (length, second) = (4, 0x90...0xBF)
      case 0xF4: (length, second) = (4, 0x80...0x8F)
      case 0xF1...0xF3: length = 4
      default: return index
      }
      guard index + length <= bytes.count, second.contains(bytes[index + 1]),
        bytes[(index + 2)..<max(index + 2, index + length)].allSatisfy({ $0 & 0xC0 == 0x80 })
      else { return index }
      index += length
    }
    return nil
  }
}

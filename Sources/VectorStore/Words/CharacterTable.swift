/// What a character is in the index of words.
enum CharacterClass {
  /// Ends a word.
  static let separator: UInt8 = 0
  /// Stands in words that are written with spaces between them.
  static let letter: UInt8 = 1
  /// Belongs to the letter before it.
  static let mark: UInt8 = 2
  /// Is passed over: soft hyphens, zero-width spaces, accents.
  static let ignored: UInt8 = 3
  /// The zero-width non-joiner, which divides words in the Arabic script alone.
  static let nonJoiner: UInt8 = 4
  /// Characters of scripts that put no spaces between words, from here on.
  static let han: UInt8 = 5
  static let hiragana: UInt8 = 6
  static let katakana: UInt8 = 7
  /// Korean has spaces, but particles and compounds without them.
  static let hangul: UInt8 = 8
  /// Thai, Lao, Khmer, Myanmar and their neighbours.
  static let cluster: UInt8 = 9

  /// Whether a word may begin or end on either side of the character without a space.
  @inline(__always) static func isUnspaced(_ kind: UInt8) -> Bool { kind >= han }
}

/// The class of each character and what it is folded to, unpacked from `WordTables`.
struct CharacterTable: Sendable {
  static let shared = CharacterTable()

  /// Set beside the class of a character that is folded to others.
  static let mapped: UInt8 = 16
  private static let lowCount: UInt32 = 0x20000

  private var low = [UInt8](repeating: 0, count: Int(lowCount))
  /// Where the class changes above the characters in `low`.
  private var starts: [UInt32] = []
  private var values: [UInt8] = []
  private var keys: [UInt32] = []
  private var ends: [Int] = []
  private var scalars: [UInt32] = []

  private init() {
    readClasses()
    readFolds()
  }

  private mutating func readClasses() {
    var numbers = PackedNumbers(WordTables.classes)
    var (start, value) = (UInt32(0), UInt8(0))
    while true {
      let isLast = numbers.isAtEnd
      let next = isLast ? 0x110000 : start + numbers.next()
      if value != 0, start < Self.lowCount {
        for scalar in Int(start)..<Int(min(next, Self.lowCount)) { low[scalar] = value }
      }
      if next > Self.lowCount {
        starts.append(max(start, Self.lowCount))
        values.append(value)
      }
      if isLast { return }
      (start, value) = (next, UInt8(truncatingIfNeeded: numbers.next()))
    }
  }

  private mutating func readFolds() {
    var numbers = PackedNumbers(WordTables.folds)
    var key: UInt32 = 0
    while !numbers.isAtEnd {
      key += numbers.next()
      keys.append(key)
      for _ in 0..<numbers.next() {
        scalars.append(UInt32(truncatingIfNeeded: Int(key) + numbers.nextSigned()))
      }
      ends.append(scalars.count)
    }
  }

  /// The class, with `mapped` where the character is folded.
  @inline(__always)
  func entry(_ scalar: UInt32) -> UInt8 {
    scalar < Self.lowCount ? low[Int(scalar)] : values[Self.last(in: starts, notAbove: scalar)]
  }

  /// What a character that is `mapped` is folded to.
  func fold(_ scalar: UInt32) -> ArraySlice<UInt32> {
    let place = Self.last(in: keys, notAbove: scalar)
    return scalars[(place == 0 ? 0 : ends[place - 1])..<ends[place]]
  }

  private static func last(in sorted: [UInt32], notAbove scalar: UInt32) -> Int {
    var (lower, upper) = (0, sorted.count)
    while upper - lower > 1 {
      let middle = (lower + upper) / 2
      if sorted[middle] <= scalar { lower = middle } else { upper = middle }
    }
    return lower
  }
}

/// Reads the numbers that `Scripts/make-word-tables.py` writes as text: groups of five bits, the lowest first.
private struct PackedNumbers {
  private let text: UnsafeBufferPointer<UInt8>
  private var position = 0

  /// A static string lives as long as the program, so the pointer does.
  init(_ text: StaticString) {
    self.text = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  var isAtEnd: Bool { position >= text.count }

  mutating func next() -> UInt32 {
    var (value, shift) = (UInt32(0), UInt32(0))
    while position < text.count {
      let digit = Self.digit(text[position])
      position += 1
      value |= (digit & 31) &<< shift
      if digit & 32 == 0 { break }
      shift += 5
    }
    return value
  }

  mutating func nextSigned() -> Int {
    let value = Int(next())
    return value & 1 == 0 ? value >> 1 : -((value >> 1) + 1)
  }

  private static func digit(_ character: UInt8) -> UInt32 {
    switch character {
    case 0x30...0x39: UInt32(character - 0x30)
    case 0x41...0x5A: UInt32(character - 0x41 + 10)
    case 0x61...0x7A: UInt32(character - 0x61 + 36)
    case 0x2B: 62
    default: 63
    }
  }
}

/// A set of Unicode scalars, as a class of a regular expression names it: characters, ranges, `\p{L}` and its kin, `\s`.
struct ScalarSet: Sendable, Equatable {
  private var ranges: [ClosedRange<UInt32>] = []
  /// Bit `n` for the general category number `n` (``CharacterClasses``).
  private var categories: UInt64 = 0
  private var hasSpaces = false
  /// Bits of ``CharacterClasses/flags``.
  private var flags: UInt8 = 0
  private var ascii = [Bool](repeating: false, count: 128)

  /// Reads a class: what stands between the brackets of `[…]`, or one `\p{…}` or `\s` without them.
  ///
  /// Nil where the text is no class, or one that is not read, as those that begin with "^" are.
  init?(_ text: some StringProtocol) {
    var scalars = Array(text.unicodeScalars.map(\.value))[...]
    guard !scalars.isEmpty, scalars.first != UInt32(UInt8(ascii: "^")) else { return nil }
    while !scalars.isEmpty {
      guard let first = readItem(&scalars) else { return nil }
      guard let first = first.scalar else { continue }
      var last = first
      if scalars.count > 1, scalars.first == Self.hyphen {
        scalars.removeFirst()
        guard let end = readItem(&scalars)?.scalar, end >= first else { return nil }
        last = end
      }
      ranges.append(first...last)
    }
    ranges.sort { $0.lowerBound < $1.lowerBound }
    ascii = (0..<128).map { find($0) }
  }

  /// What the pre-tokenizer Digits cuts at.
  static let digits = ScalarSet(flags: CharacterClasses.numeric)
  /// What the pre-tokenizer Punctuation cuts at.
  static let punctuation = ScalarSet(flags: CharacterClasses.bertPunctuation)

  private init(flags: UInt8) {
    self.flags = flags
    ascii = (0..<128).map { find($0) }
  }

  private static let hyphen = UInt32(UInt8(ascii: "-"))

  /// One character, or a class inside the class, which is taken in at once.
  private mutating func readItem(_ text: inout ArraySlice<UInt32>) -> (scalar: UInt32?, Void)? {
    guard let first = text.popFirst(), first != UInt32(UInt8(ascii: "[")), first != UInt32(UInt8(ascii: "]"))
    else { return nil }
    guard first == UInt32(UInt8(ascii: "\\")) else { return (first, ()) }
    guard let escaped = text.popFirst() else { return nil }
    switch Character(Unicode.Scalar(escaped) ?? "\u{FFFD}") {
    case "r": return (0x0D, ())
    case "n": return (0x0A, ())
    case "t": return (0x09, ())
    case "s":
      hasSpaces = true
      return (nil, ())
    case "p":
      let name = Array(text.prefix(3))
      guard name.count == 3, name[0] == UInt32(UInt8(ascii: "{")), name[2] == UInt32(UInt8(ascii: "}")),
        let letter = Unicode.Scalar(name[1]), let range = Self.categories(letter)
      else { return nil }
      text = text.dropFirst(3)
      for category in range { categories |= 1 << UInt64(category) }
      return (nil, ())
    // Other letters and digits behind a backslash have meanings of their own.
    case let other where other.isLetter || other.isNumber: return nil
    default: return (escaped, ())
    }
  }

  private static func categories(_ letter: Unicode.Scalar) -> ClosedRange<UInt8>? {
    switch letter {
    case "L": 1...5
    case "M": 6...8
    case "N": 9...11
    case "P": 12...18
    case "S": 19...22
    default: nil
    }
  }

  /// Whether the scalar is in the set.
  @inline(__always)
  func contains(_ scalar: UInt32) -> Bool { scalar < 128 ? ascii[Int(scalar)] : find(scalar) }

  private func find(_ scalar: UInt32) -> Bool {
    if hasSpaces, CharacterClasses.isSpace(scalar) { return true }
    if categories != 0, categories >> UInt64(CharacterClasses.categories[scalar]) & 1 == 1 { return true }
    if CharacterClasses.flags[scalar] & flags != 0 { return true }
    // The last range that begins no later than the scalar.
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].lowerBound <= scalar { low = middle + 1 } else { high = middle }
    }
    return low > 0 && ranges[low - 1].contains(scalar)
  }
}

/// Finds the sentences of a text by rule: a full stop, question or exclamation mark that ends one, as seen from what
/// stands before and after it. Blank lines and list items end a sentence too.
public enum SentenceSplitter {
  /// The sentences of `text` without the white space around them, each a part of the text.
  public static func sentences(_ text: String) -> [Substring] {
    ranges(text).map { text[$0] }
  }

  /// The ranges of the sentences, without the white space around them.
  public static func ranges(_ text: String) -> [Range<String.Index>] {
    var text = text
    text.makeContiguousUTF8()
    let cuts = text.utf8.withContiguousStorageIfAvailable { boundaries($0) } ?? []
    let utf8 = text.utf8
    var ranges = [Range<String.Index>]()
    var position = utf8.startIndex
    var offset = 0
    for (start, end) in cuts {
      let lower = utf8.index(position, offsetBy: start - offset)
      position = utf8.index(lower, offsetBy: end - start)
      offset = end
      ranges.append(lower..<position)
    }
    return ranges
  }

  /// Start and end of each sentence, as offsets into the bytes.
  static func boundaries(_ bytes: UnsafeBufferPointer<UInt8>) -> [(start: Int, end: Int)] {
    var cuts = [(start: Int, end: Int)]()
    var start = 0
    func add(_ end: Int) {
      var lower = start
      var upper = end
      while lower < upper, isBlank(bytes[lower]) { lower += 1 }
      while upper > lower, isBlank(bytes[upper - 1]) { upper -= 1 }
      if upper > lower { cuts.append((lower, upper)) }
      start = end
    }
    var i = 0
    while i < bytes.count {
      let byte = bytes[i]
      if byte == 0x0A {
        if endsAtNewline(bytes, i) { add(i) }
        i += 1
      } else if byte == 0x2E || byte == 0x3F || byte == 0x21 {
        let end = endOfMarks(bytes, i)
        if endsSentence(bytes, mark: i, after: end) { add(end) }
        i = end
      } else if byte == 0xE3 || byte == 0xEF, isIdeographicStop(bytes, i) {
        add(i + 3)
        i += 3
      } else {
        i += 1
      }
    }
    add(bytes.count)
    return cuts
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  /// A blank line, or a line that starts a list item, a table row or a heading, ends what stands before it.
  private static func endsAtNewline(_ bytes: UnsafeBufferPointer<UInt8>, _ newline: Int) -> Bool {
    var i = newline + 1
    while i < bytes.count, bytes[i] == 0x20 || bytes[i] == 0x09 { i += 1 }
    guard i < bytes.count else { return false }
    switch bytes[i] {
    case 0x0A, UInt8(ascii: "|"), UInt8(ascii: "#"): return true
    case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "+"):
      return i + 1 < bytes.count && bytes[i + 1] == 0x20
    case 0xE2:  // U+2022, the bullet
      return i + 2 < bytes.count && bytes[i + 1] == 0x80 && bytes[i + 2] == 0xA2
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      while i < bytes.count, (0x30...0x39).contains(bytes[i]) { i += 1 }
      return i + 1 < bytes.count && (bytes[i] == 0x2E || bytes[i] == 0x29) && bytes[i + 1] == 0x20
    default: return false
    }
  }

  /// The index after the marks and the closing quotes and brackets that follow them.
  private static func endOfMarks(_ bytes: UnsafeBufferPointer<UInt8>, _ mark: Int) -> Int {
    var i = mark + 1
    while i < bytes.count {
      switch bytes[i] {
      case 0x2E, 0x3F, 0x21, 0x22, 0x27, 0x29, 0x5D: i += 1
      case 0xE2 where i + 2 < bytes.count && bytes[i + 1] == 0x80 && (0x99...0x9D).contains(bytes[i + 2]):
        i += 3
      case 0xC2 where i + 1 < bytes.count && bytes[i + 1] == 0xBB: i += 2
      // A footnote number in brackets, as in an encyclopedia, belongs to the sentence before it.
      case 0x5B:
        var j = i + 1
        while j < bytes.count, (0x30...0x39).contains(bytes[j]) { j += 1 }
        guard j > i + 1, j < bytes.count, bytes[j] == 0x5D else { return i }
        i = j + 1
      default: return i
      }
    }
    return i
  }

  private static func endsSentence(_ bytes: UnsafeBufferPointer<UInt8>, mark: Int, after: Int) -> Bool {
    guard after < bytes.count else { return true }
    guard isBlank(bytes[after]) else { return false }
    var next = after
    while next < bytes.count, isBlank(bytes[next]) { next += 1 }
    guard next < bytes.count else { return true }
    // What goes on in lower case is no new sentence, and neither is a comma or the like.
    if (0x61...0x7A).contains(bytes[next]) || bytes[next] == 0x2C || bytes[next] == 0x3B { return false }
    if bytes[mark] != 0x2E { return true }
    return !isAbbreviation(bytes, mark, next)
  }

  private static func isAbbreviation(_ bytes: UnsafeBufferPointer<UInt8>, _ mark: Int, _ next: Int) -> Bool {
    var start = mark
    while start > 0, !isBlank(bytes[start - 1]), bytes[start - 1] != 0x28, bytes[start - 1] != 0x22 {
      start -= 1
    }
    let length = mark - start
    guard length > 0 else { return false }
    // An initial, as in "J. Smith"; a single letter after a number ("vitamin B.") is rarer.
    if length == 1, (0x41...0x5A).contains(bytes[start]) { return true }
    if length > 8 { return false }
    let word = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<mark]), as: UTF8.self)
      .lowercased()
    if titles.contains(word) { return true }
    // "No. 5", "Fig. 2", "pp. 3": only before a number.
    return (0x30...0x39).contains(bytes[next]) && beforeNumbers.contains(word)
  }

  private static func isIdeographicStop(_ bytes: UnsafeBufferPointer<UInt8>, _ i: Int) -> Bool {
    guard i + 2 < bytes.count else { return false }
    if bytes[i] == 0xE3 { return bytes[i + 1] == 0x80 && bytes[i + 2] == 0x82 }
    return bytes[i + 1] == 0xBC && (bytes[i + 2] == 0x81 || bytes[i + 2] == 0x9F)
  }

  private static let titles: Set<String> = [
    "mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "gen", "col", "lt", "sgt", "capt", "rev", "hon", "gov",
    "sen",
    "rep", "vs", "e.g", "i.e", "cf", "viz", "al", "approx", "ca", "incl", "mt", "ft", "u.s",
  ]

  private static let beforeNumbers: Set<String> = [
    "no", "nos", "fig", "figs", "eq", "eqs", "vol", "ch", "sec", "p", "pp", "art", "jan", "feb", "mar", "apr",
    "jun",
    "jul", "aug", "sep", "sept", "oct", "nov", "dec", "c", "b", "d", "r",
  ]
}

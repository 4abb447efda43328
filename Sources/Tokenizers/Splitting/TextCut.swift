/// One of the steps that cut the text of a byte-level vocabulary into pieces: a regular expression whose matches are
/// pieces, and what lies between them too.
///
/// Each step cuts the pieces of the one before, and sees nothing beyond a piece.
enum TextCut: Sendable, Equatable {
  /// A pattern whose matches leave nothing out.
  case pattern(SplitPattern)
  case run(RunPattern)
  /// The same over the visible characters that stand for bytes, which is what a step behind `ByteLevel` sees.
  case byteRun([Bool], ClosedRange<Int>)
  /// `\s+$`: white space at a piece's end.
  case spaceAtEnd
  /// The third pattern of DeepSeek's versions 3 and 4.
  case deepSeek
  /// CLIP's: what its pattern does not match is dropped.
  case clip(words: [[UInt8]])

  /// The pieces of `bytes`, by all steps in turn.
  static func pieces(of bytes: [UInt8], by cuts: [TextCut]) -> [Range<Int>] {
    var pieces = bytes.isEmpty ? [] : [0..<bytes.count]
    for cut in cuts {
      var next: [Range<Int>] = []
      next.reserveCapacity(pieces.count)
      for piece in pieces { cut.append(piece, of: bytes, to: &next) }
      pieces = next
    }
    return pieces
  }

  private func append(_ piece: Range<Int>, of bytes: [UInt8], to pieces: inout [Range<Int>]) {
    switch self {
    case .pattern(let pattern):
      let scanner = PatternScanner(pattern)
      var start = piece.lowerBound
      while start < piece.upperBound {
        let end = scanner.end(from: start, to: piece.upperBound, in: bytes)
        pieces.append(start..<end)
        start = end
      }
    case .run(let pattern): append(piece, to: &pieces) { pattern.stretch(bytes, $0, piece.upperBound) }
    case .byteRun(let set, let lengths):
      append(piece, to: &pieces) { start in
        var end = start
        while end < piece.upperBound, end - start < lengths.upperBound, set[Int(bytes[end])] { end += 1 }
        return end - start >= lengths.lowerBound ? (true, end) : (false, max(end, start + 1))
      }
    case .spaceAtEnd:
      append(piece, to: &pieces) { start in
        let end = Self.endOfSpace(bytes, start, piece.upperBound)
        return end > start
          ? (end == piece.upperBound, end) : (false, start + UTF8Scalars.length(bytes[start]))
      }
    case .deepSeek:
      let scanner = DeepSeekScanner(bytes: bytes, limit: piece.upperBound)
      append(piece, to: &pieces) { scanner.stretch(from: $0) }
    case .clip(let words):
      append(piece, to: &pieces, keepsRest: false) { Self.clipStretch(bytes, $0, piece.upperBound, words) }
    }
  }

  /// Appends the matches in a piece, and what lies between them. `stretch` says of a place whether a match begins there,
  /// and where that, or what is surely none, ends.
  private func append(
    _ piece: Range<Int>, to pieces: inout [Range<Int>], keepsRest: Bool = true,
    _ stretch: (Int) -> (isMatch: Bool, end: Int)
  ) {
    var rest = piece.lowerBound
    var index = rest
    while index < piece.upperBound {
      let (isMatch, end) = stretch(index)
      if isMatch {
        if rest < index, keepsRest { pieces.append(rest..<index) }
        pieces.append(index..<end)
        rest = end
      }
      index = end
    }
    if rest < piece.upperBound, keepsRest { pieces.append(rest..<piece.upperBound) }
  }

  /// Where white space that begins at `start` ends.
  static func endOfSpace(_ bytes: [UInt8], _ start: Int, _ limit: Int) -> Int {
    var index = start
    while index < limit {
      let (scalar, length) = UTF8Scalars.read(bytes, index)
      guard CharacterClasses.isSpace(scalar) else { break }
      index += length
    }
    return index
  }

  /// `'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`, the words before all else.
  private static func clipStretch(
    _ bytes: [UInt8], _ start: Int, _ limit: Int, _ words: [[UInt8]]
  ) -> (Bool, Int) {
    for word in words where start + word.count <= limit && bytes[start...].starts(with: word) {
      return (true, start + word.count)
    }
    enum Kind { case letter, number, space, sign }
    func kind(_ index: Int) -> (Kind, Int) {
      let (scalar, length) = UTF8Scalars.read(bytes, index)
      let category = CharacterClasses.categories[scalar]
      if CharacterClasses.isLetter(category) { return (.letter, length) }
      if CharacterClasses.isNumber(category) { return (.number, length) }
      return (CharacterClasses.isSpace(scalar) ? .space : .sign, length)
    }
    let (own, length) = kind(start)
    var end = start + length
    switch own {
    case .space: return (false, end)
    case .number: return (true, end)
    case .letter, .sign:
      while end < limit {
        let (next, length) = kind(end)
        guard next == own else { break }
        end += length
      }
      return (true, end)
    }
  }
}

/// `\s?[…]+` and its kin: so many characters of a set, and white space before them.
struct RunPattern: Sendable, Equatable {
  var takesSpace = false
  var set: ScalarSet
  /// How many characters make a match.
  var lengths = 1...Int.max

  /// Whether a match begins at `start`, and where that, or what is surely none, ends.
  func stretch(_ bytes: [UInt8], _ start: Int, _ limit: Int) -> (isMatch: Bool, end: Int) {
    let (scalar, length) = UTF8Scalars.read(bytes, start)
    if takesSpace, CharacterClasses.isSpace(scalar), let end = end(bytes, start + length, limit) {
      return (true, end)
    }
    return end(bytes, start, limit).map { (true, $0) } ?? (false, start + length)
  }

  private func end(_ bytes: [UInt8], _ start: Int, _ limit: Int) -> Int? {
    var index = start
    var count = 0
    while index < limit, count < lengths.upperBound {
      let (scalar, length) = UTF8Scalars.read(bytes, index)
      guard set.contains(scalar) else { break }
      index += length
      count += 1
    }
    return count >= lengths.lowerBound ? index : nil
  }
}

/// `[!-/:-@[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
private struct DeepSeekScanner {
  let bytes: [UInt8]
  let limit: Int

  private enum Kind { case letter, mark, sign, other }

  func stretch(from start: Int) -> (isMatch: Bool, end: Int) {
    let (own, next) = kind(start)
    let byte = bytes[start]
    if own == .sign, byte < 0x80, next < limit, Self.isASCIILetter(bytes[next]) {
      var end = next
      while end < limit, Self.isASCIILetter(bytes[end]) { end += 1 }
      return (true, end)
    }
    let isLineBreak = byte == 0x0A || byte == 0x0D
    if own == .letter || own == .mark || own == .other && !isLineBreak && isWord(next) {
      return (true, end(of: [.letter, .mark], from: next))
    }
    if own == .sign || byte == 0x20 && next < limit && kind(next).0 == .sign {
      var end = end(of: [.sign], from: next)
      while end < limit, bytes[end] == 0x0A || bytes[end] == 0x0D { end += 1 }
      return (true, end)
    }
    return space(from: start, next)
  }

  /// Up to the last line break; else all but the last, which goes with what follows.
  private func space(from start: Int, _ next: Int) -> (isMatch: Bool, end: Int) {
    var index = start
    var last = start
    var afterLineBreak = start
    while index < limit {
      let (scalar, length) = UTF8Scalars.read(bytes, index)
      guard CharacterClasses.isSpace(scalar) else { break }
      last = index
      index += length
      if scalar == 0x0A || scalar == 0x0D { afterLineBreak = index }
    }
    guard index > start else { return (false, next) }
    if afterLineBreak > start { return (true, afterLineBreak) }
    return (true, index == limit || last == start ? index : last)
  }

  private func isWord(_ index: Int) -> Bool {
    guard index < limit else { return false }
    let kind = kind(index).0
    return kind == .letter || kind == .mark
  }

  private func end(of kinds: Set<Kind>, from start: Int) -> Int {
    var index = start
    while index < limit {
      let (own, next) = kind(index)
      guard kinds.contains(own) else { break }
      index = next
    }
    return index
  }

  private func kind(_ index: Int) -> (Kind, next: Int) {
    let (scalar, length) = UTF8Scalars.read(bytes, index)
    let category = CharacterClasses.categories[scalar]
    let kind: Kind =
      CharacterClasses.isLetter(category)
      ? .letter
      : CharacterClasses.isMark(category)
        ? .mark
        : CharacterClasses.isPunctuation(category) || CharacterClasses.isSymbol(category) ? .sign : .other
    return (kind, index + length)
  }

  private static func isASCIILetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
}

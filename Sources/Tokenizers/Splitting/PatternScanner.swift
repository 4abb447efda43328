/// Finds the pieces of a text by a ``SplitPattern``, each as the regular expression would match it.
struct PatternScanner {
  let pattern: SplitPattern

  private typealias Classes = CharacterClasses

  private static let other: UInt8 = 0
  private static let letter: UInt8 = 1
  private static let number: UInt8 = 2
  private static let space: UInt8 = 3
  private static let mark: UInt8 = 4

  private static let ascii: [UInt8] = (0..<128).map { byte in
    switch UInt8(byte) {
    case 0x41...0x5A, 0x61...0x7A: letter
    case 0x30...0x39: number
    case 0x09...0x0D, 0x20: space
    default: other
    }
  }
  private let asciiClass = PatternScanner.ascii

  init(_ pattern: SplitPattern) { self.pattern = pattern }

  /// The end of the piece that begins at `start`, which lies before `limit`. Text from `limit` on is
  /// as good as absent.
  @inline(__always)
  func end(from start: Int, to limit: Int, in bytes: [UInt8]) -> Int {
    let (kind, length) = classify(bytes, start)
    let next = start + length
    if kind == Self.letter, pattern.letters != .cased { return endOfLetters(next, limit, bytes) }
    if bytes[start] == 0x20, next < limit, pattern.letters != .cased {
      let (nextKind, nextLength) = classify(bytes, next)
      if nextKind == Self.letter { return endOfLetters(next + nextLength, limit, bytes) }
    }
    return endOfRest(from: start, kind, next, to: limit, in: bytes)
  }

  /// A letter, number, space, mark (where the pattern knows marks) or something else, and its length.
  @inline(__always)
  private func classify(_ bytes: [UInt8], _ index: Int) -> (kind: UInt8, length: Int) {
    let byte = bytes[index]
    if byte < 0x80 { return (asciiClass[Int(byte)], 1) }
    let (scalar, length) = UTF8Scalars.readLonger(bytes, index, UInt32(byte))
    return (classify(scalar), length)
  }

  private func classify(_ scalar: UInt32) -> UInt8 {
    let category = Classes.categories[scalar]
    if Classes.isLetter(category) { return Self.letter }
    if Classes.isNumber(category) { return Self.number }
    if Classes.isSpace(scalar) { return Self.space }
    if pattern.letters == .withMarksAfterAnySign, Classes.isMark(category) { return Self.letter }
    return Self.other
  }

  @inline(__always)
  private func endOfRun(of kind: UInt8, _ start: Int, _ limit: Int, _ bytes: [UInt8]) -> Int {
    var index = start
    while index < limit {
      let (found, length) = classify(bytes, index)
      guard found == kind else { break }
      index += length
    }
    return index
  }

  @inline(__always)
  private func endOfLetters(_ start: Int, _ limit: Int, _ bytes: [UInt8]) -> Int {
    endOfRun(of: Self.letter, start, limit, bytes)
  }

  /// Everything but plain words.
  private func endOfRest(from start: Int, _ kind: UInt8, _ next: Int, to limit: Int, in bytes: [UInt8]) -> Int
  {
    let byte = bytes[start]
    if byte == 0x27, pattern.contractions != .none {
      let length = contraction(at: start, limit, bytes, anyCase: pattern.contractions == .anyCase)
      if length > 0 { return start + length }
    }
    if pattern.letters == .cased {
      if let end = endOfCasedWord(from: start, kind, next, to: limit, in: bytes) { return end }
    } else if pattern.letters != .afterSpace, kind != Self.number, byte != 0x0A, byte != 0x0D, next < limit {
      let (nextKind, nextLength) = classify(bytes, next)
      if nextKind == Self.letter { return endOfLetters(next + nextLength, limit, bytes) }
    }
    if kind == Self.number { return endOfNumber(from: start, to: limit, in: bytes) }
    if byte == 0x20, next < limit {
      let nextKind = classify(bytes, next).kind
      if nextKind == Self.number, pattern.spaceBeforeNumber {
        return endOfNumber(from: next, to: limit, in: bytes)
      }
      if nextKind == Self.other { return endOfSigns(from: next, to: limit, in: bytes) }
    }
    if kind == Self.space { return endOfSpace(from: start, next, to: limit, in: bytes) }
    return endOfSigns(from: start, to: limit, in: bytes)
  }

  private func endOfNumber(from start: Int, to limit: Int, in bytes: [UInt8]) -> Int {
    var index = start
    var count = 0
    while index < limit, count < pattern.maximumDigits {
      let (kind, length) = classify(bytes, index)
      guard kind == Self.number else { break }
      index += length
      count += 1
    }
    return index
  }

  private func endOfSigns(from start: Int, to limit: Int, in bytes: [UInt8]) -> Int {
    var index = endOfRun(of: Self.other, start, limit, bytes)
    guard pattern.signsTakeLineBreaks else { return index }
    while index < limit {
      let byte = bytes[index]
      guard byte == 0x0A || byte == 0x0D || pattern.signsTakeSlashes && byte == 0x2F else { break }
      index += 1
    }
    return index
  }

  /// `\s*[\r\n]+|\s+(?!\S)|\s+`: up to the last line break; else all but the last space, which goes
  /// with what follows.
  private func endOfSpace(from start: Int, _ next: Int, to limit: Int, in bytes: [UInt8]) -> Int {
    var index = start
    var last = start
    var afterLineBreak = 0
    while index < limit {
      let (kind, length) = classify(bytes, index)
      guard kind == Self.space else { break }
      last = index
      if bytes[index] == 0x0A || bytes[index] == 0x0D { afterLineBreak = index + 1 }
      index += length
    }
    if pattern.lineBreaksApart, afterLineBreak > 0 { return afterLineBreak }
    return index == limit || last == start ? index : last
  }

  /// The length of `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d` at an apostrophe; 0 where there is none.
  private func contraction(at start: Int, _ limit: Int, _ bytes: [UInt8], anyCase: Bool) -> Int {
    guard start + 1 < limit else { return 0 }
    // U+017F, the long s, is an s where case does not matter.
    if anyCase, bytes[start + 1] == 0xC5, start + 2 < limit, bytes[start + 2] == 0xBF { return 3 }
    let fold: UInt8 = anyCase ? 0x20 : 0
    let first = bytes[start + 1] | fold
    if first == 0x73 || first == 0x74 || first == 0x6D || first == 0x64 { return 2 }
    guard start + 2 < limit else { return 0 }
    let second = bytes[start + 2] | fold
    let isPair =
      first == 0x72 && second == 0x65 || first == 0x76 && second == 0x65 || first == 0x6C && second == 0x6C
    return isPair ? 3 : 0
  }
}

extension PatternScanner {
  /// `[^\r\n\p{L}\p{N}]?U*L+` or, failing that, `[^\r\n\p{L}\p{N}]?U+L*`, where U are capitals, L small
  /// letters, and letters without case and marks are both; with a contraction where the pattern says so.
  private func endOfCasedWord(
    from start: Int, _ kind: UInt8, _ next: Int, to limit: Int, in bytes: [UInt8]
  ) -> Int? {
    let mayBePrefix =
      kind != Self.letter && kind != Self.number && bytes[start] != 0x0A && bytes[start] != 0x0D
    for needsSmall in [true, false] {
      if mayBePrefix, let end = endOfCased(from: next, needsSmall, limit, bytes) { return end }
      if let end = endOfCased(from: start, needsSmall, limit, bytes) { return end }
    }
    return nil
  }

  private func endOfCased(from start: Int, _ needsSmall: Bool, _ limit: Int, _ bytes: [UInt8]) -> Int? {
    var index = start
    var afterLastEither: Int?
    while index < limit {
      let (scalar, length) = UTF8Scalars.read(bytes, index)
      let category = Classes.categories[scalar]
      guard Classes.isUpperish(category) else { break }
      index += length
      if Classes.isLowerish(category) { afterLastEither = index }
    }
    let afterCapitals = index
    while index < limit {
      let (scalar, length) = UTF8Scalars.read(bytes, index)
      guard Classes.isLowerish(Classes.categories[scalar]) else { break }
      index += length
    }
    if index == afterCapitals {
      if needsSmall {
        guard let either = afterLastEither else { return nil }
        index = either
      } else if index == start {
        return nil
      }
    }
    guard pattern.contractionsEndWords, index < limit, bytes[index] == 0x27 else { return index }
    return index + contraction(at: index, limit, bytes, anyCase: true)
  }
}

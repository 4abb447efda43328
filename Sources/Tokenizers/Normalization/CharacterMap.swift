/// SentencePiece's compiled normalization rules, its `precompiled_charsmap`: a double-array trie of texts, and what
/// each becomes (google/sentencepiece `normalizer.cc`; the trie is that of the library Darts-clone).
///
/// Nothing in the bytes is trusted: a link that leads outside ends the search.
struct CharacterMap: Sendable, Equatable {
  private var units: [UInt32]
  /// The replacements, each ended by a zero.
  private var replacements: [UInt8]
  /// Whether texts are looked up by grapheme, as Hugging Face `tokenizers` does, or by their longest match, as
  /// SentencePiece and llama.cpp do.
  var matchesGraphemes: Bool

  /// - Throws: ``TokenizerError`` where the bytes are too short for what they announce.
  init(_ bytes: [UInt8], matchesGraphemes: Bool, field: String) throws(TokenizerError) {
    func number(_ index: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << (8 * UInt32($1)) }
    }
    guard bytes.count >= 4 else { throw .malformed(field: field, problem: "has \(bytes.count) bytes only") }
    let size = Int(number(0))
    guard size % 4 == 0, size > 0, size <= bytes.count - 4 else {
      throw .malformed(
        field: field, problem: "announces a table of \(size) bytes, but has \(bytes.count - 4)")
    }
    units = stride(from: 4, to: 4 + size, by: 4).map(number)
    replacements = Array(bytes[(4 + size)...])
    self.matchesGraphemes = matchesGraphemes
  }

  /// The replacement of the shortest or longest beginning of `range` that has one, and that beginning's length.
  private func match(
    _ text: [UInt8], _ range: Range<Int>, longest: Bool
  ) -> (replacement: Range<Int>, length: Int)? {
    var found: (Range<Int>, Int)?
    var position = Self.offset(units[0])
    for index in range {
      let byte = UInt32(text[index])
      position ^= Int(byte)
      guard byte != 0, units.indices.contains(position), units[position] & 0x8000_00FF == byte else { break }
      let unit = units[position]
      position ^= Self.offset(unit)
      guard unit >> 8 & 1 == 1, units.indices.contains(position) else { continue }
      guard let replacement = replacement(at: Int(units[position] & 0x7FFF_FFFF)) else { continue }
      found = (replacement, index + 1 - range.lowerBound)
      if !longest { break }
    }
    return found
  }

  private static func offset(_ unit: UInt32) -> Int { Int((unit >> 10) << ((unit & 1 << 9) >> 6)) }

  private func replacement(at start: Int) -> Range<Int>? {
    guard start <= replacements.count else { return nil }
    var end = start
    while end < replacements.count, replacements[end] != 0 { end += 1 }
    return start..<end
  }

  /// Rewrites a text.
  func normalize(_ text: inout MappedText, spare: inout MappedText) {
    spare.clear(like: text)
    if matchesGraphemes {
      normalizeGraphemes(text, &spare)
    } else {
      var index = 0
      while index < text.bytes.count { index += normalizeNext(text, index..<text.bytes.count, true, &spare) }
    }
    swap(&text, &spare)
  }

  /// Whole graphemes of less than 6 bytes first, then their characters by themselves.
  private func normalizeGraphemes(_ text: MappedText, _ output: inout MappedText) {
    var start = 0
    for end in Self.graphemeEnds(text.bytes) {
      if end - start < 6, let found = match(text.bytes, start..<end, longest: false) {
        append(found.replacement, insteadOf: start..<end, of: text, to: &output)
      } else {
        var index = start
        while index < end {
          let length = UTF8Scalars.length(text.bytes[index])
          index += normalizeNext(text, index..<min(index + length, end), false, &output)
        }
      }
      start = end
    }
  }

  /// Replaces or copies what `range` begins with; how much that was.
  private func normalizeNext(
    _ text: MappedText, _ range: Range<Int>, _ longest: Bool, _ output: inout MappedText
  ) -> Int {
    if let found = match(text.bytes, range, longest: longest) {
      let length = longest ? found.length : range.count
      append(
        found.replacement, insteadOf: range.lowerBound..<range.lowerBound + length, of: text, to: &output)
      return length
    }
    let length = min(UTF8Scalars.length(text.bytes[range.lowerBound]), range.count)
    output.append(range.lowerBound..<range.lowerBound + length, of: text)
    return length
  }

  /// The first new character comes from the first old one, and so on; those left over come from the last.
  private func append(
    _ replacement: Range<Int>, insteadOf old: Range<Int>, of text: MappedText, to output: inout MappedText
  ) {
    guard text.isMapped else { return output.append(replacements[replacement], from: text.source(0)) }
    var place = old.lowerBound
    for index in replacement {
      if index > replacement.lowerBound, !UTF8Scalars.isContinuation(replacements[index]) {
        let next = place + UTF8Scalars.length(text.bytes[place])
        if next < old.upperBound { place = next }
      }
      output.append(replacements[index...index], from: text.source(place))
    }
  }

  /// Where user-perceived characters end. Between two of ASCII there is always a border, but within CR LF.
  private static func graphemeEnds(_ bytes: [UInt8]) -> [Int] {
    var ends: [Int] = []
    ends.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      var end = index
      while end < bytes.count, bytes[end] < 0x80 { end += 1 }
      // The last character of ASCII may have marks behind it, so it goes with what follows.
      let plain = end == bytes.count ? end : end - 1
      while index < plain {
        let isPair = bytes[index] == 0x0D && index + 1 < end && bytes[index + 1] == 0x0A
        index += isPair ? 2 : 1
        ends.append(index)
      }
      guard index < bytes.count else { break }
      end = index + 1
      // Some signs of other scripts take the character behind them in, if it is no control.
      while end < bytes.count, bytes[end] >= 0x80 || bytes[end - 1] >= 0x80 && bytes[end] >= 0x20 { end += 1 }
      for character in String(decoding: bytes[index..<end], as: UTF8.self) {
        index += character.utf8.count
        ends.append(index)
      }
    }
    return ends
  }
}

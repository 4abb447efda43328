/// BERT's way of cleaning text (google-research/bert `tokenization.py`, BasicTokenizer): control
/// characters out, Chinese characters apart, accents off, small letters.
struct BertNormalizer: Sendable, Equatable {
  var cleansText = true
  var separatesChinese = true
  var stripsAccents = true
  var lowercases = true

  /// Writes the normalized text over `output`.
  func normalize(_ text: MappedText, into output: inout MappedText) {
    output.clear(like: text)
    output.bytes.reserveCapacity(text.bytes.count + 16)
    var index = 0
    var marks = MarkRun()
    while index < text.bytes.count {
      let byte = text.bytes[index]
      if byte < 0x80 {
        let mapped = normalizeASCII(byte)
        if mapped != 0 {
          if !marks.isOrdered { marks.order(&output) }
          output.bytes.append(mapped)
          if text.isMapped { output.sources.append(text.source(index)) }
          marks.start = output.bytes.count
        }
        index += 1
        continue
      }
      let (scalar, length) = UTF8Scalars.readLonger(text.bytes, index, UInt32(byte))
      normalize(scalar, from: text.source(index), into: &output, &marks)
      index += length
    }
    marks.order(&output)
  }

  /// The normalized byte, or 0 where it is removed.
  @inline(__always)
  private func normalizeASCII(_ byte: UInt8) -> UInt8 {
    if lowercases, byte &- 0x41 < 26 { return byte | 0x20 }
    if !cleansText || byte > 0x20 && byte != 0x7F { return byte }
    switch byte {
    case 0x20, 0x09, 0x0A, 0x0D: return 0x20
    default: return 0
    }
  }

  private func normalize(
    _ scalar: UInt32, from source: SourceRange, into output: inout MappedText, _ marks: inout MarkRun
  ) {
    let flags = CharacterClasses.flags[scalar]
    if cleansText, flags & CharacterClasses.bertRemoved != 0 { return }
    if cleansText, flags & CharacterClasses.bertSpace != 0 {
      marks.end(&output)
      output.append(0x20, from: source)
      return marks.start = output.bytes.count
    }
    let isSetApart = separatesChinese && flags & CharacterClasses.bertChinese != 0
    if isSetApart {
      marks.end(&output)
      output.append(0x20, from: source)
      marks.start = output.bytes.count
    }
    if stripsAccents {
      Normalization.forEachPart(of: scalar, compatible: false) { part in
        appendUnlessAccent(part, from: source, to: &output, &marks)
      }
    } else {
      appendLowercase(scalar, from: source, to: &output)
    }
    if isSetApart {
      output.append(0x20, from: source)
      marks.start = output.bytes.count
    }
  }

  private func appendUnlessAccent(
    _ scalar: UInt32, from source: SourceRange, to output: inout MappedText, _ marks: inout MarkRun
  ) {
    let combiningClass = Normalization.classes[scalar]
    let isAccent = CharacterClasses.flags[scalar] & CharacterClasses.bertAccent != 0
    if combiningClass == 0 { marks.end(&output) }
    if !isAccent { appendLowercase(scalar, from: source, to: &output) }
    if combiningClass == 0 {
      marks.start = output.bytes.count
    } else if !isAccent {
      marks.add(combiningClass)
    }
  }

  private func appendLowercase(_ scalar: UInt32, from source: SourceRange, to output: inout MappedText) {
    if lowercases {
      output.appendLowercase(scalar, from: source)
    } else {
      output.append(scalar, from: source)
    }
  }
}

/// The marks since the last character that no mark may pass, which come into canonical order in the end.
private struct MarkRun {
  /// Where they begin.
  var start = 0
  private(set) var isOrdered = true
  private var last: UInt8 = 0

  mutating func add(_ combiningClass: UInt8) {
    if combiningClass < last { isOrdered = false }
    last = combiningClass
  }

  /// Ends the run: what follows is a character of its own.
  mutating func end(_ output: inout MappedText) {
    order(&output)
    last = 0
    start = output.bytes.count
  }

  mutating func order(_ output: inout MappedText) {
    guard !isOrdered else { return }
    var run = MappedText()
    run.assign(start..<output.bytes.count, of: output)
    var scalars = run.scalars()
    Normalization.reorder(&scalars)
    output.truncate(start)
    for item in scalars { output.append(item.scalar, from: item.source) }
    isOrdered = true
    last = 0
  }
}

extension MappedText {
  private static let lowercase = ScalarMapping(LowercaseData.mapping)

  /// Appends the lower-case form of a scalar by itself (a final sigma is not looked for).
  mutating func appendLowercase(_ scalar: UInt32, from source: SourceRange) {
    if scalar < 0x80 {
      append(scalar &- 0x41 < 26 ? scalar | 0x20 : scalar, from: source)
    } else if let parts = Self.lowercase[scalar] {
      for part in parts { append(part, from: source) }
    } else {
      append(scalar, from: source)
    }
  }
}

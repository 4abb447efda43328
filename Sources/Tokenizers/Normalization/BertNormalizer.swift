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
    var runStart = 0
    while index < text.bytes.count {
      let byte = text.bytes[index]
      if byte < 0x80 {
        let mapped = normalizeASCII(byte)
        if mapped != 0 {
          output.bytes.append(mapped)
          if text.isMapped { output.sources.append(text.source(index)) }
          runStart = output.bytes.count
        }
        index += 1
        continue
      }
      let (scalar, length) = UTF8Scalars.readLonger(text.bytes, index, UInt32(byte))
      normalize(scalar, from: text.source(index), into: &output, runStart: &runStart)
      index += length
    }
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

  /// `runStart` is the place in `output` after the last scalar that no mark may pass.
  private func normalize(
    _ scalar: UInt32, from source: SourceRange, into output: inout MappedText, runStart: inout Int
  ) {
    let flags = CharacterClasses.flags[scalar]
    if cleansText, flags & CharacterClasses.bertRemoved != 0 { return }
    if cleansText, flags & CharacterClasses.bertSpace != 0 {
      output.append(0x20, from: source)
      runStart = output.bytes.count
      return
    }
    let isSetApart = separatesChinese && flags & CharacterClasses.bertChinese != 0
    if isSetApart {
      output.append(0x20, from: source)
      runStart = output.bytes.count
    }
    if stripsAccents {
      Normalization.forEachPart(of: scalar, compatible: false) { part in
        appendUnlessAccent(part, from: source, to: &output, runStart: &runStart)
      }
    } else {
      appendLowercase(scalar, from: source, to: &output)
    }
    if isSetApart {
      output.append(0x20, from: source)
      runStart = output.bytes.count
    }
  }

  private func appendUnlessAccent(
    _ scalar: UInt32, from source: SourceRange, to output: inout MappedText, runStart: inout Int
  ) {
    let combiningClass = Normalization.classes[scalar]
    if CharacterClasses.flags[scalar] & CharacterClasses.bertAccent != 0 {
      if combiningClass == 0 { runStart = output.bytes.count }
      return
    }
    if combiningClass == 0 {
      appendLowercase(scalar, from: source, to: &output)
      runStart = output.bytes.count
    } else {
      insertMark(scalar, combiningClass, from: source, into: &output, runStart: runStart)
    }
  }

  /// A mark that stays, in canonical order with the marks since the last base.
  private func insertMark(
    _ scalar: UInt32, _ combiningClass: UInt8, from source: SourceRange, into output: inout MappedText,
    runStart: Int
  ) {
    var place = output.bytes.count
    while place > runStart {
      let before = UTF8Scalars.before(output.bytes, place, from: runStart)
      if Normalization.classes[UTF8Scalars.read(output.bytes, before).scalar] <= combiningClass { break }
      place = before
    }
    var mark = MappedText()
    mark.clear(like: output)
    appendLowercase(scalar, from: source, to: &mark)
    output.bytes.insert(contentsOf: mark.bytes, at: place)
    if output.isMapped { output.sources.insert(contentsOf: mark.sources, at: place) }
  }

  private func appendLowercase(_ scalar: UInt32, from source: SourceRange, to output: inout MappedText) {
    if lowercases {
      output.appendLowercase(scalar, from: source)
    } else {
      output.append(scalar, from: source)
    }
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

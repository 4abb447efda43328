extension TokenizerCore {
  /// The ids of a text; where `isMapped`, each with the range of scalars that it stands for.
  func encode(
    _ text: String, parseSpecial: Bool, isMapped: Bool
  ) -> (ids: [TokenID], sources: [SourceRange]) {
    var ids: [TokenID] = []
    var sources: [SourceRange] = []
    let bytes = Array(text.utf8)
    withScratch { scratch in
      var scalars = 0
      var counted = 0
      added.split(bytes, parseSpecial: parseSpecial) { part in
        let range =
          switch part {
          case .text(let range), .token(_, let range): range
          }
        if isMapped {
          for index in counted..<range.lowerBound where !UTF8Scalars.isContinuation(bytes[index]) {
            scalars += 1
          }
          counted = range.lowerBound
        }
        switch part {
        case .token(let id, let range):
          ids.append(id)
          if isMapped {
            let length = bytes[range].count { !UTF8Scalars.isContinuation($0) }
            sources.append(SourceRange(start: Int32(scalars), end: Int32(scalars + length)))
          }
        case .text(let range):
          scratch.text.assign(bytes[range], firstScalar: scalars, mapped: isMapped)
          normalizer.normalize(&scratch.text, spare: &scratch.spare)
          encodeNormalized(scratch, into: &ids, &sources)
        }
      }
    }
    return (ids, sources)
  }

  private func encodeNormalized(
    _ scratch: EncodingScratch, into ids: inout [TokenID], _ sources: inout [SourceRange]
  ) {
    switch model {
    case .wordPiece(let model): encodeWords(model, scratch, &ids, &sources)
    case .bytePairs(let model, let scanner, let digitsApart):
      encodePieces(model, scanner, digitsApart, scratch, &ids, &sources)
    case .sentencePiece(let model):
      let first = ids.count
      model.encode(scratch.text.bytes, into: &ids)
      appendSources(ids[first...], from: 0, scratch.text, &sources)
    }
  }

  /// BERT's words: runs between white space, with every sign of punctuation apart.
  private func encodeWords(
    _ model: WordPieceModel, _ scratch: EncodingScratch, _ ids: inout [TokenID],
    _ sources: inout [SourceRange]
  ) {
    let isMapped = scratch.text.isMapped
    let bytes = scratch.text.bytes
    var start = 0
    func flush(_ end: Int) {
      guard start < end else { return }
      if !isMapped, let key = WordCache.Key(bytes, start..<end) {
        if scratch.cache.append(key, to: &ids) { return }
        let first = ids.count
        model.encode(bytes, start..<end, into: &ids, ends: &scratch.ends, marks: false)
        return scratch.cache.store(key, ids[first...])
      }
      scratch.ends.removeAll(keepingCapacity: true)
      model.encode(bytes, start..<end, into: &ids, ends: &scratch.ends, marks: isMapped)
      var from = start
      for end in scratch.ends {
        sources.append(scratch.text.sourceOf(from..<end))
        from = end
      }
    }
    var index = 0
    while index < bytes.count {
      let (scalar, length) = UTF8Scalars.read(bytes, index)
      if CharacterClasses.isSpace(scalar) {
        flush(index)
        start = index + length
      } else if CharacterClasses.flags[scalar] & CharacterClasses.bertPunctuation != 0 {
        flush(index)
        start = index
        flush(index + length)
        start = index + length
      }
      index += length
    }
    flush(bytes.count)
  }

  private func encodePieces(
    _ model: BytePairModel, _ scanner: PatternScanner, _ digitsApart: Bool, _ scratch: EncodingScratch,
    _ ids: inout [TokenID], _ sources: inout [SourceRange]
  ) {
    let bytes = scratch.text.bytes
    var start = 0
    while start < bytes.count {
      // Where digits are split off first, the pattern never sees past one.
      let limit = digitsApart ? Self.endOfDigitRun(bytes, start) : bytes.count
      while start < limit {
        let end = scanner.end(from: start, to: limit, in: bytes)
        let first = ids.count
        if let key = WordCache.Key(bytes, start..<end) {
          if !scratch.cache.append(key, to: &ids) {
            model.encode(bytes, start..<end, into: &ids)
            scratch.cache.store(key, ids[first...])
          }
        } else {
          model.encode(bytes, start..<end, into: &ids)
        }
        appendSources(ids[first...], from: start, scratch.text, &sources)
        start = end
      }
    }
  }

  /// The end of what lies between two numbers, or of one digit.
  private static func endOfDigitRun(_ bytes: [UInt8], _ start: Int) -> Int {
    var index = start
    while index < bytes.count {
      let (scalar, length) = UTF8Scalars.read(bytes, index)
      let isDigit =
        scalar < 0x80 ? scalar &- 0x30 < 10 : CharacterClasses.flags[scalar] & CharacterClasses.numeric != 0
      if isDigit { return index == start ? index + length : index }
      index += length
    }
    return index
  }

  private func appendSources(
    _ ids: ArraySlice<TokenID>, from start: Int, _ text: MappedText, _ sources: inout [SourceRange]
  ) {
    guard text.isMapped else { return }
    var from = start
    for id in ids {
      let end = min(text.bytes.count, from + max(1, decoded.bytes(at: Int(id)).count))
      sources.append(text.sourceOf(from..<end))
      from = end
    }
  }
}

extension MappedText {
  /// The scalars that a range of bytes came from.
  func sourceOf(_ range: Range<Int>) -> SourceRange {
    guard let first = range.first, let last = range.last, last < sources.count else {
      return sources.last.map { SourceRange(start: $0.end, end: $0.end) } ?? SourceRange(start: 0, end: 0)
    }
    return SourceRange(start: sources[first].start, end: sources[last].end)
  }
}

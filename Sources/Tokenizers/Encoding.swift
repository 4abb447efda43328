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
        if isMapped, counted < range.lowerBound {
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
          let asksForOrigin = range.lowerBound == 0 && model.asksForOrigin && !normalizer.steps.isEmpty
          scratch.text.assign(bytes[range], firstScalar: scalars, mapped: isMapped || asksForOrigin)
          normalizer.normalize(&scratch.text, spare: &scratch.spare)
          let isFirst = range.lowerBound == 0
          if added.mayNormalizedHoldTokens(parseSpecial: parseSpecial) {
            encodeParts(
              scratch, parseSpecial: parseSpecial, isFirst: isFirst, isMapped: isMapped, into: &ids, &sources)
          } else {
            encodeNormalized(scratch, isFirst: isFirst, isMapped: isMapped, into: &ids, &sources)
          }
        }
      }
    }
    return (ids, sources)
  }

  /// Normalized text that may hold added tokens.
  private func encodeParts(
    _ scratch: EncodingScratch, parseSpecial: Bool, isFirst: Bool, isMapped: Bool, into ids: inout [TokenID],
    _ sources: inout [SourceRange]
  ) {
    let text = scratch.text
    added.split(text.bytes, parseSpecial: parseSpecial, inNormalized: true) { part in
      switch part {
      case .token(let id, let range):
        ids.append(id)
        if isMapped { sources.append(text.source(of: range)) }
      case .text(let range):
        scratch.text.assign(range, of: text)
        let isFirst = isFirst && range.lowerBound == 0
        encodeNormalized(scratch, isFirst: isFirst, isMapped: isMapped, into: &ids, &sources)
      }
    }
  }

  private func encodeNormalized(
    _ scratch: EncodingScratch, isFirst: Bool, isMapped: Bool, into ids: inout [TokenID],
    _ sources: inout [SourceRange]
  ) {
    if case .pieces(_, let preTokenizer) = model {
      preTokenizer.split(&scratch.text, spare: &scratch.spare, isFirst: isFirst, into: &scratch.pieces)
    }
    if !isMapped { scratch.text.forgetSources() }
    let text = scratch.text
    scratch.withWordBuffers { buffers in
      switch model {
      case .words(let model): encodeWords(.wordPiece(model), text, &buffers, &ids, &sources)
      case .bytePairs(let model, let scanner, let digitsApart):
        encodePieces(model, scanner, digitsApart, text, &buffers, &ids, &sources)
      case .cutBytePairs(let model, let cuts):
        for piece in TextCut.pieces(of: text.bytes, by: cuts) {
          encodePiece(model, piece, text, &buffers, &ids, &sources)
        }
      case .pieces(let model, _):
        for piece in scratch.pieces { encode(piece, model, text, &buffers, &ids, &sources) }
      }
    }
  }

  /// BERT's words: runs between white space, with every sign of punctuation apart.
  private func encodeWords(
    _ model: SubwordModel, _ text: MappedText, _ buffers: inout WordBuffers, _ ids: inout [TokenID],
    _ sources: inout [SourceRange]
  ) {
    let bytes = text.bytes
    var start = 0
    var index = 0
    while index < bytes.count {
      let (scalar, length) = UTF8Scalars.read(bytes, index)
      let isSpace = CharacterClasses.isSpace(scalar)
      if isSpace || CharacterClasses.flags[scalar] & CharacterClasses.bertPunctuation != 0 {
        if start < index { encode(start..<index, model, text, &buffers, &ids, &sources) }
        start = index + length
        if !isSpace { encode(index..<start, model, text, &buffers, &ids, &sources) }
      }
      index += length
    }
    if start < index { encode(start..<index, model, text, &buffers, &ids, &sources) }
  }

  /// One piece, from the cache where it is short and no one asks where it came from.
  @inline(__always)
  private func encode(
    _ piece: Range<Int>, _ model: SubwordModel, _ text: MappedText, _ buffers: inout WordBuffers,
    _ ids: inout [TokenID], _ sources: inout [SourceRange]
  ) {
    guard !text.isMapped, let key = WordCache.Key(text.bytes, piece) else {
      return encodeUncached(piece, model, text, &buffers, &ids, &sources)
    }
    if buffers.cache.append(key, to: &ids) { return }
    let first = ids.count
    model.encode(text.bytes, piece, into: &ids, ends: &buffers.ends, marks: false)
    buffers.cache.store(key, ids[first...])
  }

  private func encodeUncached(
    _ piece: Range<Int>, _ model: SubwordModel, _ text: MappedText, _ buffers: inout WordBuffers,
    _ ids: inout [TokenID], _ sources: inout [SourceRange]
  ) {
    buffers.ends.removeAll(keepingCapacity: true)
    model.encode(text.bytes, piece, into: &ids, ends: &buffers.ends, marks: text.isMapped)
    var from = piece.lowerBound
    for (index, end) in buffers.ends.enumerated() {
      sources.append(text.source(of: from..<end))
      // Bytes of one character end together, and stand for all of it each.
      if index + 1 < buffers.ends.count, buffers.ends[index + 1] != end { from = end }
    }
  }

  private func encodePieces(
    _ model: BytePairModel, _ scanner: PatternScanner, _ digitsApart: Bool, _ text: MappedText,
    _ buffers: inout WordBuffers, _ ids: inout [TokenID], _ sources: inout [SourceRange]
  ) {
    let bytes = text.bytes
    var start = 0
    while start < bytes.count {
      // Where digits are split off first, the pattern never sees past one.
      let limit = digitsApart ? Self.endOfDigitRun(bytes, start) : bytes.count
      while start < limit {
        let end = scanner.end(from: start, to: limit, in: bytes)
        encodePiece(model, start..<end, text, &buffers, &ids, &sources)
        start = end
      }
    }
  }

  @inline(__always)
  private func encodePiece(
    _ model: BytePairModel, _ piece: Range<Int>, _ text: MappedText, _ buffers: inout WordBuffers,
    _ ids: inout [TokenID], _ sources: inout [SourceRange]
  ) {
    let first = ids.count
    if let key = WordCache.Key(text.bytes, piece) {
      if !buffers.cache.append(key, to: &ids) {
        model.encode(text.bytes, piece, into: &ids)
        buffers.cache.store(key, ids[first...])
      }
    } else {
      model.encode(text.bytes, piece, into: &ids)
    }
    if text.isMapped { appendSources(ids[first...], of: piece, text, &sources) }
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

  /// A token of a byte-level vocabulary stands for as many bytes as it decodes to, but for the mark of a word's end.
  private func appendSources(
    _ ids: ArraySlice<TokenID>, of piece: Range<Int>, _ text: MappedText, _ sources: inout [SourceRange]
  ) {
    var from = piece.lowerBound
    for id in ids {
      let end = min(piece.upperBound, from + max(1, decoded.bytes(at: Int(id)).count))
      sources.append(text.source(of: from..<end))
      from = end
    }
  }
}

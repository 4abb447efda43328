/// The smallest part that a chunk is made of: a section, or a sentence, a line or a row of one.
struct Piece: Sendable {
  var text: String
  var tokens: Int
  var page: Int?
  var startLine: Int?
  var endLine: Int?
  var headings: [String]
  var kind: Chunk.Part.Kind
  /// What stands between the piece before and this one.
  var separator: String
  var linesFollowFile: Bool
  /// Whether chunks end between lines of the text, and not between its sentences.
  var endsAtLines: Bool
  /// Whether the piece was said in the chunk before already.
  var isOverlap = false
  /// The header of the table that the piece is a row of.
  var header: TableHeader?
  var place: Place?
  var attributes: [String: Attribute]

  init(_ section: Section, tokens: Int) {
    text = section.text
    self.tokens = tokens
    (page, startLine, endLine) = (section.page, section.startLine, section.endLine)
    headings = section.headings
    (place, attributes) = (section.place, section.attributes)
    kind =
      switch section.role {
      case .prose: .prose
      case .heading: .heading
      case .code: .code
      case .table: .row
      case .metadata: .metadata
      }
    separator = "\n\n"
    linesFollowFile = section.linesFollowFile
    endsAtLines = [.code, .table].contains(section.role) || LineStructure.isMeant(section.text)
  }

  /// Whether a section that comes next is of another document in the document, as another message or attachment, or at a
  /// place that no chunk shares with others: another page, slide or sheet. Cells and times go on, and so does what is
  /// quoted.
  func ends(before section: Section) -> Bool {
    if page != section.page { return true }
    switch (place, section.place) {
    case (.cell, .cell), (.time, .time): break
    case (let own, let next): if own != next { return true }
    }
    guard attributes != section.attributes else { return false }
    return Self.lasting(attributes) != Self.lasting(section.attributes)
  }

  private static func lasting(_ attributes: [String: Attribute]) -> [String: Attribute] {
    attributes.filter { $0.key != MailBody.quotedAttribute }
  }

  /// Whether the piece goes with the one after it.
  var headsNext: Bool { kind == .heading || kind == .header }

  /// Whether the piece has more than one character.
  var canBeCut: Bool { text.unicodeScalars.count > 1 }

  func asOverlap() -> Piece {
    var copy = self
    copy.isOverlap = true
    return copy
  }

  /// The piece's sentences, or its lines where those are what it is made of.
  func units(_ chunker: Chunker) -> [Piece] {
    parts(at: endsAtLines ? Self.lineRanges(text) : SentenceSplitter.ranges(text), chunker)
  }

  /// Cuts a piece that is too long for one chunk: between sentences, and inside one only where it alone is too long.
  func cut(_ chunker: Chunker, budget: Int) -> [Piece] {
    let sentences = parts(at: SentenceSplitter.ranges(text), chunker)
    guard sentences.count > 1 else { return cutInsideSentence(chunker, budget: budget) }
    return sentences.flatMap { $0.tokens <= budget ? [$0] : $0.cutInsideSentence(chunker, budget: budget) }
  }

  /// Cuts between words where that is possible.
  private func cutInsideSentence(_ chunker: Chunker, budget: Int) -> [Piece] {
    var ranges = [Range<String.Index>]()
    let utf8 = text.utf8
    var start = utf8.startIndex
    let bytesPerToken = max(1, Double(utf8.count) / Double(max(1, tokens)))
    while start < utf8.endIndex {
      var bytes = max(1, Int(Double(budget) * bytesPerToken))
      var end = Self.wordBoundary(text, from: start, bytes: bytes)
      while bytes > 1, chunker.size(String(text[start..<end])) > budget {
        bytes = bytes * 3 / 4
        end = Self.wordBoundary(text, from: start, bytes: bytes)
      }
      ranges.append(start..<end)
      start = end
    }
    return parts(at: ranges.map { Self.trimmed(text, $0) }.filter { !$0.isEmpty }, chunker)
  }

  private func parts(at ranges: [Range<String.Index>], _ chunker: Chunker) -> [Piece] {
    var line = startLine
    var end = text.startIndex
    var parts = [Piece]()
    for range in ranges {
      var part = self
      let gap = text[end..<range.lowerBound]
      part.text = String(text[range])
      part.tokens = chunker.size(part.text)
      part.separator = parts.isEmpty ? separator + gap : String(gap)
      if linesFollowFile, let at = line {
        let first = at + gap.utf8.count { $0 == 0x0A }
        let last = first + part.text.utf8.count { $0 == 0x0A }
        // The part of an endless line has that line's number, which the piece's own last line is.
        part.startLine = min(first, endLine ?? first)
        part.endLine = min(last, endLine ?? last)
        line = last
      }
      end = range.upperBound
      parts.append(part)
    }
    return parts
  }

  /// The index at most `bytes` further on, moved back to the end of a word if there is one in the second half.
  private static func wordBoundary(_ text: String, from start: String.Index, bytes: Int) -> String.Index {
    let utf8 = text.utf8
    guard var end = utf8.index(start, offsetBy: bytes, limitedBy: utf8.endIndex), end < utf8.endIndex else {
      return utf8.endIndex
    }
    let half = utf8.index(start, offsetBy: bytes / 2)
    var blank = end
    while blank > half {
      if utf8[blank] == 0x20 || utf8[blank] == 0x0A || utf8[blank] == 0x09 { return blank }
      blank = utf8.index(before: blank)
    }
    while end > start, utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
    return end > start ? end : text.unicodeScalars.index(after: start)
  }

  private static func trimmed(_ text: String, _ range: Range<String.Index>) -> Range<String.Index> {
    var lower = range.lowerBound
    var upper = range.upperBound
    let utf8 = text.utf8
    while lower < upper, utf8[lower] == 0x20 || utf8[lower] == 0x0A { lower = utf8.index(after: lower) }
    while upper > lower {
      let before = utf8.index(before: upper)
      guard utf8[before] == 0x20 || utf8[before] == 0x0A else { break }
      upper = before
    }
    return lower..<upper
  }

  /// The lines with their indentation, and without blanks at their ends.
  static func lineRanges(_ text: String) -> [Range<String.Index>] {
    text.utf8.split(separator: 0x0A).compactMap { line in
      guard let last = line.lastIndex(where: { $0 > 0x20 }) else { return nil }
      return line.startIndex..<line.index(after: last)
    }
  }
}

/// The header of a table, for the chunks that begin in the midst of its rows.
struct TableHeader: Sendable {
  var row: Table.Row
  var tokens: Int
}

extension Section {
  /// The section as one piece where it fits into `budget` tokens, else in parts that each do. A table is always in parts:
  /// its rows.
  func pieces(_ chunker: Chunker, budget: Int) -> [Piece] {
    if let table { return pieces(of: table, chunker, budget: budget) }
    let whole = Piece(self, tokens: chunker.size(text))
    if whole.tokens <= budget { return text.isEmpty ? [] : [whole] }
    return whole.units(chunker).flatMap { part in
      part.tokens <= budget ? [part] : part.cut(chunker, budget: budget)
    }
  }

  private func pieces(of table: Table, _ chunker: Chunker, budget: Int) -> [Piece] {
    // A header that would leave its rows less than half a chunk is not repeated.
    let header = table.header.map { TableHeader(row: $0, tokens: chunker.size($0.text)) }
    let repeated = header.flatMap { $0.tokens * 2 <= budget ? $0 : nil }
    let ownBudget = budget - (repeated?.tokens ?? 0)
    var pieces: [Piece] = []
    for (index, row) in table.ownRows.enumerated() {
      var piece = Piece(self, tokens: chunker.size(row.text))
      let isHeader = index == 0 && table.startsWithHeader && header != nil
      piece.text = row.text
      (piece.startLine, piece.endLine) = (row.startLine, row.endLine)
      piece.kind = isHeader ? .header : .row
      piece.header = isHeader ? nil : repeated
      if index > 0 || !table.startsWithHeader { piece.separator = "\n" }
      let room = isHeader ? budget : ownBudget
      pieces += piece.tokens <= room ? [piece] : piece.cut(chunker, budget: max(1, room))
    }
    return pieces
  }
}

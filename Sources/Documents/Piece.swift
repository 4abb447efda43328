/// The smallest part that a chunk is made of: a section, or a sentence or a line of one.
struct Piece: Sendable {
  var text: String
  var tokens: Int
  var page: Int?
  var startLine: Int?
  var endLine: Int?
  var headings: [String]
  var role: Section.Role
  /// What stands between the piece before and this one.
  var separator: String
  var linesFollowFile: Bool
  /// Whether the piece was said in the chunk before already.
  var isOverlap = false

  var isHeading: Bool { role == .heading }

  /// Whether the piece has more than one character.
  var canBeCut: Bool { text.unicodeScalars.count > 1 }

  func asOverlap() -> Piece {
    var copy = self
    copy.isOverlap = true
    return copy
  }

  /// The piece's sentences, or its lines where it is code or a table.
  func sentences(_ chunker: Chunker) -> [Piece] {
    parts(
      at: role == .code || role == .table ? Self.lineRanges(text) : SentenceSplitter.ranges(text), chunker)
  }

  /// Cuts a piece that is too long for one chunk, between words where that is possible.
  func cut(_ chunker: Chunker, budget: Int) -> [Piece] {
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
      if !parts.isEmpty { part.separator = String(gap) }
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

  static func lineRanges(_ text: String) -> [Range<String.Index>] {
    text.split(separator: "\n").map { $0.startIndex..<$0.endIndex }
  }
}

extension Section {
  /// The section as one piece where it fits into `budget` tokens, else in parts that each do.
  func pieces(_ chunker: Chunker, budget: Int) -> [Piece] {
    let whole = Piece(
      text: text, tokens: chunker.size(text), page: page, startLine: startLine, endLine: endLine,
      headings: headings, role: role, separator: "\n\n", linesFollowFile: linesFollowFile)
    if whole.tokens <= budget { return text.isEmpty ? [] : [whole] }
    return whole.sentences(chunker).flatMap { part in
      part.tokens <= budget ? [part] : part.cut(chunker, budget: budget)
    }
  }
}

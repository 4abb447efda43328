import MartletDocuments

/// What can bear on a question by itself within a passage: a sentence, a row of a table, a line of code; or a heading.
struct PassageUnit {
  /// Where it stands in the passage's text.
  var range: Range<String.Index>
  /// Whether it is a sentence, a row or a line of code. Headings and titles say what a passage is about, and nothing of it.
  var isQuotable = true
  /// The names of the columns of a row.
  var header: String?
}

extension SearchResult {
  /// The units of the passage, in order; a table's header is part of its rows, not a unit.
  var units: [PassageUnit] {
    guard !parts.isEmpty else {
      if case .source? = DocumentKind.detect(path: path, head: []) {
        return lines(text.startIndex..<text.endIndex)
      }
      return sentences(text.startIndex..<text.endIndex)
    }
    var units: [PassageUnit] = []
    var header: String?
    for part in parts {
      guard let range = range(of: part) else { continue }
      switch part.kind {
      case .prose: units += sentences(range)
      case .code: units += lines(range)
      case .row: units.append(PassageUnit(range: range, header: header))
      case .heading, .metadata: units.append(PassageUnit(range: range, isQuotable: false))
      case .header: header = Self.withoutDashes(text[range])
      }
      if part.kind != .row, part.kind != .header { header = nil }
    }
    return units
  }

  /// What is embedded of a unit, and searched for the question's words: a row says little without its columns' names.
  func meaning(of unit: PassageUnit) -> String {
    (unit.header.map { $0 + "\n" } ?? "") + text[unit.range]
  }

  private func range(of part: Chunk.Part) -> Range<String.Index>? {
    let utf8 = text.utf8
    guard
      let start = utf8.index(utf8.startIndex, offsetBy: part.byteRange.lowerBound, limitedBy: utf8.endIndex),
      let end = utf8.index(start, offsetBy: part.byteRange.count, limitedBy: utf8.endIndex),
      start < end, start.samePosition(in: text) != nil, end.samePosition(in: text) != nil
    else { return nil }
    return start..<end
  }

  /// The sentences of a paragraph, a heading right above it apart. Where line ends are meant, as in a log, one that runs on
  /// over many lines is taken line by line.
  private func sentences(_ range: Range<String.Index>) -> [PassageUnit] {
    let paragraph = text[range]
    if let end = LineStructure.endOfHeading(in: paragraph) {
      return [PassageUnit(range: range.lowerBound..<end, isQuotable: false)]
        + sentences(end..<range.upperBound)
    }
    let copy = String(paragraph)
    return SentenceSplitter.ranges(copy).flatMap { inner -> [PassageUnit] in
      let before = copy.utf8.distance(from: copy.startIndex, to: inner.lowerBound)
      let count = copy.utf8.distance(from: inner.lowerBound, to: inner.upperBound)
      let start = text.utf8.index(range.lowerBound, offsetBy: before)
      let sentence = start..<text.utf8.index(start, offsetBy: count)
      if LineStructure.isMeant(String(text[sentence])) { return lines(sentence) }
      return [PassageUnit(range: sentence, isQuotable: Self.isSentence(text[sentence]))]
    }
  }

  /// Whether a text says something by itself, as a title or a caption does not: it ends as a sentence does, is an item of a
  /// list, has a figure or a colon in it, or goes on for long.
  static func isSentence(_ text: Substring) -> Bool {
    guard text.contains(where: \.isLetter), let last = text.last else { return false }
    if ".!?:;。！？…".contains(last) || text.contains(":") || text.contains(where: \.isNumber) { return true }
    if text.hasSuffix("\"") || text.hasSuffix("”") || text.hasSuffix(")") || text.hasSuffix("»") {
      return true
    }
    if ["- ", "* ", "+ ", "• ", "| "].contains(where: text.hasPrefix) { return true }
    return text.split(whereSeparator: \.isWhitespace).count >= fewestWordsWithoutStop
  }

  private static let fewestWordsWithoutStop = 10

  /// A header without the line of dashes that Markdown has below it.
  private static func withoutDashes(_ header: Substring) -> String {
    header.split(separator: "\n").filter { !$0.allSatisfy { " \t>|:-".contains($0) } }.joined(separator: "\n")
  }

  private func lines(_ range: Range<String.Index>) -> [PassageUnit] {
    text[range].split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }
      .map { PassageUnit(range: $0.startIndex..<$0.endIndex) }
  }
}

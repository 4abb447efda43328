/// The headings of a page, which poppler's plain text runs into the paragraphs below them: a short line in a block of its
/// own, above a block of longer ones.
struct PDFHeadings {
  /// Longer ones are sentences.
  private static let mostWords = 12
  /// How much of the paragraph's width a heading takes at most.
  private static let widestShare = 0.9

  private let lines: Set<String>

  /// Lines of a page that belong together.
  struct Part {
    var lines: ArraySlice<String>
    var isHeading = false
  }

  init(_ page: PDFLayout.Page) {
    let blocks = page.blocks.filter { !$0.isEmpty }
    lines = Set(
      zip(blocks, blocks.dropFirst()).filter { Self.isHeading($0, above: $1) }.compactMap(\.0.first?.text))
  }

  private static func isHeading(_ block: PDFBand.Block, above next: PDFBand.Block) -> Bool {
    guard block.count == 1, let line = block.first, next.count > 1, let below = next.first,
      below.top >= line.bottom - 1, PDFBand.isProse(next),
      line.right - line.left <= widestShare * (PDFBand.right(next) - PDFBand.left(next))
    else { return false }
    let words = line.text.split(separator: " ")
    guard let first = words.first(where: { $0.contains(where: \.isLetter) }), words.count <= mostWords,
      first.first(where: \.isLetter)?.isLowercase == false, below.text.first?.isLowercase == false,
      let last = line.text.last, !".,;:!?…-".contains(last), line.text.count(where: \.isLetter) > 2
    else { return false }
    // Commands and items of a list stand above their explanations, too.
    return !line.text.contains { "$=<>{}\\;_|•".contains($0) } && !line.text.contains("--")
  }

  /// Lines without an empty one among them, with the headings apart.
  func parts(of group: ArraySlice<String>) -> [Part] {
    var parts: [Part] = []
    var start = group.startIndex
    for index in group.indices where lines.contains(group[index]) {
      if start < index { parts.append(Part(lines: group[start..<index])) }
      parts.append(Part(lines: group[index...index], isHeading: true))
      start = index + 1
    }
    if start < group.endIndex { parts.append(Part(lines: group[start...])) }
    return parts
  }
}

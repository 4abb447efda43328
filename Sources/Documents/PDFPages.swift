/// Makes paragraphs of the pages that `pdftotext` wrote: running headers and footers stay where they first stand, headings
/// come apart from the text below them, the cells of a table's rows come together, and words that were hyphenated at the
/// end of a line are joined where the document itself has the joined word elsewhere.
package struct PDFPages {
  private var pages: [[String]]
  /// The characters of each page, white space and all running headers and footers aside.
  let ownCharacters: [Int]
  /// What was left out.
  package let runningLines: [RunningLine]
  /// For each page what was left out of it, where it has little else.
  private let contexts: [[String]]
  private let layout: PDFLayout
  /// Lower-case words that stand unbroken somewhere in the document.
  private var words = Set<Substring>()

  /// - Parameters:
  ///   - texts: What `pdftotext` wrote of each page.
  ///   - layout: Where the words stand.
  package init(_ texts: [String], layout: PDFLayout = PDFLayout()) {
    self.layout = layout
    var pages = texts.map { text in
      text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        String(line.reversed().drop { $0 == " " }.reversed())
      }
    }
    for (index, page) in layout.pages.enumerated() where pages.indices.contains(index) {
      pages[index] = Self.separatingPageNumber(pages[index], page)
    }
    let running = PDFRunningLines(pages)
    ownCharacters = running.bare(pages).map { Self.characters(of: $0.joined()) }
    self.pages = running.reduced(pages)
    runningLines = running.removed
    contexts = pages.indices.map { running.context(ofPage: $0, pages) }
    for page in self.pages {
      for line in page { collectWords(line) }
    }
  }

  /// The lines of a page with its number on a line of its own again: poppler takes the last hyphen of "-2-" for one that
  /// divides a word, and joins the next line to it.
  private static func separatingPageNumber(_ lines: [String], _ page: PDFLayout.Page) -> [String] {
    let written = page.blocks.lazy.flatMap(\.self).prefix(2).map(\.text)
    guard written.count == 2, let number = written.first, let next = written.last, number.hasSuffix("-"),
      !number.contains(where: \.isLetter),
      let first = lines.firstIndex(where: { !$0.isEmpty }), lines[first] == number.dropLast() + next
    else { return lines }
    return lines[..<first] + [number, "", next] + lines[(first + 1)...]
  }

  /// The characters of a text without its white space.
  static func characters(of text: String) -> Int {
    text.unicodeScalars.count { !$0.properties.isWhitespace }
  }

  /// Width and height of a page in points; nil where the layout is not known.
  func size(ofPage number: Int) -> (width: Double, height: Double)? {
    guard layout.pages.indices.contains(number - 1) else { return nil }
    return (layout.pages[number - 1].width, layout.pages[number - 1].height)
  }

  /// The paragraphs, which blank lines end, the headings above them, the tables, and columns of widely spaced lines, with
  /// their pages.
  package func sections() -> [Section] {
    var sections = [Section]()
    var heading: [String] = []
    for (index, lines) in pages.enumerated() {
      let layout = layout.pages.indices.contains(index) ? layout.pages[index] : nil
      let headings = layout.map(PDFHeadings.init)
      let context = contexts[index]
      func add(_ lines: ArraySlice<String>) {
        for group in lines.split(whereSeparator: \.isEmpty) {
          for part in headings?.parts(of: group) ?? [.init(lines: group)] {
            if part.isHeading { heading = [part.lines.joined(separator: " ")] }
            sections.append(
              Section(
                text: joined(Array(part.lines)), page: index + 1,
                headings: context.isEmpty ? heading : context,
                role: part.isHeading ? .heading : .prose, linesFollowFile: false))
          }
        }
      }
      var rest = lines[...]
      for region in layout.map(regions) ?? [] {
        guard let place = Self.place(of: region.lines, in: rest) else { continue }
        add(rest[..<place.lowerBound])
        sections += region.sections(page: index + 1, headings: context.isEmpty ? heading : context)
        rest = rest[place.upperBound...]
      }
      add(rest)
    }
    return sections
  }

  /// A part of a page that reads otherwise than poppler has its lines.
  private struct Region {
    var lines: [String]
    /// The rows of a table, the first of which names its columns, or columns of prose.
    var texts: [String]
    var isTable: Bool

    func sections(page: Int, headings: [String]) -> [Section] {
      guard isTable else {
        return texts.map { Section(text: $0, page: page, headings: headings, linesFollowFile: false) }
      }
      let rows = texts.map { Table.Row($0) }
      let table = Table(header: rows.first, rows: Array(rows.dropFirst()))
      return [Section(table, page: page, headings: headings, linesFollowFile: false)]
    }
  }

  private func regions(of page: PDFLayout.Page) -> [Region] {
    var regions = [Region]()
    var bands = PDFBand.all(of: page.blocks)[...]
    while !bands.isEmpty {
      var taken = 1
      if let (table, count) = PDFTable.leading(bands) {
        regions.append(Region(lines: table.lines, texts: table.rows, isTable: true))
        taken = count
      } else if let (columns, count) = PDFColumns.leading(bands) {
        let texts = columns.columns.map { column in joined(column.map(\.text)) }
        regions.append(Region(lines: columns.lines, texts: texts, isTable: false))
        taken = count
      }
      bands = bands.dropFirst(taken)
    }
    return regions
  }

  /// Where the lines of a region follow one another, empty lines aside. Poppler words a few of them differently in its
  /// plain text (hyphens, blanks at brackets); such a region stays as that has it.
  private static func place(of wanted: [String], in lines: ArraySlice<String>) -> Range<Int>? {
    guard let first = wanted.first else { return nil }
    for start in lines.indices where lines[start] == first {
      var next = start
      let isHere = wanted.allSatisfy { line in
        while next < lines.endIndex, lines[next].isEmpty { next += 1 }
        guard next < lines.endIndex, lines[next] == line else { return false }
        next += 1
        return true
      }
      if isHere { return start..<next }
    }
    return nil
  }

  private mutating func collectWords(_ line: String) {
    for word in line.lowercased().split(whereSeparator: { !$0.isLetter }) where word.count > 3 {
      words.insert(word)
    }
  }

  private func joined(_ lines: [String]) -> String {
    var text = lines.first ?? ""
    for line in lines.dropFirst() {
      if text.hasSuffix("-"), let merged = mergedWord(text, line) {
        text = merged
      } else {
        text += "\n" + line
      }
    }
    return text
  }

  /// The two lines as one where the word across the break, without its hyphen, is a word of the document.
  private func mergedWord(_ text: String, _ line: String) -> String? {
    let head = text.dropLast().reversed().prefix { $0.isLetter }.reversed()
    let tail = line.prefix { $0.isLetter }
    guard head.count >= 2, let first = tail.first, first.isLowercase else { return nil }
    let word = (String(head) + tail).lowercased()
    guard words.contains(word[...]) else { return nil }
    // The rest of the word goes up; the line break moves behind it.
    let rest = line.dropFirst(tail.count)
    let end = rest.prefix { !$0.isWhitespace }
    let after = rest.dropFirst(end.count).drop { $0.isWhitespace }
    return text.dropLast() + tail + end + (after.isEmpty ? "" : "\n" + after)
  }
}

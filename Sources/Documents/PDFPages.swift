/// Makes paragraphs of the pages that `pdftotext` wrote: running headers and footers go, the cells of a table's rows come
/// together, and words that were hyphenated at the end of a line are joined where the document itself has the joined
/// word elsewhere.
package struct PDFPages {
  private var pages: [[String]]
  private let layout: PDFLayout
  /// Lower-case words that stand unbroken somewhere in the document.
  private var words = Set<Substring>()

  /// - Parameters:
  ///   - texts: What `pdftotext` wrote of each page.
  ///   - layout: Where the words stand.
  package init(_ texts: [String], layout: PDFLayout = PDFLayout()) {
    self.layout = layout
    pages = texts.map { text in
      text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        String(line.reversed().drop { $0 == " " }.reversed())
      }
    }
    dropRunningLines()
    for page in pages {
      for line in page { collectWords(line) }
    }
  }

  /// The characters of each page, white space and running headers and footers aside.
  var ownCharacters: [Int] { pages.map { Self.characters(of: $0.joined()) } }

  /// The characters of a text without its white space.
  static func characters(of text: String) -> Int {
    text.unicodeScalars.count { !$0.properties.isWhitespace }
  }

  /// Width and height of a page in points; nil where the layout is not known.
  func size(ofPage number: Int) -> (width: Double, height: Double)? {
    guard layout.pages.indices.contains(number - 1) else { return nil }
    return (layout.pages[number - 1].width, layout.pages[number - 1].height)
  }

  /// The paragraphs, which blank lines end, the tables, and columns of widely spaced lines, with their pages.
  package func sections() -> [Section] {
    var sections = [Section]()
    for (index, lines) in pages.enumerated() {
      var rest = lines[...]
      for region in layout.pages.indices.contains(index) ? regions(of: layout.pages[index]) : [] {
        guard let place = Self.place(of: region.lines, in: rest) else { continue }
        sections += paragraphs(rest[..<place.lowerBound], page: index + 1)
        sections += region.texts.map {
          Section(text: $0, page: index + 1, role: region.role, linesFollowFile: false)
        }
        rest = rest[place.upperBound...]
      }
      sections += paragraphs(rest, page: index + 1)
    }
    return sections
  }

  /// A part of a page that reads otherwise than poppler has its lines.
  private struct Region {
    var lines: [String]
    var texts: [String]
    var role: Section.Role
  }

  private func regions(of page: PDFLayout.Page) -> [Region] {
    var regions = [Region]()
    var bands = PDFBand.all(of: page.blocks)[...]
    while !bands.isEmpty {
      var taken = 1
      if let (table, count) = PDFTable.leading(bands) {
        regions.append(Region(lines: table.lines, texts: [table.rows.joined(separator: "\n")], role: .table))
        taken = count
      } else if let (columns, count) = PDFColumns.leading(bands) {
        let texts = columns.columns.map { column in joined(column.map(\.text)) }
        regions.append(Region(lines: columns.lines, texts: texts, role: .prose))
        taken = count
      }
      bands = bands.dropFirst(taken)
    }
    return regions
  }

  private func paragraphs(_ lines: ArraySlice<String>, page: Int) -> [Section] {
    lines.split(whereSeparator: \.isEmpty).map {
      Section(text: joined(Array($0)), page: page, linesFollowFile: false)
    }
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

  /// A line at the top or bottom of at least half of four or more pages, digits aside, belongs to no paragraph.
  private mutating func dropRunningLines() {
    guard pages.count >= 4 else { return }
    for fromTop in [true, false] {
      // Two lines at most: a title above, a page number below it.
      for _ in 0..<2 {
        var counts = [String: Int]()
        for page in pages {
          if let line = edge(page, fromTop) { counts[pattern(page[line]), default: 0] += 1 }
        }
        let running = Set(counts.filter { $0.value * 2 >= pages.count }.keys)
        if running.isEmpty { break }
        for index in pages.indices {
          if let line = edge(pages[index], fromTop), running.contains(pattern(pages[index][line])) {
            pages[index][line] = ""
          }
        }
      }
    }
  }

  private func edge(_ page: [String], _ fromTop: Bool) -> Int? {
    fromTop ? page.firstIndex { !$0.isEmpty } : page.lastIndex { !$0.isEmpty }
  }

  /// The line with each run of digits, and each small Roman numeral, as one mark.
  private func pattern(_ line: String) -> String {
    var out = ""
    for word in line.split(separator: " ") {
      if word.allSatisfy({ "ivxlc".contains($0) }) {
        out += "#"
      } else {
        var lastWasDigit = false
        for character in word {
          let isDigit = character.isASCII && character.isNumber
          if !isDigit { out.append(character) } else if !lastWasDigit { out += "#" }
          lastWasDigit = isDigit
        }
      }
      out += " "
    }
    return out
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

/// Makes paragraphs of the pages that `pdftotext` wrote: running headers and footers go, and words that were hyphenated
/// at the end of a line are joined where the document itself has the joined word elsewhere.
package struct PDFPages {
  private var pages: [[String]]
  /// Lower-case words that stand unbroken somewhere in the document.
  private var words = Set<Substring>()

  /// - Parameter texts: What `pdftotext` wrote of each page.
  package init(_ texts: [String]) {
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

  /// The paragraphs, which blank lines end, with their pages.
  package func sections() -> [Section] {
    var sections = [Section]()
    for (index, lines) in pages.enumerated() {
      for paragraph in lines.split(whereSeparator: \.isEmpty) {
        let text = joined(Array(paragraph))
        sections.append(Section(text: text, page: index + 1, linesFollowFile: false))
      }
    }
    return sections
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

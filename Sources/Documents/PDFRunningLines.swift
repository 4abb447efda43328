/// The running headers, footers and page numbers of a PDF.
///
/// A line at the top or bottom of at least half of four or more pages is one where it is the same each time, or where it is
/// the number of its page. Lines that are alike but for other figures, as on tickets and invoices, are text.
struct PDFRunningLines {
  private static let fewestPages = 4
  /// Two lines at most at either edge: a title above, a page number below it.
  private static let linesAtEdge = 2
  /// A sequence of fewer pages may be chance, as where a report is bound with its front matter.
  private static let fewestNumbers = 3

  /// What was left out, most often left out first.
  private(set) var removed: [RunningLine] = []
  /// The indices of the lines that run, for each page.
  private var running: [Set<Int>]
  /// Those of them that go.
  private var leftOut: [Set<Int>]

  init(_ pages: [[String]]) {
    running = Array(repeating: [], count: pages.count)
    leftOut = running
    guard pages.count >= Self.fewestPages else { return }
    for fromTop in [true, false] {
      for _ in 0..<Self.linesAtEdge {
        let edges = pages.indices.map { edge(pages[$0], running[$0], fromTop) }
        if !take(edges, of: pages) { break }
      }
    }
    restoreEmptied(pages)
    removed.sort { ($1.pages, $0.text) < ($0.pages, $1.text) }
  }

  /// The pages without any running line: what is their own.
  func bare(_ pages: [[String]]) -> [[String]] { Self.without(running, pages) }

  /// The pages without what is left out.
  func reduced(_ pages: [[String]]) -> [[String]] { Self.without(leftOut, pages) }

  /// The lines that were left out of a page that has no more of its own: they tell what it is, as on a certificate.
  func context(ofPage page: Int, _ pages: [[String]]) -> [String] {
    let lines = pages[page].enumerated().filter { !$0.element.isEmpty }
    let own = lines.count { !leftOut[page].contains($0.offset) }
    let texts = lines.filter { leftOut[page].contains($0.offset) }.map { Self.normalized($0.element) }
      .filter { PageNumber($0) == nil }
    return texts.count >= own ? texts : []
  }

  private static func without(_ dropped: [Set<Int>], _ pages: [[String]]) -> [[String]] {
    zip(pages, dropped).map { page, dropped in
      page.enumerated().map { dropped.contains($0.offset) ? "" : $0.element }
    }
  }

  private func edge(_ page: [String], _ known: Set<Int>, _ fromTop: Bool) -> Int? {
    let isOpen = { (index: Int) in !page[index].isEmpty && !known.contains(index) }
    return fromTop ? page.indices.first(where: isOpen) : page.indices.last(where: isOpen)
  }

  /// Takes what runs among one line of each page; false where nothing does.
  private mutating func take(_ edges: [Int?], of pages: [[String]]) -> Bool {
    var places: [String: [Int]] = [:]
    var numbered: [Int: [Int]] = [:]
    for (page, edge) in edges.enumerated() {
      guard let edge else { continue }
      let text = Self.normalized(pages[page][edge])
      if let number = PageNumber(text)?.value {
        numbered[number - page, default: []].append(page)
      } else {
        places[text, default: []].append(page)
      }
    }
    var found = false
    for (text, on) in places where on.count * 2 >= pages.count {
      found = true
      let isKept = removed.contains { $0.text == text }
      for (index, page) in on.enumerated() { mark(page, edges[page], isLeftOut: index > 0 || isKept) }
      note(RunningLine(text: text, pages: on.count - (isKept ? 0 : 1)))
    }
    let sequences = numbered.values.filter { $0.count >= Self.fewestNumbers }.flatMap(\.self).sorted()
    if let first = sequences.first, let edge = edges[first], sequences.count * 2 >= pages.count {
      found = true
      for page in sequences { mark(page, edges[page], isLeftOut: true) }
      note(
        RunningLine(
          text: Self.normalized(pages[first][edge]), isPageNumber: true, pages: sequences.count))
    }
    return found
  }

  private mutating func mark(_ page: Int, _ line: Int?, isLeftOut: Bool) {
    guard let line else { return }
    running[page].insert(line)
    if isLeftOut { leftOut[page].insert(line) }
  }

  private mutating func note(_ line: RunningLine) {
    if let index = removed.firstIndex(where: { $0.text == line.text && $0.isPageNumber == line.isPageNumber })
    {
      removed[index].pages += line.pages
    } else {
      removed.append(line)
    }
  }

  /// A page of nothing but running lines, as a certificate is, keeps them, its number aside.
  private mutating func restoreEmptied(_ pages: [[String]]) {
    for (page, lines) in pages.enumerated() {
      guard !leftOut[page].isEmpty,
        lines.indices.allSatisfy({ lines[$0].isEmpty || leftOut[page].contains($0) })
      else { continue }
      for line in leftOut[page] {
        let text = Self.normalized(lines[line])
        guard let index = removed.firstIndex(where: { $0.text == text && !$0.isPageNumber }) else { continue }
        leftOut[page].remove(line)
        removed[index].pages -= 1
      }
    }
    removed.removeAll { $0.pages < 1 }
  }

  private static func normalized(_ line: String) -> String {
    line.split(separator: " ").joined(separator: " ")
  }
}

/// A line that is the number of a page and nothing else, in figures or small Roman numerals: "17", "- 17 -",
/// "Page 17 of 36", "xii".
struct PageNumber {
  let value: Int

  init?(_ line: String) {
    let words = line.lowercased().split { " -–—()[]|/.".contains($0) }.map(String.init)
    let numbers = words.compactMap { word in Int(word) ?? Self.roman(word) }
    let others = words.filter { Int($0) == nil && Self.roman($0) == nil }
    guard let first = numbers.first, numbers.count <= 2, others.allSatisfy(Self.words.contains) else {
      return nil
    }
    value = first
  }

  private static let words: Set<String> = [
    "page", "p", "pg", "of", "seite", "s", "von", "sur", "página", "pagina", "pág", "de", "di", "sida",
    "side", "av",
    "blatt", "стр", "страница", "из",
  ]

  /// The value of a numeral such as "xiv"; nil for other text.
  private static func roman(_ word: String) -> Int? {
    let values: [Character: Int] = ["i": 1, "v": 5, "x": 10, "l": 50, "c": 100]
    let digits = word.compactMap { values[$0] }
    guard !digits.isEmpty, digits.count == word.count, digits.count < 9 else { return nil }
    let following = digits.dropFirst() + [0]
    return zip(digits, following).reduce(0) { $0 + ($1.0 < $1.1 ? -$1.0 : $1.0) }
  }
}

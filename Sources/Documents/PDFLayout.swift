/// Where the words of a PDF stand, as `pdftotext -bbox-layout` tells: pages of blocks of lines, in reading order.
package struct PDFLayout {
  /// A line of a block, in points from the page's upper left corner.
  struct Line {
    var text = ""
    var left: Double
    var right: Double
    var top: Double
    var bottom: Double
  }

  struct Page {
    var width: Double
    var height: Double
    var blocks: [[Line]] = []
  }

  private(set) var pages: [Page] = []

  package init() {}

  /// Reads what pdftotext wrote: one element a line, without any other use of XML.
  package init(parsing output: some Sequence<UInt8>) {
    var reader = Reader()
    reader.append(output)
    self = reader.finish()
  }

  /// Reads the output as it comes, since it has twenty times the bytes of the text.
  struct Reader {
    private var layout = PDFLayout()
    private var rest: [UInt8] = []

    mutating func append(_ piece: some Sequence<UInt8>) {
      rest += piece
      guard let end = rest.lastIndex(of: 0x0A) else { return }
      for line in rest[...end].split(separator: 0x0A) { layout.take(line) }
      rest.removeSubrange(...end)
    }

    mutating func finish() -> PDFLayout {
      layout.take(rest[...])
      return layout
    }
  }

  private mutating func take(_ bytes: ArraySlice<UInt8>) {
    let line = bytes.drop { $0 == 0x20 }
    if line.starts(with: "<word ".utf8) {
      addWord(line)
    } else if line.starts(with: "<line ".utf8) {
      addLine(Self.attributes(line))
    } else if line.starts(with: "<block ".utf8) {
      if !pages.isEmpty { pages[pages.count - 1].blocks.append([]) }
    } else if line.starts(with: "<page ".utf8) {
      let size = Self.attributes(line)
      pages.append(Page(width: size["width"] ?? 0, height: size["height"] ?? 0))
    }
  }

  private mutating func addLine(_ box: [String: Double]) {
    guard let page = pages.indices.last, let block = pages[page].blocks.indices.last,
      let left = box["xMin"], let right = box["xMax"], let top = box["yMin"], let bottom = box["yMax"]
    else { return }
    pages[page].blocks[block].append(Line(left: left, right: right, top: top, bottom: bottom))
  }

  private mutating func addWord(_ bytes: ArraySlice<UInt8>) {
    guard let page = pages.indices.last, let block = pages[page].blocks.indices.last,
      let line = pages[page].blocks[block].indices.last,
      let start = bytes.firstIndex(of: UInt8(ascii: ">")), let end = bytes.lastIndex(of: UInt8(ascii: "<")),
      start < end
    else { return }
    let word = Self.unescaped(String(decoding: bytes[(start + 1)..<end], as: UTF8.self))
    let isFirst = pages[page].blocks[block][line].text.isEmpty
    pages[page].blocks[block][line].text += isFirst ? word : " " + word
  }

  /// The numbers of `name="1.5"`.
  private static func attributes(_ tag: ArraySlice<UInt8>) -> [String: Double] {
    var numbers: [String: Double] = [:]
    for part in tag.split(whereSeparator: { $0 == 0x20 || $0 == UInt8(ascii: ">") }).dropFirst() {
      let sides = part.split(separator: UInt8(ascii: "="), maxSplits: 1)
      guard sides.count == 2 else { continue }
      let value = String(decoding: sides[1].filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
      numbers[String(decoding: sides[0], as: UTF8.self)] = Double(value)
    }
    return numbers
  }

  private static func unescaped(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
    var out = ""
    var rest = text[...]
    while let sign = rest.firstIndex(of: "&") {
      out += rest[..<sign]
      let found = entities.first(where: { rest[sign...].hasPrefix($0.name) })
      out += found?.character ?? "&"
      rest = rest[sign...].dropFirst(found?.name.count ?? 1)
    }
    return out + rest
  }

  private static let entities: [(name: String, character: String)] = [
    ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"),
  ]
}

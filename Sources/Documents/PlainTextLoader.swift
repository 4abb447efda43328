/// Splits plain text into paragraphs as it streams by, so that a file of any size takes the same memory.
struct PlainTextLoader {
  /// A paragraph is cut at a line end, or at a blank inside an endless line, once it is this long.
  static let maximumParagraphBytes = 32 * 1024

  let path: String

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let file = try TextFile(path: path)
    var splitter = ParagraphSplitter()
    let replaced = try file.forEachPiece { piece in
      for section in splitter.append(piece) { try body(section) }
    }
    for section in splitter.finish() { try body(section) }
    return DocumentSummary(
      kind: .text, warnings: file.warnings + TextFile.replacementWarning(replaced))
  }
}

/// Gathers lines into paragraphs, which blank lines end.
struct ParagraphSplitter {
  private let newline = UInt8(ascii: "\n")
  private var line = [UInt8]()
  private var paragraph = [UInt8]()
  private var lineNumber = 1
  private var startLine = 1
  private var finished = [Section]()

  /// Takes the next piece of the text, and gives the paragraphs that are complete.
  mutating func append(_ piece: [UInt8]) -> [Section] {
    var rest = piece[...]
    while let end = rest.firstIndex(of: newline) {
      line += rest[..<end]
      endLine()
      rest = rest[(end + 1)...]
    }
    line += rest
    while line.count > PlainTextLoader.maximumParagraphBytes { cutEndlessLine() }
    return takeFinished()
  }

  /// The last paragraph.
  mutating func finish() -> [Section] {
    if !line.isEmpty { endLine() }
    emit(through: lineNumber - 1)
    return takeFinished()
  }

  private mutating func takeFinished() -> [Section] {
    defer { finished = [] }
    return finished
  }

  private mutating func endLine() {
    while line.count > PlainTextLoader.maximumParagraphBytes { cutEndlessLine() }
    if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0C }) {
      emit(through: lineNumber - 1)
    } else {
      extendParagraph(line)
      if paragraph.count >= PlainTextLoader.maximumParagraphBytes { emit(through: lineNumber) }
    }
    line.removeAll(keepingCapacity: true)
    lineNumber += 1
  }

  private mutating func extendParagraph(_ text: [UInt8]) {
    if paragraph.isEmpty { startLine = lineNumber } else { paragraph.append(newline) }
    paragraph += text
  }

  /// Ends a paragraph inside a line: at its last blank, or else between two characters.
  private mutating func cutEndlessLine() {
    var cut = PlainTextLoader.maximumParagraphBytes
    if let blank = line[..<cut].lastIndex(of: 0x20), blank > cut / 2 {
      cut = blank + 1
    } else {
      while cut > 1, line[cut] & 0xC0 == 0x80 { cut -= 1 }
    }
    extendParagraph(Array(line[..<cut]))
    line.removeFirst(cut)
    emit(through: lineNumber)
  }

  private mutating func emit(through endLine: Int) {
    guard !paragraph.isEmpty else { return }
    let text = String(decoding: paragraph, as: UTF8.self)
    finished.append(Section(text: text, startLine: startLine, endLine: endLine))
    paragraph.removeAll(keepingCapacity: true)
  }
}

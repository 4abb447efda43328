/// Splits source code at its declarations, by blank lines and indentation, which people use alike in every language.
///
/// A block starts at a line of least indentation after a blank line, or where a declaration follows directly, and
/// takes its comments, attributes and decorators with it. A long block (a class) is split again at its members.
struct SourceCodeLoader {
  /// A block of more lines is split at its members.
  static let longBlock = 60
  /// Larger files are read as plain text, which takes no memory to speak of.
  static let maximumBytes = 16 * 1024 * 1024

  let path: String
  let language: String

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let (bytes, warnings) = try TextFile(path: path).readAll()
    for section in Self.sections(of: bytes) { try body(section) }
    return DocumentSummary(kind: .source(language: language), warnings: warnings)
  }

  /// The blocks of a source text.
  static func sections(of bytes: [UInt8]) -> [Section] {
    var splitter = BlockSplitter(lines: LineTable(bytes))
    splitter.split(1...splitter.lines.count, enclosing: [])
    return splitter.sections
  }
}

private struct BlockSplitter {
  let lines: LineTable
  private(set) var sections = [Section]()

  init(lines: LineTable) { self.lines = lines }

  mutating func split(_ range: ClosedRange<Int>, enclosing: [String]) {
    guard let range = lines.trimmed(range) else { return }
    for block in blocks(range) {
      guard let block = lines.trimmed(block) else { continue }
      let name = declaredName(block)
      let headings = enclosing + (name.map { [$0] } ?? [])
      if block.count > SourceCodeLoader.longBlock, let inner = interior(of: block) {
        emit(block.lowerBound...(inner.lowerBound - 1), headings)
        split(inner, enclosing: headings)
        if inner.upperBound < block.upperBound { emit((inner.upperBound + 1)...block.upperBound, headings) }
      } else {
        emit(block, headings)
      }
    }
  }

  private mutating func emit(_ range: ClosedRange<Int>, _ headings: [String]) {
    guard let range = lines.trimmed(range) else { return }
    sections.append(
      Section(
        text: lines.text(range), startLine: range.lowerBound, endLine: range.upperBound, headings: headings,
        role: .code))
  }

  /// The ranges that start at a line of least indentation after a blank line or after a closing brace.
  private func blocks(_ range: ClosedRange<Int>) -> [ClosedRange<Int>] {
    guard let least = range.compactMap({ lines.indentation(of: $0) }).min() else { return [] }
    var starts = [range.lowerBound]
    var afterBlank = false
    var afterCloser = false
    for line in range {
      guard let indentation = lines.indentation(of: line) else {
        afterBlank = true
        continue
      }
      let isOuter = indentation == least
      let closes = startsWithCloser(line)
      if isOuter && !closes && (afterBlank || afterCloser) && line > range.lowerBound
        && !continuesComment(line)
      {
        starts.append(line)
      }
      afterBlank = false
      afterCloser = isOuter && closes
    }
    return zip(starts, starts.dropFirst().map { $0 - 1 } + [range.upperBound]).map { $0...$1 }
  }

  private func startsWithCloser(_ line: Int) -> Bool {
    guard let first = lines.bytes(of: line).first(where: { $0 > 0x20 }) else { return false }
    return first == UInt8(ascii: "}") || first == UInt8(ascii: ")") || first == UInt8(ascii: "]")
  }

  /// ` * text` inside a block comment starts nothing.
  private func continuesComment(_ line: Int) -> Bool {
    lines.bytes(of: line).first { $0 > 0x20 } == UInt8(ascii: "*")
  }

  /// The lines of a block that are indented deeper than its first: the members of a class.
  private func interior(of block: ClosedRange<Int>) -> ClosedRange<Int>? {
    guard let least = block.compactMap({ lines.indentation(of: $0) }).min(),
      let first = block.first(where: { (lines.indentation(of: $0) ?? least) > least }),
      let last = block.last(where: { (lines.indentation(of: $0) ?? least) > least }),
      first > block.lowerBound, last > first
    else { return nil }
    // Where hardly anything is inside, splitting again would go on for ever.
    return last - first + 1 < block.count ? first...last : nil
  }

  /// The name that the block's first declaration gives, as "class Chunker" or "func load".
  private func declaredName(_ block: ClosedRange<Int>) -> String? {
    for line in block.prefix(40) {
      let bytes = lines.bytes(of: line)
      guard let first = bytes.first(where: { $0 > 0x20 }) else { continue }
      // Comments, attributes and decorators come before what they belong to.
      if first == UInt8(ascii: "/") || first == UInt8(ascii: "#") || first == UInt8(ascii: "*")
        || first == UInt8(ascii: "@")
      {
        if let name = Self.name(in: bytes), first == UInt8(ascii: "@") { return name }
        continue
      }
      return Self.name(in: bytes)
    }
    return nil
  }

  private static func name(in line: ArraySlice<UInt8>) -> String? {
    let words = line.split { !isWordByte($0) }.prefix(12).map { String(decoding: $0, as: UTF8.self) }
    guard let at = words.firstIndex(where: { declarationWords.contains($0) }) else {
      return cFunctionName(line)
    }
    // `enum class Color`, `static func`, `pub struct`: the last of such words counts.
    var keyword = at
    while keyword + 1 < words.count, declarationWords.contains(words[keyword + 1]) { keyword += 1 }
    guard keyword + 1 < words.count else { return words[keyword] == "init" ? "init" : nil }
    return "\(words[keyword]) \(words[keyword + 1])"
  }

  /// `static int parse(const char *s) {`: the word before the parenthesis at no indentation.
  private static func cFunctionName(_ line: ArraySlice<UInt8>) -> String? {
    guard let open = line.firstIndex(of: UInt8(ascii: "(")), !line.contains(UInt8(ascii: "=")),
      line.last != UInt8(ascii: ";")
    else { return nil }
    let words = line[..<open].split { !isWordByte($0) }
    guard words.count >= 2, let last = words.last, last.endIndex == open else { return nil }
    let name = String(decoding: last, as: UTF8.self)
    return ["if", "for", "while", "switch", "return"].contains(name) ? nil : name
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    0x30...0x39 ~= byte || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte || byte == 0x5F || byte >= 0x80
  }

  private static let declarationWords: Set<String> = [
    "class", "struct", "enum", "protocol", "extension", "func", "actor", "interface", "trait", "impl", "fn",
    "def",
    "function", "namespace", "module", "record", "union", "object", "type", "typealias", "macro", "sub",
    "defun",
  ]
}

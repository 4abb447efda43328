/// Cuts a template into tokens.
///
/// The rules are those of Jinja2's lexer: where blocks are trimmed, a newline after a block or comment is dropped, and so
/// are blanks before one at the beginning of a line; `-` strips all whitespace on its side and `+` keeps it.
struct Lexer {
  let source: [Unicode.Scalar]
  let lineStarts: [Int]
  let trimsBlocks: Bool
  var offset = 0
  var tokens: [Token] = []
  /// Whether the last match ended a line, so that blanks that follow stand at a line's beginning.
  var isAtLineStart = true

  /// The tokens of `text`, an end token last.
  static func tokens(of text: String, style: TemplateStyle) throws(TemplateError) -> [Token] {
    guard text.utf8.count <= RenderLimits.Source.maximumBytes else {
      throw TemplateError(
        .limit("it has \(text.utf8.count) bytes; at most \(RenderLimits.Source.maximumBytes) are read"))
    }
    var lexer = Lexer(text, style: style)
    try lexer.scanTemplate()
    return lexer.tokens
  }

  private init(_ text: String, style: TemplateStyle) {
    var scalars: [Unicode.Scalar] = []
    scalars.reserveCapacity(text.utf8.count)
    var previousWasReturn = false
    for scalar in text.unicodeScalars {
      if scalar == "\n" && previousWasReturn {
        previousWasReturn = false
        continue
      }
      previousWasReturn = scalar == "\r"
      scalars.append(previousWasReturn ? "\n" : scalar)
    }
    if !style.keepsFinalNewline, scalars.last == "\n" { scalars.removeLast() }
    trimsBlocks = style.trimsBlocks
    source = scalars
    lineStarts = [0] + scalars.indices.lazy.filter { scalars[$0] == "\n" }.map { $0 + 1 }
  }

  private mutating func scanTemplate() throws(TemplateError) {
    while offset < source.count {
      guard let tag = nextTag() else {
        emitData(offset..<source.count)
        offset = source.count
        break
      }
      try scan(tag)
    }
    tokens.append(Token(kind: .end, position: position(of: source.count)))
  }

  private mutating func scan(_ tag: OpeningTag) throws(TemplateError) {
    emitData(trimmed(offset..<tag.start, before: tag.sign, isVariable: tag.kind == .variable))
    offset = tag.end
    switch tag.kind {
    case .variable: try scanTag(closing: .variableEnd, opening: .variableBegin, at: tag.start)
    case .block: try scanTag(closing: .blockEnd, opening: .blockBegin, at: tag.start)
    case .comment: try skipComment(from: tag.start)
    case .raw: try scanRaw(from: tag.start)
    }
  }

  /// The range without the whitespace that the tag behind it strips.
  func trimmed(_ range: Range<Int>, before sign: Unicode.Scalar?, isVariable: Bool) -> Range<Int> {
    var end = range.upperBound
    if sign == "-" {
      while end > range.lowerBound, source[end - 1].isPythonSpace { end -= 1 }
      return range.lowerBound..<end
    }
    guard trimsBlocks, sign != "+", !isVariable else { return range }
    while end > range.lowerBound, source[end - 1] != "\n", source[end - 1].isPythonSpace { end -= 1 }
    let beginsLine = end == range.lowerBound ? isAtLineStart : source[end - 1] == "\n"
    return beginsLine ? range.lowerBound..<end : range
  }

  mutating func emitData(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: source[range])
    tokens.append(Token(kind: .data(String(text)), position: position(of: range.lowerBound)))
  }

  private mutating func skipComment(from start: Int) throws(TemplateError) {
    let content = offset
    while offset < source.count, !matches("#}", at: offset) { offset += 1 }
    guard offset < source.count else {
      throw TemplateError(.syntax("the comment is never closed with '#}'"), at: position(of: start))
    }
    let sign = offset > content ? source[offset - 1] : " "
    offset += 2
    skipAfterTag(sign: sign)
  }

  private mutating func scanRaw(from start: Int) throws(TemplateError) {
    let content = offset
    var candidate = content
    while candidate < source.count {
      if let end = rawEnd(at: candidate) {
        emitData(trimmed(content..<candidate, before: end.sign, isVariable: false))
        offset = end.offset
        skipAfterTag(sign: end.closingSign)
        return
      }
      candidate += 1
    }
    throw TemplateError(.syntax("'{% raw %}' is never closed with '{% endraw %}'"), at: position(of: start))
  }

  /// Applies a closing tag's whitespace control to what follows it.
  mutating func skipAfterTag(sign: Unicode.Scalar) {
    if sign == "-" {
      skipWhitespace()
    } else if trimsBlocks, sign != "+", offset < source.count, source[offset] == "\n" {
      offset += 1
    }
    isAtLineStart = source[offset - 1] == "\n"
  }

  mutating func skipWhitespace() {
    while offset < source.count, source[offset].isPythonSpace { offset += 1 }
  }

  func matches(_ text: StaticString, at start: Int) -> Bool {
    let count = text.utf8CodeUnitCount
    guard start >= 0, start + count <= source.count else { return false }
    return text.withUTF8Buffer { bytes in
      bytes.indices.allSatisfy { source[start + $0].value == UInt32(bytes[$0]) }
    }
  }

  /// Line and column of a scalar.
  func position(of offset: Int) -> SourcePosition {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return SourcePosition(line: low + 1, column: offset - lineStarts[low] + 1)
  }
}

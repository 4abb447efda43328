/// The beginning of a tag in a template's text.
struct OpeningTag {
  enum Kind { case variable, block, comment, raw }

  let kind: Kind
  let start: Int
  let end: Int
  /// `-` or `+`, when the tag controls the whitespace before it.
  let sign: Unicode.Scalar?
}

extension Lexer {
  /// The next place where a tag begins, the current one included.
  func nextTag() -> OpeningTag? {
    var start = offset
    while start + 1 < source.count {
      if source[start] == "{" {
        switch source[start + 1] {
        case "{": return openingTag(.variable, at: start)
        case "#": return openingTag(.comment, at: start)
        case "%": return rawBegin(at: start) ?? openingTag(.block, at: start)
        default: break
        }
      }
      start += 1
    }
    return nil
  }

  private func openingTag(_ kind: OpeningTag.Kind, at start: Int) -> OpeningTag {
    let sign = sign(at: start + 2)
    return OpeningTag(kind: kind, start: start, end: start + (sign == nil ? 2 : 3), sign: sign)
  }

  private func sign(at offset: Int) -> Unicode.Scalar? {
    guard offset < source.count, source[offset] == "-" || source[offset] == "+" else { return nil }
    return source[offset]
  }

  /// `{% raw %}`, after which Jinja2 strips whitespace only when told to by `-`.
  private func rawBegin(at start: Int) -> OpeningTag? {
    let sign = sign(at: start + 2)
    var end = skippingWhitespace(from: start + (sign == nil ? 2 : 3))
    guard matches("raw", at: end) else { return nil }
    end = skippingWhitespace(from: end + 3)
    if matches("-%}", at: end) {
      return OpeningTag(kind: .raw, start: start, end: skippingWhitespace(from: end + 3), sign: sign)
    }
    return matches("%}", at: end) ? OpeningTag(kind: .raw, start: start, end: end + 2, sign: sign) : nil
  }

  /// `{% endraw %}` at `start`: where it ends and the whitespace control of its two sides.
  func rawEnd(at start: Int) -> (offset: Int, sign: Unicode.Scalar?, closingSign: Unicode.Scalar)? {
    guard matches("{%", at: start) else { return nil }
    let sign = sign(at: start + 2)
    var end = skippingWhitespace(from: start + (sign == nil ? 2 : 3))
    guard matches("endraw", at: end) else { return nil }
    end = skippingWhitespace(from: end + 6)
    let closingSign = self.sign(at: end)
    if closingSign != nil { end += 1 }
    return matches("%}", at: end) ? (end + 2, sign, closingSign ?? " ") : nil
  }

  private func skippingWhitespace(from start: Int) -> Int {
    var end = start
    while end < source.count, source[end].isPythonSpace { end += 1 }
    return end
  }
}

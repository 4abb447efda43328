extension Lexer {
  /// Scans the inside of `{{ … }}` or `{% … %}`.
  mutating func scanTag(closing: Token.Kind, opening: Token.Kind, at start: Int) throws(TemplateError) {
    tokens.append(Token(kind: opening, position: position(of: start)))
    var open: [Symbol] = []
    while true {
      if open.isEmpty, let sign = tagEndSign(closing) {
        tokens.append(Token(kind: closing, position: position(of: offset)))
        offset += sign == " " ? 2 : 3
        // A newline after a variable stays; only blocks trim it.
        if closing == .blockEnd || sign == "-" {
          skipAfterTag(sign: sign)
        } else {
          isAtLineStart = false
        }
        return
      }
      guard offset < source.count else {
        let tag = opening == .blockBegin ? "'{%' is never closed with '%}'" : "'{{' is never closed with '}}'"
        throw TemplateError(.syntax(tag), at: position(of: start))
      }
      if source[offset].isPythonSpace {
        offset += 1
      } else {
        try scanToken(open: &open)
      }
    }
  }

  /// The sign of the closing tag at the current offset, a blank when it has none, nil when there is no tag.
  private func tagEndSign(_ closing: Token.Kind) -> Unicode.Scalar? {
    if closing == .variableEnd {
      if matches("-}}", at: offset) { return "-" }
      return matches("}}", at: offset) ? " " : nil
    }
    if matches("-%}", at: offset) { return "-" }
    if matches("+%}", at: offset) { return "+" }
    return matches("%}", at: offset) ? " " : nil
  }

  private mutating func scanToken(open: inout [Symbol]) throws(TemplateError) {
    let start = offset
    let scalar = source[offset]
    let kind: Token.Kind
    if scalar.isASCIIDigit {
      kind = try scanNumber()
    } else if scalar.isPythonWord {
      kind = try scanName()
    } else if scalar == "'" || scalar == "\"" {
      kind = .string(try scanString())
    } else {
      kind = .symbol(try scanSymbol(open: &open))
    }
    tokens.append(Token(kind: kind, position: position(of: start)))
  }

  private mutating func scanName() throws(TemplateError) -> Token.Kind {
    let start = offset
    while offset < source.count, source[offset].isPythonWord { offset += 1 }
    guard source[start].properties.isXIDStart || source[start] == "_" else {
      throw TemplateError(.syntax("a name cannot begin with '\(source[start])'"), at: position(of: start))
    }
    return .name(text(start..<offset))
  }

  private mutating func scanSymbol(open: inout [Symbol]) throws(TemplateError) -> Symbol {
    let place = position(of: offset)
    let two = offset + 1 < source.count ? Symbol(rawValue: text(offset..<offset + 2)) : nil
    guard let symbol = two ?? Symbol(rawValue: String(Character(source[offset]))) else {
      throw TemplateError(.syntax("unexpected character '\(source[offset])'"), at: place)
    }
    offset += symbol.rawValue.utf8.count
    if let closing = symbol.closing { open.append(closing) }
    if symbol.isClosing {
      guard let expected = open.popLast() else {
        throw TemplateError(.syntax("unexpected '\(symbol.rawValue)'"), at: place)
      }
      guard expected == symbol else {
        throw TemplateError(
          .syntax("unexpected '\(symbol.rawValue)', expected '\(expected.rawValue)'"), at: place)
      }
    }
    return symbol
  }

  func text(_ range: Range<Int>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: source[range])
    return String(view)
  }
}

extension Lexer {
  private mutating func scanNumber() throws(TemplateError) -> Token.Kind {
    let start = offset
    let followsDot = start > 0 && source[start - 1] == "."
    if !followsDot, let end = floatEnd(from: start) {
      offset = end
      guard let number = Double(text(start..<end).filter { $0 != "_" }) else {
        throw TemplateError(.syntax("not a number: \(text(start..<end))"), at: position(of: start))
      }
      return .float(number)
    }
    let (end, radix) = integerEnd(from: start)
    offset = end
    let digits = text(start + (radix == 10 ? 0 : 2)..<end).filter { $0 != "_" }
    guard let number = Int(digits, radix: radix) else {
      throw TemplateError(
        .unsupported("the number \(text(start..<end)) does not fit 64 bits"), at: position(of: start))
    }
    return .integer(number)
  }

  /// Where a float that begins at `start` ends; nil when there is none.
  private func floatEnd(from start: Int) -> Int? {
    var end = digitsEnd(from: start) { $0.isASCIIDigit }
    var isFloat = false
    if end + 1 < source.count, source[end] == ".", source[end + 1].isASCIIDigit {
      end = digitsEnd(from: end + 1) { $0.isASCIIDigit }
      isFloat = true
    }
    if end < source.count, source[end] == "e" || source[end] == "E" {
      var exponent = end + 1
      if exponent < source.count, source[exponent] == "+" || source[exponent] == "-" { exponent += 1 }
      if exponent < source.count, source[exponent].isASCIIDigit {
        end = digitsEnd(from: exponent) { $0.isASCIIDigit }
        isFloat = true
      }
    }
    return isFloat ? end : nil
  }

  private func integerEnd(from start: Int) -> (end: Int, radix: Int) {
    guard source[start] == "0" else { return (digitsEnd(from: start) { $0.isASCIIDigit }, 10) }
    let prefix = start + 1 < source.count ? source[start + 1] : " "
    let prefixed: (radix: Int, isDigit: (Unicode.Scalar) -> Bool)? =
      switch prefix {
      case "x", "X": (16, { $0.isASCII && $0.properties.isASCIIHexDigit })
      case "o", "O": (8, { $0 >= "0" && $0 <= "7" })
      case "b", "B": (2, { $0 == "0" || $0 == "1" })
      default: nil
      }
    if let (radix, isDigit) = prefixed {
      let end = digitsEnd(from: start + 2, allowsLeadingUnderscore: true, isDigit)
      if end > start + 2 { return (end, radix) }
    }
    return (digitsEnd(from: start) { $0 == "0" }, 10)
  }

  /// The end of digits with single underscores between them.
  private func digitsEnd(
    from start: Int, allowsLeadingUnderscore: Bool = false, _ isDigit: (Unicode.Scalar) -> Bool
  ) -> Int {
    var end = start
    while end < source.count {
      if isDigit(source[end]) {
        end += 1
      } else if source[end] == "_", end + 1 < source.count, isDigit(source[end + 1]),
        end > start || allowsLeadingUnderscore
      {
        end += 2
      } else {
        break
      }
    }
    return end
  }
}

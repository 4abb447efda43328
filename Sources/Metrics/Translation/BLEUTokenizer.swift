extension BLEU {
  /// How a text becomes tokens before n-grams are counted. BLEU scores of different tokenizers are not comparable.
  public enum Tokenizer: String, Sendable, CaseIterable {
    /// The words between white space.
    case none
    /// That of WMT's script `mteval-v13a`: punctuation of ASCII is separated, but points and commas within numbers.
    case v13a = "13a"
    /// That of `mteval-v14` for all scripts: what Unicode takes for punctuation or a symbol is separated.
    case international = "intl"
    /// Each Chinese character is a token; the rest is tokenized as `13a` does.
    case chinese = "zh"
    /// Each code point but white space is a token.
    case character = "char"

    /// The tokens of a text.
    public func tokens(_ text: String) -> [String] {
      tokens(Scalars(text.unicodeScalars)).map { token in
        var view = String.UnicodeScalarView()
        view.append(contentsOf: token)
        return String(view)
      }
    }

    func tokens(_ text: Scalars) -> [Scalars] {
      switch self {
      case .none: words(text)
      case .v13a: words(separatingPunctuation([" "] + unescaped(text) + [" "]))
      case .international: words(separatingInternational(text))
      case .chinese: words(separatingPunctuation(separatingChinese(text)))
      case .character: text.filter { !$0.isPythonSpace }.map { [$0] }
      }
    }
  }
}

/// Undoes what SGML and line breaks did to a text.
private func unescaped(_ text: Scalars) -> Scalars {
  var text = text
  for (special, replacement) in [("<skipped>", ""), ("-\n", ""), ("\n", " ")] as [(String, String)] {
    text = replacing(special, in: text, with: replacement)
  }
  guard text.contains("&") else { return text }
  for (entity, character) in [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")]
    as [(String, String)]
  {
    text = replacing(entity, in: text, with: character)
  }
  return text
}

private func replacing(_ part: String, in text: Scalars, with replacement: String) -> Scalars {
  let part = Scalars(part.unicodeScalars)
  guard let first = part.first, text.contains(first) else { return text }
  var result = Scalars()
  result.reserveCapacity(text.count)
  var index = 0
  while index < text.count {
    if text[index] == first, text[index...].starts(with: part) {
      result.append(contentsOf: replacement.unicodeScalars)
      index += part.count
    } else {
      result.append(text[index])
      index += 1
    }
  }
  return result
}

/// The separations of `mteval-v13a`, one after the other, as each sees the spaces that the one before it made.
private func separatingPunctuation(_ text: Scalars) -> Scalars {
  let symbols = separatingEach(text) { scalar in
    switch scalar.value {
    // All of ASCII's but the apostrophe, the comma, the hyphen and the point. The space itself is among them.
    case 0x20...0x26, 0x28...0x2B, 0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }
  let stops: (Unicode.Scalar) -> Bool = { $0 == "." || $0 == "," }
  let afterOthers = separatingPairs(symbols, { !$0.isASCIIDigit }, stops) { [$0, " ", $1, " "] }
  let beforeOthers = separatingPairs(afterOthers, stops, { !$0.isASCIIDigit }) { [" ", $0, " ", $1] }
  return separatingPairs(beforeOthers, \.isASCIIDigit, { $0 == "-" }) { [$0, " ", $1, " "] }
}

/// The separations of `mteval-v14`.
private func separatingInternational(_ text: Scalars) -> Scalars {
  let afterOthers = separatingPairs(text, { !$0.isNumber }, \.isPunctuation) { [$0, " ", $1, " "] }
  let beforeOthers = separatingPairs(afterOthers, \.isPunctuation, { !$0.isNumber }) { [" ", $0, " ", $1] }
  return separatingEach(beforeOthers, \.isSymbol)
}

private func separatingEach(_ text: Scalars, _ isSeparated: (Unicode.Scalar) -> Bool) -> Scalars {
  var result = Scalars()
  result.reserveCapacity(text.count * 2)
  for scalar in text {
    if isSeparated(scalar) {
      result.append(" ")
      result.append(scalar)
      result.append(" ")
    } else {
      result.append(scalar)
    }
  }
  return result
}

/// Rewrites neighbours that match, from the start on; a code point belongs to one pair at most, as in a substitution by
/// a regular expression.
private func separatingPairs(
  _ text: Scalars, _ first: (Unicode.Scalar) -> Bool, _ second: (Unicode.Scalar) -> Bool,
  _ rewritten: (Unicode.Scalar, Unicode.Scalar) -> [Unicode.Scalar]
) -> Scalars {
  var result = Scalars()
  result.reserveCapacity(text.count * 2)
  var index = 0
  while index < text.count {
    if index + 1 < text.count, first(text[index]), second(text[index + 1]) {
      result.append(contentsOf: rewritten(text[index], text[index + 1]))
      index += 2
    } else {
      result.append(text[index])
      index += 1
    }
  }
  return result
}

private func separatingChinese(_ text: Scalars) -> Scalars {
  let start = text.firstIndex { !$0.isPythonSpace } ?? text.count
  return separatingEach(Scalars(text[start...])) { scalar in
    chineseRanges.contains { $0.contains(scalar.value) }
  }
}

/// What sacrebleu takes for Chinese. Two of its ranges are meant to be extension B and the supplement of compatibility
/// ideographs (from U+20000 and U+2F800 on), but are written so that they hold U+2001 to U+2A6D and U+2F81 to U+2FA1.
private let chineseRanges: [ClosedRange<UInt32>] = [
  0x3400...0x4DB5, 0x4E00...0x9FA5, 0x9FA6...0x9FBB, 0xF900...0xFA2D, 0xFA30...0xFA6A, 0xFA70...0xFAD9,
  0x2001...0x2A6D, 0x2F81...0x2FA1, 0xFF00...0xFFEF, 0x2E80...0x2EFF, 0x3000...0x303F, 0x31C0...0x31EF,
  0x2F00...0x2FDF, 0x2FF0...0x2FFF, 0x3100...0x312F, 0x31A0...0x31BF, 0xFE10...0xFE1F, 0xFE30...0xFE4F,
  0x2600...0x26FF, 0x2700...0x27BF, 0x3200...0x32FF, 0x3300...0x33FF,
]

/// Tokens that are found in the text as they are written, before anything else looks at it.
struct AddedTokens: Sendable {
  struct Token: Sendable {
    var id: TokenID
    var bytes: [UInt8]
    /// Stands for no text: recognised only where the caller says so.
    var isSpecial: Bool
    /// Takes the white space before it, and after it.
    var stripsLeft = false
    var stripsRight = false
  }

  private var byFirstByte: [[Token]] = Array(repeating: [], count: 256)
  let specialIDs: Set<TokenID>

  init(_ tokens: [Token]) {
    for token in tokens {
      guard let first = token.bytes.first else { continue }
      byFirstByte[Int(first)].append(token)
    }
    for index in byFirstByte.indices { byFirstByte[index].sort { $0.bytes.count > $1.bytes.count } }
    specialIDs = Set(tokens.filter(\.isSpecial).map(\.id))
  }

  enum Part {
    case text(Range<Int>)
    case token(TokenID, Range<Int>)
  }

  /// Cuts a text at its added tokens, the longest where several begin.
  func split(_ text: [UInt8], parseSpecial: Bool, _ body: (Part) -> Void) {
    var start = 0
    var index = 0
    while index < text.count {
      let candidates = byFirstByte[Int(text[index])]
      if !candidates.isEmpty, let token = match(candidates, text, index, parseSpecial) {
        var (from, to) = (index, index + token.bytes.count)
        while token.stripsLeft, from > start, Self.isSpace(text[from - 1]) { from -= 1 }
        while token.stripsRight, to < text.count, Self.isSpace(text[to]) { to += 1 }
        if from > start { body(.text(start..<from)) }
        body(.token(token.id, index..<index + token.bytes.count))
        start = to
        index = to
      } else {
        index += 1
      }
    }
    if start < text.count { body(.text(start..<text.count)) }
  }

  private func match(_ candidates: [Token], _ text: [UInt8], _ index: Int, _ parseSpecial: Bool) -> Token? {
    candidates.first { token in
      (parseSpecial || !token.isSpecial) && index + token.bytes.count <= text.count
        && token.bytes.indices.allSatisfy { text[index + $0] == token.bytes[$0] }
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 9 < 5 }
}

/// Tokens that are found in the text as they are written, before the model looks at it.
struct AddedTokens: Sendable {
  struct Token: Sendable {
    var id: TokenID
    var bytes: [UInt8]
    /// Stands for no text: recognised only where the caller says so.
    var isSpecial: Bool
    /// Takes the white space before it, and after it.
    var stripsLeft = false
    var stripsRight = false
    /// Not a part of a longer word.
    var isSingleWord = false
    /// Looked for in normalized text, and normalized itself; others are looked for in the text as it is.
    var isNormalized = false
  }

  enum Part {
    case text(Range<Int>)
    case token(TokenID, Range<Int>)
  }

  private let tokens: [Token]
  private let specialEnds: [Bool]
  /// Tokens that are looked for in the text as it is.
  private let literal: Finder
  /// Tokens that are looked for in normalized text.
  private let normalized: Finder
  /// The ids that stand for no text.
  let specialIDs: Set<TokenID>

  init(_ tokens: [Token], normalizer: Normalizer = Normalizer()) {
    self.tokens = tokens
    specialEnds = tokens.map(\.isSpecial)
    var literal = Finder()
    var normalized = Finder()
    var spare = MappedText()
    for (index, token) in tokens.enumerated() {
      guard token.isNormalized else {
        literal.insert(token, index)
        continue
      }
      var text = MappedText()
      text.assign(token.bytes[...], firstScalar: 0, mapped: false)
      normalizer.normalize(&text, spare: &spare)
      var changed = token
      changed.bytes = text.bytes
      normalized.insert(changed, index)
    }
    self.literal = literal
    self.normalized = normalized
    specialIDs = Set(tokens.filter(\.isSpecial).map(\.id))
  }

  /// Whether normalized text may hold tokens.
  func mayNormalizedHoldTokens(parseSpecial: Bool) -> Bool { normalized.mayFind(parseSpecial: parseSpecial) }

  /// Cuts a text at its added tokens, the longest where several begin.
  func split(_ text: [UInt8], parseSpecial: Bool, inNormalized: Bool = false, _ body: (Part) -> Void) {
    let finder = inNormalized ? normalized : literal
    guard finder.mayFind(parseSpecial: parseSpecial) else {
      if !text.isEmpty { body(.text(0..<text.count)) }
      return
    }
    var start = 0
    var index = 0
    while index < text.count {
      guard finder.begins[Int(text[index])], let (found, end) = match(finder, text, index, parseSpecial)
      else {
        index += 1
        continue
      }
      let token = tokens[found]
      defer { index = end }
      guard !token.isSingleWord || Self.isAlone(index..<end, in: text) else { continue }
      var (from, to) = (index, end)
      if token.stripsLeft { from = Self.spaceStart(before: index, in: text) }
      if token.stripsRight { to = Self.spaceEnd(from: end, in: text) }
      // A token before may have taken the space that this one begins with.
      from = max(from, start)
      to = max(to, from)
      if from > start { body(.text(start..<from)) }
      body(.token(token.id, from..<to))
      start = to
    }
    if start < text.count { body(.text(start..<text.count)) }
  }

  /// The longest token that begins at a place, and where it ends.
  private func match(_ finder: Finder, _ text: [UInt8], _ start: Int, _ parseSpecial: Bool) -> (Int, Int)? {
    var found: (Int, Int)?
    var node = Trie.root
    var index = start
    while index < text.count, let next = finder.trie.child(of: node, text[index]) {
      node = next
      index += 1
      let token = Int(finder.trie.value(at: node))
      if token >= 0, parseSpecial || !specialEnds[token] { found = (token, index) }
    }
    return found
  }

  /// Tokens by their beginnings.
  private struct Finder: Sendable {
    var trie = Trie()
    var begins = [Bool](repeating: false, count: 256)
    private var hasTokens = false
    private var hasPlainTokens = false

    mutating func insert(_ token: Token, _ index: Int) {
      guard let first = token.bytes.first else { return }
      trie.insert(token.bytes, value: Int32(truncatingIfNeeded: index))
      begins[Int(first)] = true
      hasTokens = true
      if !token.isSpecial { hasPlainTokens = true }
    }

    func mayFind(parseSpecial: Bool) -> Bool { parseSpecial ? hasTokens : hasPlainTokens }
  }
}

extension AddedTokens {
  private static func isAlone(_ range: Range<Int>, in text: [UInt8]) -> Bool {
    if range.upperBound < text.count, isWord(UTF8Scalars.read(text, range.upperBound).scalar) { return false }
    guard range.lowerBound > 0 else { return true }
    let before = UTF8Scalars.before(text, range.lowerBound, from: 0)
    return !isWord(UTF8Scalars.read(text, before).scalar)
  }

  private static func isWord(_ scalar: UInt32) -> Bool {
    CharacterClasses.flags[scalar] & CharacterClasses.word != 0
  }

  private static func spaceStart(before end: Int, in text: [UInt8]) -> Int {
    var start = end
    while start > 0 {
      let before = UTF8Scalars.before(text, start, from: 0)
      guard CharacterClasses.isSpace(UTF8Scalars.read(text, before).scalar) else { break }
      start = before
    }
    return start
  }

  private static func spaceEnd(from start: Int, in text: [UInt8]) -> Int {
    var end = start
    while end < text.count {
      let (scalar, length) = UTF8Scalars.read(text, end)
      guard CharacterClasses.isSpace(scalar) else { break }
      end += length
    }
    return end
  }
}

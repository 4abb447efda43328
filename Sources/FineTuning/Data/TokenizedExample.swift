import MartletTokenizers

/// The tokens of an example, and which of them count; the first never does, since it follows nothing.
struct TokenizedExample: Equatable {
  private(set) var tokens: [TokenID] = []
  private(set) var counts: [Bool] = []

  /// The tokens that count.
  var countedTokens: Int { counts.count { $0 } }

  mutating func append(_ new: some Collection<TokenID>, counts: Bool) {
    tokens += new
    self.counts += repeatElement(counts, count: new.count)
    if !self.counts.isEmpty { self.counts[0] = false }
  }

  /// Of these tokens none counts any more.
  mutating func stopCounting(in range: Range<Int>) {
    for index in range { counts[index] = false }
  }

  /// All of its tokens count but the first.
  mutating func countAll() {
    for index in counts.indices.dropFirst() { counts[index] = true }
  }

  /// A part of it.
  subscript(range: Range<Int>) -> TokenizedExample {
    var part = TokenizedExample()
    part.tokens = Array(tokens[range])
    part.counts = Array(counts[range])
    if !part.counts.isEmpty { part.counts[0] = false }
    return part
  }

  /// What becomes of an example under a limit of its length.
  enum Fitted: Equatable {
    case whole(TokenizedExample)
    case cut(TokenizedExample)
    case split([TokenizedExample])
    case refused
  }

  /// The example in at most `maximum` tokens.
  ///
  /// Pieces overlap by one token, since the first of a piece is no target: so each token that counts, counts in one piece.
  /// Pieces in which none does are left out.
  func fitted(into maximum: Int, _ overflow: TrainingDataOptions.Overflow) -> Fitted {
    guard tokens.count > maximum else { return .whole(self) }
    switch overflow {
    case .cut: return .cut(self[0..<maximum])
    case .refuse: return .refused
    case .split:
      let pieces = stride(from: 0, to: tokens.count - 1, by: maximum - 1).map { start in
        self[start..<min(tokens.count, start + maximum)]
      }
      return .split(pieces.filter { $0.countedTokens > 0 })
    }
  }
}

/// A place in a text that a grammar allows. It is a value: a copy goes its own way.
///
/// From every state a text of the grammar can be completed, so a token that is allowed is never a dead end.
public struct GrammarState: Sendable {
  let grammar: TokenGrammar
  var state: MachineState

  /// Goes on by a token.
  ///
  /// - Parameter token: The token's id.
  /// - Returns: Whether it fits. Where it does not, the state is unchanged.
  public mutating func accept(token: Int) -> Bool {
    guard token >= 0, token < grammar.vocabulary.count, !grammar.vocabulary.tokens[token].isEmpty else {
      return false
    }
    return accept(grammar.vocabulary.tokens[token])
  }

  /// Goes on by bytes, whatever their tokens.
  ///
  /// - Returns: Whether they fit. Where they do not, the state is unchanged.
  public mutating func accept(_ bytes: some Sequence<UInt8>) -> Bool {
    var next = state
    for byte in bytes {
      next = grammar.machine.next(next, byte)
      if next.configurations.isEmpty && !next.isComplete { return false }
    }
    state = next
    return true
  }

  /// Whether the text may end here.
  public var isComplete: Bool { state.isComplete }

  /// Whether something may follow.
  public var canContinue: Bool { !state.configurations.isEmpty }

  /// Which tokens may come next. The token that ends a text is not among them; see ``isComplete``.
  ///
  /// Where it allows no token although ``canContinue`` is true, the vocabulary lacks the bytes to go on.
  public func mask() -> TokenMask { grammar.mask(of: state) }
}

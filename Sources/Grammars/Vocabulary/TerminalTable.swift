/// What all tokens do in one state of a terminal, whatever is around it: most stay inside, and for those that leave it
/// only the bytes behind matter.
final class TerminalTable: Sendable {
  struct Key: Hashable, Sendable {
    let terminal: Int32
    let state: Int32
  }

  /// Tokens that leave the terminal in the same way.
  struct Exit: Sendable {
    /// How many characters they end before.
    let characters: Int32
    /// The label of the text that they end.
    let label: Int32
    /// Tokens that end where the terminal does.
    let ends: [Int32]
    /// All others, by the first byte behind the end, once they were needed.
    let rests: ExitRests
    /// Tokens that may hold all of another name behind this one: they are tried one by one.
    let long: [Int32]
  }

  /// The tokens that stay inside and end so many characters or fewer, by that number.
  let inside: [[UInt64]]
  /// Nodes of the vocabulary's trie that stay inside names of which only some are allowed.
  let fragile: [Int32]
  let exits: [Exit]
  let hasLongExits: Bool

  /// - Parameter rule: The object whose names the terminal reads, if it does.
  init(_ terminal: Terminal, from start: Int32, rule: ObjectRule?, vocabulary: GrammarVocabulary) {
    var walk = TerminalWalk(terminal, rule, vocabulary)
    walk.run(from: start)
    inside = walk.cumulative()
    fragile = walk.fragile
    exits = walk.exits.map { key, nodes in walk.exit(key, nodes) }
    hasLongExits = exits.contains { !$0.long.isEmpty }
  }
}

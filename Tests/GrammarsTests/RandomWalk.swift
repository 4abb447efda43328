import MartletGrammars
import MartletSeededRandom
import Testing

/// Vocabularies and walks for the tests.
enum Toy {
  /// Every byte, and strings that cross the borders of what grammars are made of; the last token is special.
  static let tokens: [[UInt8]?] = {
    let pieces = [
      "{\"", "\":", "\": ", "\",\"", "\", \"", "\"}", "\"]", "[\"", "},{", "}, {", "]}", "}}", "[]", "{}",
      "[{", "{\n  \"",
      ",\n  \"", "\n}", "\n  ", " \"", ", ", ": ", "true", "false", "null", "tru", "nul", "12", "-1", "0.5",
      "1.0", "00", ".0", "e1",
      "a", "ab", "abc", "ba", "aa", "name", "age", "na", "\"name\"", "\"a\":", "\"a\": 1", "a\":1,\"a\":",
      "\"b\":2,", "\\n", "\\\"",
      "\\u00", "\\ud83d", "é", "éa", "日本", "😀", "\"\"", "(", ")", "((", "))", "x1", "1,2", "1, 2",
      "abcabcabc", "    ", "\"x\",\"y\"",
    ]
    return (0...255).map { [UInt8($0)] } + pieces.map { Array($0.utf8) } + [
      [0xC3, 0x28], [0x22, 0xF0, 0x9F],
    ] + [[], nil]
  }()

  static let vocabulary = GrammarVocabulary(tokens: tokens)

  /// What a walk came to.
  struct Walk {
    var bytes: [UInt8] = []
    var isComplete = false
    var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  /// Draws allowed tokens until the text ends or is long; then only those that bring its end nearer, as far as can be
  /// seen. Each mask is compared with a trial of every token.
  static func walk(
    _ grammar: TokenGrammar, _ random: inout SplitMix64, tokens most: Int = 60, checksMasks: Bool = true,
    _ comment: Comment
  ) -> Walk {
    var state = grammar.start()
    var walk = Walk()
    for step in 0..<(most * 20) {
      if state.isComplete && (!state.canContinue || step > most || Int.random(in: 0..<4, using: &random) == 0)
      {
        break
      }
      let mask = state.mask()
      if checksMasks && step < most {
        for token in tokens.indices {
          var copy = state
          let fits = copy.accept(token: token)
          if mask[token] != fits {
            Issue.record(
              "\(comment): after \(walk.text), token \(String(decoding: tokens[token] ?? [], as: UTF8.self)): mask \(mask[token])"
            )
            return walk
          }
        }
      }
      let allowed = tokens.indices.filter { mask[$0] }
      guard !allowed.isEmpty else {
        Issue.record("\(comment): a dead end after \(walk.text)")
        return walk
      }
      // Past the wished length, what closes is preferred.
      let closing = allowed.filter { "\"}])0".utf8.contains(tokens[$0]?.first ?? 0) }
      let pool =
        step > most && !closing.isEmpty && Int.random(in: 0..<4, using: &random) > 0 ? closing : allowed
      let token = pool[Int.random(in: 0..<pool.count, using: &random)]
      guard state.accept(token: token) else {
        Issue.record("\(comment): a token of the mask does not fit")
        return walk
      }
      walk.bytes += tokens[token] ?? []
    }
    walk.isComplete = state.isComplete
    return walk
  }
}

import MartletGrammars
import MartletJSON

/// The first byte says what the rest is: a regular expression, a grammar in GBNF, or a JSON Schema.
func readGrammar(_ input: [UInt8]) {
  guard let kind = input.first else { return }
  let text = String(decoding: input.dropFirst(), as: UTF8.self)
  let grammar: Grammar?
  switch kind {
  case UInt8(ascii: "r"): grammar = try? Grammar(regex: text)
  case UInt8(ascii: "g"): grammar = try? Grammar(gbnf: text)
  case UInt8(ascii: "s"):
    guard let schema = try? JSON(parsing: text) else { return }
    grammar = try? Grammar(jsonSchema: schema)
  default: return
  }
  guard let grammar else { return }
  var state = TokenGrammar(grammar, vocabulary: bytes).start()
  // Each state has a way on, and the mask allows what fits.
  for _ in 0..<20 {
    let mask = state.mask()
    guard let token = (0..<256).first(where: { mask[($0 * 37) % 256] }).map({ ($0 * 37) % 256 }) else {
      precondition(state.isComplete, "a dead end")
      return
    }
    precondition(state.accept(token: token), "a token of the mask does not fit")
  }
}

private let bytes = GrammarVocabulary(tokens: (0...255).map { [UInt8($0)] })

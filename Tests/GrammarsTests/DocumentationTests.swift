import MartletGrammars
import Testing

@Suite("The example of the documentation of Grammars")
struct DocumentationTests {
  // swift-format-ignore
  @Test("It compiles, and writes an object")
  func example() throws {
    let grammar = try Grammar(jsonSchema: ["type": "object", "properties": ["age": ["type": "integer"]], "required": ["age"]])
    let tokens = ["{", "}", "\"age\"", ":", "1", "2", "x"].map { Array($0.utf8) }
    let constrained = TokenGrammar(grammar, vocabulary: GrammarVocabulary(tokens: tokens))
    var state = constrained.start()
    var text = ""
    while !state.isComplete {
      let mask = state.mask()
      guard let token = tokens.indices.first(where: { mask[$0] && (tokens[$0] != [0x31] || !text.hasSuffix("1")) }) else { break }
      _ = state.accept(token: token)
      text += String(decoding: tokens[token], as: UTF8.self)
    }

    #expect(text == #"{"age":1}"#)
  }
}

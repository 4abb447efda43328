import MartletGrammars
import MartletJSON
import Testing

/// The examples of doc comments.
@Suite("Examples in doc comments of Grammars")
struct DocCommentExamples {
  @Test("Grammars")
  func expression() throws {
    let grammar = try Grammar(regex: "(red|green) [0-9]{1,3}")
    let fits = grammar.matches("green 42")

    #expect(fits)
  }

  @Test("Vocabularies")
  func vocabulary() {
    let vocabulary = GrammarVocabulary(tokens: ["a", "b", "ab"].map { Array($0.utf8) } + [nil])

    #expect(vocabulary.count == 4)
  }

  @Test("Masks")
  func mask() throws {
    let vocabulary = GrammarVocabulary(tokens: ["yes", "no", "n", "o", "maybe"].map { Array($0.utf8) })
    let grammar = TokenGrammar(try Grammar(choices: ["yes", "no"]), vocabulary: vocabulary)
    var state = grammar.start()
    let allowed = (0..<5).filter { state.mask()[$0] }
    let fits = state.accept(token: 2)

    #expect(allowed == [0, 1, 2] && fits && state.mask()[3])
  }

  @Test("Validating")
  func validating() throws {
    let schema = try JSONSchema(JSON(parsing: #"{"type": "object", "required": ["name"]}"#))
    let violations = schema.violations(of: ["age": 7])

    #expect(violations == ["the value: the property name is missing"])
  }
}

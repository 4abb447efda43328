import MartletGrammars
import MartletJSON
import MartletSeededRandom
import MartletTestScope
import Testing

@Suite struct HostileGrammarTests {
  @Test(.long) func damagedGrammarsAreReadOrRefused() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix64(seed: seed)
    let expressions = ExpressionTests.examples.map(\.0)
    let grammars = GBNFTests.examples.map(\.0) + [GBNFTests.json]
    for number in 0..<600 {
      let texts = number % 3 == 0 ? grammars : number % 3 == 1 ? expressions : SchemaCases.all
      var scalars = Array(texts[Int.random(in: 0..<texts.count, using: &random)].unicodeScalars)
      let alphabet = Array("\\[](){}|*+?^$\"-.,:09azé#<>=\n truefalsenull".unicodeScalars)
      for _ in 0..<Int.random(in: 1...4, using: &random) where !scalars.isEmpty {
        let place = Int.random(in: 0..<scalars.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: scalars[place] = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
        case 1: scalars.insert(alphabet[Int.random(in: 0..<alphabet.count, using: &random)], at: place)
        default: scalars.remove(at: place)
        }
      }
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars)
      let damaged = String(text)
      // What is read is a grammar from whose start something fits.
      let grammar: Grammar? =
        switch number % 3 {
        case 0: try? Grammar(gbnf: damaged)
        case 1: try? Grammar(regex: damaged)
        default: (try? JSON(parsing: damaged)).flatMap { try? Grammar(jsonSchema: $0) }
        }
      guard let grammar else { continue }
      let state = TokenGrammar(grammar, vocabulary: Toy.vocabulary).start()
      #expect(state.isComplete || state.mask().allowedCount > 0, "seed \(seed): \(damaged)")
    }
  }

  @Test(.long) func deepAndLargeInputsEndWithAnError() throws {
    let deep = String(repeating: "(", count: 100_000)
    #expect(throws: GrammarError.self) { try Grammar(regex: deep) }
    #expect(throws: GrammarError.self) { try Grammar(gbnf: "root ::= " + deep) }
    #expect(throws: GrammarError.self) { try Grammar(regex: "a" + String(repeating: "+", count: 100_000)) }
    #expect(throws: GrammarError.self) {
      try Grammar(gbnf: "root ::= \"a\"" + String(repeating: "*", count: 100_000))
    }
    var schema: JSON = true
    for _ in 0..<400 { schema = ["items": schema] }
    #expect(throws: GrammarError.self) { try Grammar(jsonSchema: schema) }
    // Exponentially many alternatives.
    let part: JSON = ["anyOf": [["minimum": 1], ["maxLength": 3], ["minItems": 2]]]
    #expect(throws: GrammarError.self) {
      try Grammar(jsonSchema: ["allOf": .array([JSON](repeating: part, count: 30))])
    }
    let doubling = (0..<40).map { "r\($0) ::= r\($0 + 1) r\($0 + 1)" }.joined(separator: "\n")
    let chain = (0..<15_000).map { "r\($0) ::= r\($0 + 1) | \"x\" r\($0 + 1) \"y\"" }.joined(separator: "\n")
    #expect(throws: GrammarError.self) { try Grammar(gbnf: "root ::= r0\n\(chain)\nr15000 ::= \"a\" root?") }
    // Exponentially many copies of a rule.
    #expect(throws: GrammarError.self) { try Grammar(gbnf: "root ::= r0\n\(doubling)\nr40 ::= \"a\"?") }
    #expect(throws: GrammarError.self) {
      try Grammar(jsonSchema: ["type": "string", "pattern": "(a|b)*a(a|b){18}$"])
    }
  }
}

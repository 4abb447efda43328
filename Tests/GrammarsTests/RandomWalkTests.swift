import MartletGrammars
import MartletJSON
import MartletSeededRandom
import MartletTestScope
import Testing

@Suite struct RandomWalkTests {
  static let expressions = [
    "(red|green) [0-9]{1,3}", "[a-c]{2,4}x?", "(ab)*c", "é+日?", ".", "^a+$", "(?:a|b){0,200}", "[^a]b",
    "\\p{Lu}1", "",
  ]

  @Test(arguments: expressions) func textsOfExpressionsMatch(_ expression: String) throws {
    let grammar = try Grammar(regex: expression)
    try expectWalks(grammar, Comment(rawValue: expression)) { grammar.matches($0) }
  }

  @Test func textsOfChoicesAreChoices() throws {
    let choices = ["yes", "no", "nothing", "a\"b", "é"]
    try expectWalks(try Grammar(choices: choices), "choices") { choices.contains($0) }
  }

  static let grammars = [
    "root ::= \"(\" root? \")\" root?",
    "root ::= value\nvalue ::= \"[\" (value (\",\" value)*)? \"]\" | [0-9]+ | \"\\\"\" [^\"\\\\]* \"\\\"\"",
    "root ::= ([a] [b]?){2,3} tail\ntail ::= \"x\" tail | \"y\"",
    "root ::= (a | b)*\na ::= \"a\"? \"b\"\nb ::= \"(\" root \")\"",
  ]

  @Test(arguments: grammars) func textsOfGrammarsMatch(_ text: String) throws {
    let grammar = try Grammar(gbnf: text)
    try expectWalks(grammar, Comment(rawValue: text)) { grammar.matches($0) }
  }

  @Test(arguments: SchemaCases.all) func textsOfSchemasAreValid(_ text: String) throws {
    let json = try JSON(parsing: text)
    let schema = try JSONSchema(json)
    try expectWalks(try Grammar(jsonSchema: json), Comment(rawValue: text)) { text in
      schema.violations(of: try JSON(parsing: text)).isEmpty
    }
  }

  @Test func textsOfJSONObjectsAreObjects() throws {
    try expectWalks(.jsonObject, "any object") { try JSON(parsing: $0).objectValue != nil }
  }

  private func expectWalks(_ grammar: Grammar, _ comment: Comment, isValid: (String) throws -> Bool) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix64(seed: seed)
    let tokens = TokenGrammar(grammar, vocabulary: Toy.vocabulary)
    let count = TestScope.isSlow ? 40 : TestScope.isQuick ? 1 : 4
    for number in 0..<count {
      // The last walk is long, without a trial of each token.
      let isLong = number % 4 == 3
      let walk = Toy.walk(
        tokens, &random, tokens: isLong ? 100 : 12, checksMasks: !isLong, "\(comment), seed \(seed)")
      guard walk.isComplete else { continue }
      let isRight = (try? isValid(walk.text)) ?? false
      #expect(isRight, "\(comment), seed \(seed): \(walk.text)")
      #expect(grammar.matches(walk.text), "\(comment), seed \(seed): \(walk.text)")
    }
  }
}

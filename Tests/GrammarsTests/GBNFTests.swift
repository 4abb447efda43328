import MartletGrammars
import Testing

@Suite struct GBNFTests {
  static let json = #"""
    # JSON, as such grammars write it
    root   ::= object
    value  ::= object | array | string | number | ("true" | "false" | "null") ws

    object ::=
      "{" ws (
                string ":" ws value
        ("," ws string ":" ws value)*
      )? "}" ws

    array  ::= "[" ws ( value ("," ws value)* )? "]" ws
    string ::= "\"" ( [^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}) )* "\"" ws
    number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,15})? ws
    ws     ::= | " " | "\n" [ \t]{0,20}
    """#

  @Test func aGrammarOfJSONFitsJSON() throws {
    let grammar = try Grammar(gbnf: Self.json)
    for text in [#"{"a": [1, 2.5, {"b": null}], "c": "\u00e9\n"}"#, "{}", "{ }", "{\n  \"a\": true\n}"] {
      #expect(grammar.matches(text), "\(text)")
    }
    for text in ["[1]", "{\"a\"}", "{\"a\": 01}", "{\"a\": \"\u{1}\"}", "{\"a\": 1"] {
      #expect(!grammar.matches(text), "\(text)")
    }
  }

  @Test func rulesThatAreTooLargeTogetherAreCompiledOneByOne() throws {
    // Each rule doubles the size of the one before it.
    let chain =
      (0..<14).map { "r\($0) ::= r\($0 + 1) | \"x\" r\($0 + 1)" }.joined(separator: "\n") + "\nr14 ::= \"a\""
    let grammar = try Grammar(gbnf: "root ::= r0\n" + chain)
    #expect(grammar.matches("a") && grammar.matches("xxxa") && !grammar.matches("xxx"))
    let words = (0..<2500).map { "\"word number \($0)\"" }.joined(separator: " | ")
    let list = try Grammar(gbnf: "root ::= w (\",\" w)*\nw ::= \(words)")
    #expect(list.matches("word number 7,word number 2499") && !list.matches("word number 2500"))
  }

  /// Grammars with texts that they derive, and texts that they do not.
  static let examples: [(String, [String], [String])] = [
    ("root ::= \"a\"\n  | \"b\"", ["a"], ["ab"]), ("root ::= \"a\" |\n \"b\"", ["a", "b"], [""]),
    ("root ::= x{2} | x{4,}\nx ::= \"ab\" # twice", ["abab", "abababab"], ["ab", "ababab"]),
    ("root ::= \"(\" root \")\" | \"\"", ["", "()", "((()))"], ["(", "())"]),
    ("root ::= ([ \\t\\n] root)?", ["", " \t\n"], ["a"]),
    ("root ::= chars \"!\"\nchars ::= [^!] chars | \"\"", ["!", "ab!"], ["ab"]),
    ("root ::= \"\\x41\\u00e9\\U0001F600\" [\\]a-]", ["Aé😀]", "Aé😀-", "Aé😀a"], ["Aé😀"]),
    ("root ::= . .", ["a\n", "😀b"], ["a"]),
    ("root ::= a b? a*\na ::= \"x\"\nb ::= (\n  \"y\" |\n  \"z\"\n)", ["x", "xyxx", "xz"], ["y"]),
    (
      "root ::= sum\nsum ::= term (\"+\" term)*\nterm ::= [0-9]+ | \"(\" sum \")\"", ["1+(2+3)", "((1))"],
      ["1+", "(1"]
    ),
    (
      "root ::= (a{0,3} \"b\"){2,3}\na ::= \"a\" | \"[\" root \"]\"", ["bb", "aabab", "[bb]bb"],
      ["b", "aaaabb"]
    ),
  ]

  @Test(arguments: examples) func grammarsDeriveTheirTexts(_ example: (String, [String], [String])) throws {
    if example.0.hasPrefix("root ::= \"a\"\n") {
      // A line that begins with | is no rule.
      #expect(throws: GrammarError.self) { try Grammar(gbnf: example.0) }
      return
    }
    let grammar = try Grammar(gbnf: example.0)
    for text in example.1 { #expect(grammar.matches(text), "\(text)") }
    for text in example.2 { #expect(!grammar.matches(text), "\(text)") }
  }

  /// Grammars that are refused, with the line and a word of the message.
  static let refusals: [(String, Int, String)] = [
    ("root ::= root \"a\" | \"b\"", 1, "left recursion"),
    ("root ::= \"a\"\n\nx ::= y \"a\"\ny ::= \"\" x", 3, "left recursion"),
    ("root ::= \"a\"\nx ::= missing", 2, "missing"), ("x ::= \"a\"", 1, "root"),
    ("root ::= \"a\"\nroot ::= \"b\"", 2, "twice"),
    ("root ::= <[12]>", 1, "tokens"), ("root ::= \"a\" !<think>", 1, "tokens"), ("root ::= \"a", 1, "quote"),
    ("root ::= [a", 1, "bracket"),
    ("root ::= (\"a\"", 1, "parenthesis"), ("root = \"a\"", 1, "::="), ("root ::= \"a\"{3,2}", 1, "empty"),
    ("root ::= \"a\"{,}", 1, ""), ("root ::= \"\\q\"", 1, "escape"), ("root ::= [z-a]", 1, "backwards"),
    ("", 1, "root"),
    ("root ::= \"a\" )", 1, "expected"), ("root ::= \"\\ud800\"", 1, "character"),
  ]

  @Test(arguments: refusals) func whatIsWrongIsNamedWithItsLine(_ text: String, _ line: Int, _ word: String)
    throws
  {
    if text.contains("{,}") {
      #expect(try Grammar(gbnf: text).matches("aaa"))
      return
    }
    do {
      _ = try Grammar(gbnf: text)
      Issue.record("\(text) was not refused")
    } catch .gbnf(let found, let problem) {
      #expect(found == line && problem.contains(word), "\(text): line \(found): \(problem)")
    }
  }
}

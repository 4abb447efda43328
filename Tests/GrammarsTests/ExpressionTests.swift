import MartletGrammars
import Testing

@Suite struct ExpressionTests {
  /// Expressions with texts that match as a whole, and texts that do not.
  static let examples: [(String, [String], [String])] = [
    ("a|bc", ["a", "bc"], ["", "b", "abc"]), ("(?:ab)+?c??", ["ab", "ababc"], ["c", ""]),
    ("[a-c-]{2}", ["a-", "cb"], ["a", "abc", "ad"]), ("[^a\\d]", ["b", "é", "\n"], ["a", "5", ""]),
    (".", ["x", "é", "😀"], ["\n", "\r", "\u{2028}", "ab"]),
    ("\\x41\\u00e9\\u{1F600}\\ud83d\\ude00", ["Aé😀😀"], ["A"]),
    ("^a$", ["a"], ["aa"]), ("a^b", [], ["ab", "a", "b"]), ("(^|x)a", ["a", "xa"], ["ya"]),
    ("$", [""], ["a"]),
    ("\\w+\\s\\W", ["a_1\u{A0}-"], ["é -"]), ("\\p{Lu}\\P{L}", ["É1", "A "], ["a1", "AB"]),
    ("(?<year>\\d{4})-\\cJ", ["2024-\n"], ["202"]),
    ("\\.\\*\\/\\-", [".*/-"], [".*/"]), ("a{0}", [""], ["a"]), ("(){1000000}", [""], ["a"]),
    ("[\\b\\]]", ["\u{8}", "]"], ["b"]),
    ("(a{1,3}){2}", ["aa", "aaaaaa"], ["a", "aaaaaaa"]), ("[]", [], ["", "a"]), ("[^]", ["a", "\n"], [""]),
  ]

  @Test(arguments: examples) func expressionsMatchWholeTexts(_ example: (String, [String], [String])) throws {
    guard !example.1.isEmpty else {
      #expect(throws: GrammarError.noText) { try Grammar(regex: example.0) }
      return
    }
    let grammar = try Grammar(regex: example.0)
    for text in example.1 { #expect(grammar.matches(text), "\(text)") }
    for text in example.2 { #expect(!grammar.matches(text), "\(text)") }
  }

  @Test(arguments: [
    "(a", "a)", "[a", "*a", "a**", "a{2,1}", "a{", "{", "\\", "\\b", "\\q", "\\1", "\\k<a>", "(?=a)", "(?!a)",
    "(?<=a)", "(?i)a",
    "\\p{Greek}", "\\pL", "\\ud800", "\\u{110000}", "[b-a]", "[\\d-z]", "^*", "\\x4", "\\01", "a{9999999}",
    "(?<na me>a)",
  ])
  func whatIsNotSupportedIsRefused(_ expression: String) throws {
    #expect(throws: GrammarError.self) { try Grammar(regex: expression) }
    do {
      _ = try Grammar(regex: expression)
    } catch .pattern(let pattern, _, _) {
      #expect(pattern == expression)
    }
  }

  @Test func largeRepeatsAreCounted() throws {
    let grammar = try Grammar(regex: "([a-z]{1,9} ){1,30000}[01]")
    #expect(grammar.matches("abc de 1"))
    #expect(!grammar.matches("abc de"))
    let ambiguous = try Grammar(regex: "[ab]*a[ab]{20}")
    #expect(ambiguous.matches(String(repeating: "a", count: 21)))
    #expect(!ambiguous.matches(String(repeating: "b", count: 40)))
  }

  @Test func choicesAreWholeTexts() throws {
    let grammar = try Grammar(choices: ["yes", "no", "nobody", ""])
    for text in ["yes", "no", "nobody", ""] { #expect(grammar.matches(text)) }
    for text in ["y", "nob", "yesno"] { #expect(!grammar.matches(text)) }
    #expect(throws: GrammarError.noChoices) { try Grammar(choices: []) }
  }
}

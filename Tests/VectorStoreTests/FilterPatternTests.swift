import MartletJSON
import MartletSQLite
import Testing

@testable import MartletVectorStore

@Suite struct FilterPatternTests {
  @Test(arguments: [
    ("(a+)+$", "a", "b"), ("^(a|a)*$", "a", "b"), ("(a*)*b$", "b", "c"), ("(.*)*!", "!", "?"),
    ("(?:a?){50}a{50}b", "b", "c"), ("((a{0,20}){0,20})!", "!", "?"), ("(x+x+)+y|(a|aa)+$", "a", "b"),
  ])
  func `Hostile patterns take time in proportion to the text`(pattern: String, good: String, bad: String)
    throws
  {
    let expression = try RegularExpression(pattern)
    let text = String(repeating: "a", count: 50_000)
    #expect(expression.matches(text + good))
    #expect(!expression.matches(text + bad))
  }

  @Test(arguments: [
    ("(", "missing ): ("), ("[a", "missing ]: [a"), ("*", "no argument for repetition operator: *"),
    ("(a)\\1", "invalid escape sequence: \\1"), ("a(?<=b)", "invalid perl operator: (?<"),
    ("a{1001}", "invalid repetition size: {1001}"),
    ("\\p{Nothing}", "invalid character class range: \\p{Nothing}"),
    ("\\pL{1000}", "pattern too large - compile failed"),
  ])
  func `A pattern that cannot be used is refused with the reason`(pattern: String, reason: String) {
    let error = #expect(throws: FilterError.self) { try RegularExpression(pattern) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  @Test func `Long and deep patterns are refused, or match as they should`() throws {
    let words = (0..<100_000).map { "word\($0)" }
    let alternatives = try RegularExpression(words.joined(separator: "|"))
    #expect(alternatives.matches("a word99999 b") && !alternatives.matches("a wor99999 b"))
    let depth = 50_000
    let deep = String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth)
    #expect(try RegularExpression(deep).matches("bab"))
    #expect(throws: FilterError.self) { try RegularExpression(String(repeating: "(", count: 1_000_000)) }
    let classes = String(repeating: "\\pL", count: 2000)
    #expect(throws: FilterError.self) { try RegularExpression(classes) }
  }

  @Test func `Patterns and texts with NUL, and of any script, match as they are`() throws {
    #expect(try RegularExpression("a\0b").matches("xa\0by") && !RegularExpression("a\0b").matches("ab"))
    #expect(try RegularExpression("^Ω.ß$").matches("Ωxß") && !RegularExpression("^..$").matches("Ωxß"))
    #expect(try RegularExpression("").matches("") && RegularExpression("^$").matches(""))
    #expect(
      try RegularExpression("a") == RegularExpression("a") && RegularExpression("a") != RegularExpression("b")
    )
  }

  @Test func `One pattern matches on many threads at once`() async throws {
    let expression = try RegularExpression("(?i)swift.*tower\\b")
    await withTaskGroup(of: Bool.self) { group in
      for task in 0..<16 {
        group.addTask {
          (0..<200).allSatisfy { number in
            let padding = String(repeating: "x", count: (task * 37 + number) % 300)
            return expression.matches("Swifts \(padding) at the Tower")
              && !expression.matches("Swifts \(padding) towers")
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  @Test
  func `SQLite's functions of texts give NULL for what is no text, and an error for what is no pattern`()
    throws
  {
    let connection = try StoreConnection(path: ":memory:", readOnly: false)
    func value(_ sql: String, _ part: SQLiteValue, _ text: SQLiteValue) throws -> Int? {
      try connection.integer("SELECT \(sql)(?, ?)", part, text)
    }
    for function in ["martlet_contains", "martlet_matches"] {
      #expect(try value(function, .text("a"), .text("bab")) == 1)
      #expect(try value(function, .text("ab"), .text("ba")) == 0)
      #expect(try value(function, .text(""), .text("")) == 1)
      #expect(try value(function, .text("a\0b"), .text("xa\0b")) == 1)
      #expect(try value(function, .text("a"), .null) == nil && value(function, .null, .text("a")) == nil)
      #expect(
        try value(function, .text("a"), .blob([97])) == nil && value(function, .integer(1), .text("1")) == nil
      )
    }
    let error = #expect(throws: VectorStoreError.self) {
      try value("martlet_matches", .text("("), .text("a"))
    }
    #expect(error?.description.contains("missing )") == true)
    #expect(try value("martlet_matches", .text("b"), .text("a")) == 0)
  }

  @Test func `A part that nearly is everywhere is looked for in proportion to the text`() throws {
    let connection = try StoreConnection(path: ":memory:", readOnly: false)
    let text = String(repeating: "a", count: 4_000_000)
    let part = String(repeating: "a", count: 1_000_000) + "b" + String(repeating: "a", count: 1_000_000)
    #expect(try connection.integer("SELECT martlet_contains(?, ?)", .text(part), .text(text)) == 0)
  }

  @Test func `A pattern is compiled anew when a statement runs with another`() throws {
    let bench = try FilterBench((0..<100).map { (["n": .integer($0)], "text \($0)") })
    for number in [7, 42, 7] {
      let filter = Filter.document(.matches(try RegularExpression(" \(number)$")))
      #expect(try bench.bySQL(filter) == [number])
    }
  }
}

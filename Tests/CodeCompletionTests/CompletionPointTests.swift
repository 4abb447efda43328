import MartletCodeCompletion
import Testing

@Suite("The place of a cursor")
struct CompletionPointTests {
  private let text = "let a = 1\r\nlet é👍🏽 = a\n\n\tlast"

  @Test("It lies between two texts")
  func parts() {
    let point = CompletionPoint(prefix: "let x = ", suffix: "\n")
    #expect(point.prefix + point.suffix == "let x = \n")
  }

  @Test(
    "Lines and columns count from 1, columns in characters",
    arguments: [
      (1, 1, ""), (1, 5, "let "), (1, nil, "let a = 1"), (2, 6, "let a = 1\r\nlet é"),
      (2, 7, "let a = 1\r\nlet é👍🏽"), (3, nil, "let a = 1\r\nlet é👍🏽 = a\n"),
      (4, 2, "let a = 1\r\nlet é👍🏽 = a\n\n\t"), (4, 6, "let a = 1\r\nlet é👍🏽 = a\n\n\tlast"),
    ] as [(Int, Int?, String)])
  func lineAndColumn(line: Int, column: Int?, prefix: String) throws {
    let point = try CompletionPoint(in: text, path: "a.swift", line: line, column: column)
    #expect(point.prefix == prefix && point.prefix + point.suffix == text)
    #expect(point.line == line && point.path == "a.swift")
  }

  @Test("After a line break at the end comes one more line, and an empty text has one")
  func ends() throws {
    #expect(try CompletionPoint(in: "a\n", line: 2).prefix == "a\n")
    #expect(try CompletionPoint(in: "", line: 1, column: 1).prefix == "")
  }

  @Test("A place that is not there is an error that says which there are")
  func errors() {
    #expect(throws: CodeCompletionError.noSuchLine(5, lineCount: 4)) {
      try CompletionPoint(in: text, line: 5)
    }
    #expect(throws: CodeCompletionError.noSuchLine(0, lineCount: 4)) {
      try CompletionPoint(in: text, line: 0)
    }
    #expect(throws: CodeCompletionError.noSuchColumn(11, line: 1, columnCount: 10)) {
      try CompletionPoint(in: text, line: 1, column: 11)
    }
    #expect(throws: CodeCompletionError.noSuchColumn(0, line: 3, columnCount: 1)) {
      try CompletionPoint(in: text, line: 3, column: 0)
    }
  }
}

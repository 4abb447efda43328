import Testing

@testable import MartletDocuments

@Suite struct GlobPatternTests {
  private func matches(_ pattern: String, _ path: String) -> Bool {
    let components = path.split(separator: "/").map { Array($0.utf8) }
    return GlobPattern(Array(pattern.utf8)).matches(components[...])
  }

  @Test(
    arguments: [
      ("**/b", "b"), ("**/b", "x/y/b"), ("a/**/b", "a/b"), ("a/**/b", "a/x/y/b"), ("a/**", "a/x"),
      ("a/**", "a/x/y"), ("**/a/**/b/*.c", "a/b/a/x/b/y.c"), ("**/**/b", "x/b"), ("a/**/**", "a/x"),
      ("**", "a"), ("**/x/**", "x/x"),
    ])
  func `Two stars match any number of folders`(_ pattern: String, _ path: String) {
    #expect(matches(pattern, path))
  }

  @Test(
    arguments: [
      ("a/**", "a"), ("a/**/**", "a"), ("**/b", "x/b/y"), ("a/**/b", "x/a/b"), ("a/**/b", "a/x"),
      ("**/x/**", "x"), ("**/a/**/b", "b/a"), ("a**/b", "a/x/b"),
    ])
  func `Two stars match nothing else`(_ pattern: String, _ path: String) {
    #expect(!matches(pattern, path))
  }

  @Test func `A pattern of many double stars is told from a deep path that it does not match`() {
    // Each of them tried at each place would take longer than any test may run.
    let pattern = String(repeating: "**/a/", count: 24) + "b"
    #expect(!matches(pattern, String(repeating: "a/", count: 60) + "c"))
    #expect(matches(pattern, String(repeating: "a/", count: 60) + "b"))
  }
}

import MartletJSON
import MartletYAML
import Testing

@Suite struct YAMLTests {
  private func problem(_ text: String, limits: YAMLLimits = YAMLLimits()) -> YAMLError? {
    do {
      _ = try JSON(parsingYAML: text, limits: limits)
      return nil
    } catch { return error }
  }

  @Test func keepsTheOrderOfMembersAndTheDigitsOfNumbers() throws {
    let value = try JSON(parsingYAML: "z: 0.50\na: 1\nm: 12345678901234567890123\nh: 0xff\n")
    #expect(value.serialized() == #"{"z":0.50,"a":1,"m":12345678901234567890123,"h":255}"#)
  }

  @Test func yesAndNoAreTexts() throws {
    let value = try JSON(parsingYAML: "[yes, no, on, off, y, true]")
    #expect(value.serialized() == #"["yes","no","on","off","y",true]"#)
  }

  @Test func keysAreTextsAsWritten() throws {
    #expect(try JSON(parsingYAML: "1: a\n0x1: b\n~: c\n").objectValue?.keys == ["1", "0x1", "~"])
  }

  @Test func errorsSayLineAndColumn() {
    #expect(
      problem("a: 1\nb:\n  a: 1\n  a: 2\n")?.description
        == "Not usable YAML at line 4, column 3: the key \"a\" appears twice in one mapping.")
    #expect(
      problem("a: 1\nprocess: !function utils.x\n")?.description
        == "Not usable YAML at line 2, column 10: the tag !function is not supported; only plain data can be read."
    )
    #expect(
      problem("a: {b: 1}\nc:\n  <<: *x\n")?.description
        == "Not usable YAML at line 3, column 3: merge keys (<<) are not supported; write the members out, or quote the key."
    )
    #expect(problem("--- 1\n--- 2\n")?.problem == .severalDocuments)
    #expect(problem("--- 1\n--- 2\n")?.line == 2)
    #expect(problem("a: [1, 2\n")?.line == 2)
    #expect(problem("x: .inf")?.problem == .notFinite(".inf"))
    #expect(problem("x: -.INF")?.problem == .notFinite("-.INF"))
    #expect(problem("? [1]\n: 2")?.problem == .keyNotText)
    #expect(problem("a: *b")?.problem == .unknownAnchor("b"))
    #expect(problem("a: &a [*a]")?.problem == .unknownAnchor("a"))
    #expect(problem("a: !!int x")?.problem == .tagMismatch(tag: "!!int", value: "x"))
    #expect(problem("a: !!binary aGk=")?.problem == .tag("!!binary"))
    #expect(problem("a: \u{1}")?.line == 1)
  }

  @Test func bytesThatAreNotUTF8AreAnError() {
    #expect(throws: YAMLError.self) { try JSON(parsingYAML: [0x61, 0x3A, 0x20, 0xFF, 0x0A]) }
  }

  @Test func aliasesOfAliasesAreRefused() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      text +=
        "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
    }
    #expect(problem(text)?.problem == .tooLarge("2000000 values"))
    let long =
      "a: &a \(String(repeating: "x", count: 1000))\nb: [\(Array(repeating: "*a", count: 100).joined(separator: ", "))]"
    #expect(
      problem(long, limits: YAMLLimits(maximumTextBytes: 50_000))?.problem == .tooLarge("50000 bytes of text")
    )
  }

  @Test func depthIsBounded() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(problem(deep)?.problem == .tooDeep(maximum: 100))
    let nested = (0..<20).reduce(into: "a0: &a0 [x]\n") { text, level in
      text += "a\(level + 1): &a\(level + 1) [*a\(level)]\n"
    }
    #expect(problem(nested, limits: YAMLLimits(maximumDepth: 10))?.problem == .tooDeep(maximum: 10))
    #expect(problem(nested) == nil)
  }

  @Test func aByteOrderMarkAndAnEmptyTextAreAllowed() throws {
    #expect(try JSON(parsingYAML: "\u{FEFF}a: 1") == ["a": 1])
    #expect(try JSON(parsingYAML: "").isNull)
    #expect(try JSON(parsingYAML: "\u{FEFF}").isNull)
  }
}

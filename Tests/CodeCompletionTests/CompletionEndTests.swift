import Testing

@testable import MartletCodeCompletion

@Suite("Where a completion ends")
struct CompletionEndTests {
  /// What is kept of a text that comes in single characters, and of it whole.
  private func kept(_ before: String, _ after: String, _ text: String) -> String {
    let end = CompletionEnd(CompletionPoint(prefix: before, suffix: after))
    let whole = end.ended(text, isWhole: true) ?? text
    for length in 1...max(1, text.count) {
      if let early = end.ended(String(text.prefix(length)), isWhole: false) {
        #expect(early == whole, "\(text.debugDescription)")
        break
      }
    }
    return whole
  }

  @Test("In the midst of a line it ends with the line")
  func inLine() {
    #expect(kept("let x = f(", ")\n", "a, b\nlet y = 2") == "a, b")
    #expect(kept("  if ", " {\n", "a == b") == "a == b")
  }

  @Test("At the end of a line with text it ends with the line")
  func endOfLine() {
    #expect(kept("  let x = ", "\n  return x\n", "a + b\n  let y = 2\n") == "a + b")
  }

  @Test("A line that the model finds whole goes on with the block below it")
  func wholeLine() {
    #expect(kept("  let x = 1", "\n}\n", "\n  let y = 2\n}\n\nfunc g") == "\n  let y = 2")
    #expect(kept("  let x = 1", "\n}\n", "\n}\n") == "")
  }

  @Test("A line that opens a block goes on to the line that closes it, if that is not there already")
  func opened() {
    #expect(
      kept("func f() {", "\n\nfunc g() {}\n", "\n  return 1\n}\n\nfunc h() {") == "\n  return 1\n}")
    #expect(kept("  func f() {", "\n  }\n}\n", "\n    return 1\n  }\n  func g") == "\n    return 1")
    #expect(kept("def f(x):", "\n", "\n    return x\n\ndef g") == "\n    return x")
    #expect(kept("def f(x):", "\n", "\n    return x\nprint(f(1))\n") == "\n    return x")
  }

  @Test("On an empty line it is a block, to an empty line or a shallower one")
  func emptyLine() {
    #expect(kept("func f() {\n  ", "\n}\n", "let a = 1\n  return a\n}\n") == "let a = 1\n  return a")
    #expect(kept("", "", "import A\nimport B\n\nfunc f()") == "import A\nimport B")
    #expect(kept("\t", "\n", "a()\n\tb()\nc()\n") == "a()\n\tb()")
  }

  @Test("A line that is in the file already, or mostly, is not written again")
  func repeated() {
    #expect(kept("a\n", "\nreturn total\n", "total += 1\nreturn total\n") == "total += 1")
    #expect(
      kept("a\n", "\n/// Adds two numbers, and more.\n", "b()\n/// Adds two numbers, and mo\nc") == "b()")
    #expect(kept("a\n", "\nx = 1\n", "y = 1\nz = 1\n") == "y = 1\nz = 1")
  }

  @Test("Empty lines at the end go away")
  func trailing() {
    #expect(kept("let x =", "\n", " 1\n\n\n") == " 1")
    #expect(kept("", "\n", "\n\n") == "")
  }
}

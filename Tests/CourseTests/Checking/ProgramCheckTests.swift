import Testing

@testable import MartletCourse

@Suite("Learners' programs are compared with Martlet's implementation", .serialized)
struct ProgramCheckTests {
  private func check(_ source: String, language: ProgramLanguage = .python) throws -> Verdict {
    let task = try #require(try SmallCourse.read().exercise("cosine").programTask)
    return try task.check(source, language: language, seed: 7)
  }

  @Test("A right program passes, whatever the seed")
  func right() throws {
    let verdict = try check(SmallCourse.solution)
    #expect(verdict.passed && verdict.message.contains("55 of 55"))
  }

  @Test("A common mistake is named, and the first wrong case shown")
  func mistake() throws {
    let verdict = try check(SmallCourse.solution.replacing(" / n if n else 0", with: ""))
    #expect(!verdict.passed && verdict.message.contains("This is the dot product"))
    #expect(verdict.details.contains("expected:") && verdict.details.contains("printed:"))
  }

  @Test("A constant and a program that tests nothing are refused")
  func constant() throws {
    #expect(try !check("import sys\nfor _ in sys.stdin: print('{\"cosine\": 0.7071067811865476}')").passed)
    #expect(try !check("import sys\nsys.stdin.read()").passed)
    #expect(try !check("  \n").passed)
  }

  @Test("What a failing program printed on standard error is shown")
  func failing() throws {
    let verdict = try check("raise ValueError('here it is')")
    #expect(verdict.message.contains("exit status 1") && verdict.details.contains("here it is"))
    #expect(try check("print('hello')").message.contains("is no JSON"))
  }

  @Test("A program that does not end is ended")
  func endless() throws {
    #expect(try check("while True: pass").message.contains("more than 2 s"))
  }

  @Test("A Swift program is compiled and compared; what the compiler says is shown")
  func swift() throws {
    let program = """
      import Foundation
      func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).map(*).reduce(0, +) }
      while let line = readLine() {
        let c = try JSONDecoder().decode([String: [Double]].self, from: Data(line.utf8))
        let (a, b) = (c["a"]!, c["b"]!)
        let n = (dot(a, a) * dot(b, b)).squareRoot()
        print("{\\"cosine\\": \\(n == 0 ? 0 : dot(a, b) / n)}")
      }
      """
    #expect(try check(program, language: .swift).passed)
    let verdict = try check("let x: Int = \"no\"", language: .swift)
    #expect(verdict.message.contains("does not compile") && verdict.details.contains("error:"))
  }
}

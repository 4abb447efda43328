import Foundation
import MartletJSON
import MartletTestScope
import Testing

@Suite("‘martlet learn’ leads through the course", .startsProcesses)
struct LearnCommandTests {
  private static let solution = MartletProcess.packageRoot.appending(
    path: "Course/1-transformers/04-cosine-similarity/solution.py"
  ).path

  private func withFolder(
    _ body: (_ martlet: (String...) throws -> MartletProcess.Result, URL) throws -> Void
  )
    throws
  {
    try withTemporaryFolder { folder in
      try body(
        { (arguments: String...) in
          try MartletProcess(environment: ["MARTLET_LEARN": folder.path]).run(["learn"] + arguments)
        }, folder)
    }
  }

  @Test(
    "An exercise starts failing, shows its failing output, and ends passing; only then comes the solution")
  func wholeExercise() throws {
    try withFolder { martlet, folder in
      let listed = try JSON(parsing: martlet("list", "--json").text)
      let first = try #require(listed[0])
      for name in ["id", "skill", "day", "kind", "title", "passed"] { #expect(first[name] != nil) }
      let started = try martlet("start", "--from", "cosine-similarity")
      #expect(started.status == 0 && started.text.contains("Cosine similarity"))
      let scaffold = try martlet("check")
      #expect(scaffold.status == 1 && scaffold.text.contains("still the scaffold"))
      let program = folder.appending(path: "cosine-similarity/program.py")
      try Data("assert False, 'the reason'\n".utf8).write(to: program)
      let failing = try martlet("check", "--json")
      let verdict = try JSON(parsing: failing.text)
      #expect(failing.status == 1 && verdict["passed"] == false)
      #expect(verdict["details"]?.stringValue?.contains("the reason") ?? false)
      // An assertion that is deleted makes nothing right.
      try Data("\n".utf8).write(to: program)
      #expect(try martlet("check").status == 1)
      #expect(try martlet("solution").status == 64)
      #expect(try martlet("hint").text.hasPrefix("Hint 1 of 3"))
      let passed = try martlet("check", "--file", Self.solution)
      #expect(passed.status == 0 && passed.text.contains("Key insight"))
      #expect(try martlet("solution").text.contains("def cosine_similarity"))
      // Nothing has advanced by itself, and another process knows where one is.
      #expect(try JSON(parsing: martlet("progress", "--json").text)["passed"] == 1)
      #expect(try martlet().text.contains("1 of"))
    }
  }

  @Test("Exercises can be skipped, reset and begun anywhere; findings and a report are kept")
  func moving() throws {
    try withFolder { martlet, folder in
      #expect(try martlet("check").status == 64)
      #expect(try martlet("start", "cosine-similarity").status == 0)
      #expect(try martlet("skip").errors.contains("is left out for now"))
      #expect(try martlet("start", "cosine-similarity", "--language", "swift").status == 64)
      #expect(try martlet("start", "cosine-similarity").status == 0)
      #expect(try martlet("reset", "cosine-similarity").errors.contains("cosine-similarity.before-1"))
      #expect(try martlet("log", "Order hardly counts.").errors == "Written down.\n")
      #expect(try JSON(parsing: martlet("log", "--json").text)[0]?["text"] == "Order hardly counts.")
      #expect(try martlet("report").text.contains("Order hardly counts."))
      let unknown = try martlet("start", "cosine")
      #expect(unknown.status == 64 && unknown.errors.contains("Did you mean ‘cosine-similarity’?"))
    }
  }

  @Test("Only commands of Martlet are evidence, and not before the prediction")
  func recording() throws {
    try withFolder { martlet, _ in
      #expect(try martlet("start", "word-similarity").status == 0)
      let early = try martlet("run", "similar", "a", "b", "c")
      #expect(early.status == 64 && early.errors.contains("Predict first"))
      #expect(try martlet("predict", "nearest=a b").status == 0)
      #expect(try martlet("run", "ls").errors.contains("‘ls’ cannot be recorded"))
      #expect(try martlet("run", "chat").status == 64)
      let other = try martlet("run", "completion", "bash")
      #expect(other.status == 64)
      let recorded = try martlet("run", "models")
      #expect(recorded.status == 0 && recorded.errors.contains("asks for other commands"))
      let verdict = try martlet("check", "--answer", "nearest=a b", "--answer", "cosine=1")
      #expect(verdict.status == 1 && verdict.text.contains("record the command first"))
    }
  }

  @Test("Every program of the course passes as its solution and as nothing else")
  func programs() throws {
    let result = try MartletProcess().run(["learn", "dev", "check", "--kind", "code", "--json"])
    let findings = try #require(try JSON(parsing: result.text).arrayValue)
    #expect(result.status == 0 && !findings.isEmpty)
    for finding in findings {
      #expect(
        finding["solution_passes"] == true && finding["wrong_refused"] == true, "\(finding.serialized())")
      #expect(finding["problems"] == [], "\(finding.serialized())")
    }
  }

  @Test(
    "The whole course: each solution passes and nothing else does, and each command of a lesson prints what it says",
    .needs("all-minilm-l6-v2"), .needs("smollm2-135m-instruct"), .needs("qwen2.5-coder-0.5b-instruct"), .slow)
  func wholeCourse() throws {
    let result = try MartletProcess().run(["learn", "dev", "check", "--commands", "--json"])
    let findings = try #require(try JSON(parsing: result.text).arrayValue)
    for finding in findings {
      #expect(
        finding["solution_passes"] == true && finding["wrong_refused"] == true, "\(finding.serialized())")
      #expect(finding["problems"] == [], "\(finding.serialized())")
    }
    #expect(result.status == 0, "\(result.errors)")
  }
}

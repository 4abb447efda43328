import Foundation
import MartletJSON
import MartletSandbox
import MartletTestScope
import Testing

@Suite(
  "Programs of the benchmarks",
  .enabled("programs can be contained here", Programs.canRun),
  .enabled(if: Benchmark.exists, "needs ../shared/data/humaneval and mbpp"))
struct ReferenceProgramTests {
  @Test("HumanEval's solutions pass, and bodies that return nothing fail")
  func humanEval() async throws {
    let problems = try Benchmark.rows("humaneval")
    #expect(problems.count >= 40)
    try await Benchmark.check(problems.count) { number in
      let problem = problems[number]
      func program(_ body: String) -> String {
        [
          (problem["prompt"]?.stringValue ?? "") + body, problem["test"]?.stringValue ?? "",
          "check(\(problem["entry_point"]?.stringValue ?? ""))",
        ].joined(separator: "\n")
      }
      let right = try await Sandbox().run(program(problem["canonical_solution"]?.stringValue ?? ""))
      #expect(right.outcome == .passed, "\(problem["task_id"] ?? "") \(right)")
      let wrong = try await Sandbox().run(program("    return None\n"))
      #expect(wrong.outcome == .failed, "\(problem["task_id"] ?? "") \(wrong)")
    }
  }

  @Test("MBPP's reference codes pass their tests")
  func mbpp() async throws {
    let problems = try Benchmark.rows("mbpp")
    #expect(problems.count >= 100)
    try await Benchmark.check(problems.count) { number in
      let problem = problems[number]
      let tests = problem["test_list"]?.arrayValue?.compactMap(\.stringValue) ?? []
      #expect(!tests.isEmpty)
      let texts = [problem["test_setup_code"]?.stringValue ?? "", problem["code"]?.stringValue ?? ""] + tests
      let result = try await Sandbox().run(texts.joined(separator: "\n"))
      #expect(result.outcome == .passed, "\(problem["task_id"] ?? "") \(result)")
    }
  }
}

private enum Benchmark {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "../shared/data").standardized

  static var exists: Bool {
    ["humaneval", "mbpp"].allSatisfy {
      FileManager.default.fileExists(atPath: folder.appending(path: "\($0)/test.jsonl").path)
    }
  }

  static func rows(_ name: String) throws -> [JSON] {
    let text = try String(contentsOf: folder.appending(path: "\(name)/test.jsonl"), encoding: .utf8)
    return try text.split(separator: "\n").map { try JSON(parsing: String($0)) }
  }

  /// Checks every eighth of `count` problems, or all of them where tests may be slow, four at a time.
  static func check(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (place, number) in stride(from: 0, to: count, by: TestScope.isSlow ? 1 : 8).enumerated() {
        if place >= 4 { try await group.next() }
        group.addTask { try await body(number) }
      }
      try await group.waitForAll()
    }
  }
}

import MartletSandbox
import Testing

@Suite("Examples of the doc comments", .enabled("programs can be contained here", Programs.canRun))
struct DocCommentExamples {
  @Test("A program with a check passes")
  func sandbox() async throws {
    let result = try await Sandbox().run("assert sorted([2, 1]) == [1, 2]")
    #expect(result.outcome == .passed)
  }
}

import MartletSandbox
import Testing

@Suite(
  "The example of the documentation of Sandbox", .enabled("programs can be contained here", Programs.canRun))
struct DocumentationTests {
  @Test("It compiles, and runs the program")
  func example() async throws {
    let sandbox = Sandbox(limits: Sandbox.Limits(seconds: 5))
    let result = try await sandbox.run("print(sum(range(10)))")

    #expect(result.outcome == .passed && result.output == "45\n")
  }
}

import Foundation
import Testing

@testable import MartletDocuments

@Suite struct ChildProcessTests {
  private let child = ChildProcess(memoryLimit: 1 << 30, timeLimit: 300)

  @Test func `A cancelled task ends the program that it runs`() async throws {
    let child = child
    let task = Task.detached { try child.run("sleep", ["100000"]) { _ in }.ending }
    task.cancel()
    #expect(try await task.value == .cancelled)
  }

  @Test func `A program hears signals that its parent's thread keeps blocked`() throws {
    var signals = sigset_t()
    var before = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    pthread_sigmask(SIG_BLOCK, &signals, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    #expect(try child.run("sh", ["-c", "kill -INT $$; exit 7"]) { _ in }.ending == .signalled(SIGINT))
  }

  @Test func `Reading a PDF in a cancelled task says so`() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a.pdf", "%PDF-1.4")
    let task = Task.detached {
      withUnsafeCurrentTask { $0?.cancel() }
      return #expect(throws: DocumentError(path: path, problem: .cancelled)) {
        try DocumentLoader().load(path)
      }
    }
    _ = await task.value
    // The file has to be there until then.
    withExtendedLifetime(folder) {}
  }
}

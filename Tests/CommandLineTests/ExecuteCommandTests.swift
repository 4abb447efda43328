import Foundation
import MartletJSON
import MartletTestScope
import Testing

@testable import MartletCommandLine

/// The real program, and the real bubblewrap.
@Suite("eval execute", .startsProcesses, .enabled(if: SandboxedProgram.canRun, "needs bubblewrap"))
struct ExecuteCommandTests {
  private func run(_ program: String, _ options: String...) throws -> MartletProcess.Result {
    try MartletProcess(environment: ["OPENAI_API_KEY": "sk-secret"], input: Data(program.utf8)).run(
      ["eval", "execute"] + options + ["-"])
  }

  @Test("A program that passes ends with 0, one that fails with 1 and its output, as text and as JSON")
  func outcomes() throws {
    let passed = try run("print('hello')\nassert 1 + 1 == 2")
    #expect(
      passed.status == 0 && passed.text.hasPrefix("hello\npassed in 0."), "\(passed.text)\(passed.errors)")
    let failed = try run("import os\nprint('OPENAI_API_KEY' in os.environ)\nassert 1 + 1 == 3", "--json")
    #expect(failed.status == 1 && failed.errors.contains("did not pass"), "\(failed.errors)")
    let object = try JSON(parsing: failed.text)
    #expect(object["outcome"] == "failed" && object["exit_status"] == 1)
    #expect(object["output"]?.stringValue?.hasPrefix("False\nTraceback") == true, "\(object)")
    #expect(object["seconds"]?.doubleValue != nil)
    let slow = try run("while True: pass", "--json", "--seconds", "0.5")
    #expect(try slow.status == 1 && JSON(parsing: slow.text)["outcome"] == "timed_out", "\(slow.text)")
    let large = try run("x = bytearray(10**9)", "--json", "--memory", "128M")
    #expect(try large.status == 1 && JSON(parsing: large.text)["outcome"] == "out_of_memory", "\(large.text)")
  }

  @Test("Output cannot command the terminal")
  func hostileOutput() throws {
    let result = try run("print('\\x1b[2J\\x1b]0;title\\x07')")
    #expect(result.status == 0 && !result.text.contains("\u{1B}") && result.text.contains("␛[2J"))
  }

  @Test(
    "An ordinary user's programs are contained by the same limits",
    .enabled(if: Unprivileged.isPossible, "\(Unprivileged.hint)"))
  func ordinaryUser() throws {
    let setpriv = ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    let program = """
      import os, time
      assert os.getuid() == 65534 and not os.path.exists("/proc") and os.listdir("/tmp") == []
      started = 1
      try:
          while True:
              if os.fork() == 0: time.sleep(60)
              started += 1
      except OSError: print(started)
      """
    let result = try MartletProcess(
      environment: ["HOME": "/nonexistent"], input: Data(program.utf8),
      launcher: geteuid() == 0 ? setpriv : []
    ).run("eval", "execute", "--json", "-")
    let object = try JSON(parsing: result.text)
    #expect(result.status == 0 && object["output"] == "32\n", "\(result.text)\(result.errors)")
  }

  @Test("Ctrl-C kills the program and ends with 130")
  func interruption() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "program.py")
      try Data("import time\ntime.sleep(60)\n".utf8).write(to: file)
      let start = ContinuousClock.now
      let result = try MartletProcess().interrupt(["eval", "execute", "--seconds", "60", file.path]) { _ in
        ContinuousClock.now - start > .seconds(1)
      }
      #expect(result.status == 130, "\(result.errors)")
    }
  }

  @Test("Impossible values and missing files are named", arguments: ["1", "512X", "-1G", "G"])
  func usage(_ memory: String) throws {
    let result = try run("pass", "--memory=\(memory)")
    #expect(result.status == 64 && result.errors.contains("--memory"), "\(result.errors)")
    let missing = try MartletProcess().run("eval", "execute", "/nowhere/program.py")
    #expect(missing.status == 66 && missing.errors.contains("/nowhere/program.py"), "\(missing.errors)")
  }
}

private enum SandboxedProgram {
  /// Whether programs can be contained here.
  static let canRun =
    !TestScope.isQuick
    && (try? MartletProcess(input: Data("pass".utf8)).run("eval", "execute", "-").status) == 0
}

import MartletTestScope
import Testing

@testable import MartletSandbox

@Suite(
  "How a program ends",
  .enabled("programs can be contained here", Programs.canRun))
struct OutcomeTests {
  private func run(_ program: String, _ limits: Sandbox.Limits = .init()) async throws -> ProgramResult {
    try await Sandbox(limits: limits).run(program)
  }

  @Test("A program whose last statement is executed passes, and what it printed is kept in order")
  func passes() async throws {
    let result = try await run(
      "import sys\nprint('one', flush=True)\nprint('two', file=sys.stderr, flush=True)\nprint('drei ä')")
    #expect(result.outcome == .passed && result.output == "one\ntwo\ndrei ä\n", "\(result)")
    #expect(result.exitStatus == 0 && result.reason == nil)
  }

  @Test("An exception fails, with a traceback that shows the program's own lines")
  func exception() async throws {
    let result = try await run("def f(x):\n    return 1 / x\n\nassert f(1) == 1\nf(0)\n")
    #expect(result.outcome == .failed && result.exitStatus == 1)
    #expect(result.output.contains("File \"program.py\", line 2, in f\n    return 1 / x"), "\(result.output)")
    #expect(result.output.hasSuffix("ZeroDivisionError: division by zero\n"))
    #expect(!result.output.contains("drive"), "the driver is not shown: \(result.output)")
  }

  @Test(
    "A program that ends before its last statement fails, whatever its status",
    arguments: [
      "import sys; sys.exit(0)", "import os; os._exit(0)", "raise SystemExit",
      "import os, signal; os.kill(os.getpid(), 9)",
      "import os\nfor n in range(3, 64):\n    try: os.close(n)\n    except OSError: pass",
      "import os; os.execv('/bin/true', ['true'])", "import os; os.write(3, b'x passed\\n'); os._exit(0)",
    ])
  func early(_ end: String) async throws {
    let result = try await run("\(end)\nassert False")
    #expect(result.outcome == .failed, "\(result)")
    let next = try await run("assert True")
    #expect(next.outcome == .passed)
  }

  @Test("The reason says how it ended early")
  func reasons() async throws {
    let exited = try await run("import sys; sys.exit(0)")
    #expect(exited.reason == "It exited before its last statement was executed.")
    let killed = try await run("import os; os.kill(os.getpid(), 9)")
    #expect(killed.reason == "Signal 9 ended it before its last statement was executed.")
    let left = try await run("import os; os._exit(7)")
    #expect(left.reason == "It ended with status 7 before its last statement was executed.")
    #expect(left.exitStatus == 7)
  }

  @Test("Deep recursion, a syntax error and bytes that are no program fail, and say why")
  func malformed() async throws {
    let deep = try await run("def f(n):\n    return f(n + 1)\nf(0)")
    #expect(deep.outcome == .failed && deep.output.contains("RecursionError"), "\(deep)")
    let deeper = try await run(
      "import sys\nsys.setrecursionlimit(10**9)\ndef f(n):\n    return f(n + 1)\nf(0)",
      .init(seconds: 2, memory: 128 << 20))
    #expect(deeper.outcome != .passed, "\(deeper)")
    let wrong = try await run("print('a'\nx = 1")
    #expect(wrong.outcome == .failed && wrong.output.contains("SyntaxError"), "\(wrong)")
    let bytes = try await Sandbox().run([0x78, 0x20, 0x3D, 0x20, 0x27, 0xFF, 0xFE, 0x27] as [UInt8])
    #expect(bytes.outcome == .failed && bytes.output.contains("SyntaxError"), "\(bytes)")
    let null = try await Sandbox().run(Array("x = 1\0".utf8))
    #expect(null.outcome == .failed && null.output.contains("null bytes"), "\(null)")
    let declared = try await Sandbox().run(
      Array("# coding: latin-1\nassert 'x'.upper() + '".utf8) + [0xE9] + Array("' == 'X\\xe9'".utf8))
    #expect(declared.outcome == .passed, "\(declared)")
    let empty = try await run("")
    #expect(empty.outcome == .passed)
  }

  @Test("Output that is not UTF-8 is shown with U+FFFD")
  func encoding() async throws {
    let result = try await run("import sys\nsys.stdout.buffer.write(b'a\\xff\\xe2\\x82b\\n')")
    #expect(result.outcome == .passed && result.output == "a\u{FFFD}\u{FFFD}b\n", "\(result.output)")
  }

  @Test("Of much output the beginning and the end are kept, and what is left out is counted")
  func muchOutput() async throws {
    let result = try await run(
      "print('begin')\nfor n in range(100_000): print(n)\nassert False, 'end'", .init(outputBytes: 1000))
    #expect(result.outcome == .failed && result.output.hasPrefix("begin\n0\n1\n"))
    #expect(result.output.hasSuffix("AssertionError: end\n"), "\(result.output.suffix(200))")
    #expect(result.output.contains("\n[… \(result.omittedOutputBytes) bytes are left out …]\n"))
    #expect(result.output.utf8.count < 1100 && result.omittedOutputBytes > 500_000)
  }

  @Test("A namespace that is empty, no standard input, and an environment of four variables")
  func surroundings() async throws {
    let result = try await run(
      """
      import os, sys
      assert sys.stdin.read() == "" and __name__ == "builtins" and set(globals()) <= {"os", "sys", "__builtins__"}
      print(sorted(os.environ.items()), os.getuid(), os.getcwd())
      """)
    #expect(result.outcome == .passed, "\(result)")
    #expect(
      result.output == """
        [('HOME', '/tmp'), ('LANG', 'C.UTF-8'), ('PATH', '/usr/bin:/bin'), ('PWD', '/tmp'), ('PYTHONHASHSEED', '0')] \
        65534 /tmp

        """, "\(result.output)")
  }

  @Test("A large program arrives whole")
  func large() async throws {
    let text = String(repeating: "x", count: 3_000_000)
    let result = try await run("text = '\(text)'\nassert len(text) == 3_000_000")
    #expect(result.outcome == .passed, "\(result.reason ?? "")")
  }

  @Test("Programs run at the same time, each with its own result")
  func concurrent() async throws {
    let results = try await withThrowingTaskGroup(of: (Int, ProgramResult).self) { group in
      for number in 0..<16 {
        group.addTask {
          (
            number,
            try await run("import os\nif os.fork() == 0: os._exit(0)\nprint(\(number))\nassert \(number) % 3")
          )
        }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for (number, result) in results {
      #expect(result.outcome == (number % 3 == 0 ? .failed : .passed), "\(number): \(result)")
      #expect(result.output.hasPrefix("\(number)\n"))
    }
  }

  @Test("A cancelled task kills its program, and says so")
  func cancellation() async throws {
    let task = Task { try await run("import time\ntime.sleep(60)", .init(seconds: 60)) }
    try await Task.sleep(for: .milliseconds(300))
    task.cancel()
    await #expect(throws: SandboxError.cancelled) { try await task.value }
  }
}

@Suite("What a sandbox does not take")
struct SandboxRefusalTests {
  @Test(
    "Limits with which nothing runs are errors that name them",
    arguments: [
      (Sandbox.Limits(seconds: 0), "time"), (.init(seconds: .nan), "time"),
      (.init(memory: 1 << 20), "memory"),
      (.init(processes: 0), "processes"), (.init(fileBytes: 0), "files"),
    ])
  func limits(_ limits: Sandbox.Limits, _ word: String) async {
    let error = await #expect(throws: SandboxError.self) { try await Sandbox(limits: limits).run("pass") }
    #expect(error?.description.contains(word) == true && error?.localizedDescription == error?.description)
  }

  @Test("Without bubblewrap a program is refused, and the reason says how to get it")
  func missing() async throws {
    var sandbox = Sandbox()
    sandbox.folders = ["/nowhere"]
    let result = try await sandbox.run("print(1)")
    #expect(result.outcome == .refused && result.output.isEmpty && result.seconds == 0)
    #expect(result.reason?.contains("apt-get install bubblewrap") == true, "\(result)")
  }

  @Test("What bubblewrap says is passed on, with advice where namespaces are forbidden")
  func advice() {
    let reason = Containment.refusal("bwrap: setting up uid map: Permission denied\n")
    #expect(reason.contains("bwrap: setting up uid map: Permission denied") && reason.contains("sysctl"))
    #expect(!Containment.refusal("bwrap: execvp: No such file").contains("sysctl"))
  }

  @Test("A program beyond 16 MiB is an error")
  func size() async {
    await #expect(throws: SandboxError.programTooLarge(bytes: 16 << 20 + 1)) {
      try await Sandbox().run([UInt8](repeating: 0x20, count: 16 << 20 + 1))
    }
  }
}

import Foundation
import MartletTestScope
import Testing

@testable import MartletSandbox

@Suite(
  "What a program cannot do", .serialized,
  .enabled("programs can be contained here", Programs.canRun))
struct ContainmentTests {
  /// Runs a program, then looks that nothing of it is left, and that another one runs.
  /// - Parameter program: Its text; `MARKER` in it is a number of seconds, of an hour or so, that nobody else sleeps.
  private func run(_ program: String, _ limits: Sandbox.Limits = .init(seconds: 3)) async throws
    -> ProgramResult
  {
    let marker = "3600.\(UInt32.random(in: 100_000_000 ... .max))"
    let result = try await Sandbox(limits: limits).run(program.replacing("MARKER", with: marker))
    #expect(Programs.processes(with: marker).isEmpty, "left: \(Programs.processes(with: marker))")
    let next = try await Sandbox().run("assert 1 + 1 == 2")
    #expect(next.outcome == .passed, "\(next)")
    return result
  }

  @Test("A fork bomb ends at the limit of processes")
  func forkBomb() async throws {
    let result = try await run(
      """
      import os
      while True:
          try: os.fork()
          except OSError: pass
      """, .init(seconds: 2))
    #expect(result.outcome == .timedOut || result.outcome == .outOfMemory, "\(result)")
    let counted = try await run(
      """
      import os
      started = 1
      try:
          while True:
              if os.fork() == 0: os.execvp("sleep", ["sleep", "MARKER"])
              started += 1
      except OSError as error: print(started, error.errno)
      """, .init(processes: 20))
    #expect(counted.outcome == .passed && counted.output == "20 11\n", "\(counted)")
  }

  @Test("Threads count as processes do")
  func threads() async throws {
    let result = try await run(
      """
      import threading, time
      count = 0
      try:
          for _ in range(100):
              threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
              count += 1
      except RuntimeError: pass
      assert count <= 8, count
      """, .init(processes: 8))
    #expect(result.outcome == .passed, "\(result)")
  }

  @Test("Endless output does not block, fill memory or outlast the limit")
  func endlessOutput() async throws {
    let result = try await run(
      "import sys\nwhile True: sys.stdout.write('x' * 65536)", .init(seconds: 1, outputBytes: 4096))
    #expect(
      result.outcome == .timedOut && result.output.utf8.count < 4200 && result.omittedOutputBytes > 1 << 20)
  }

  @Test("No network: neither the loopback's listeners nor names, abstract sockets or other families")
  func network() async throws {
    let listener = try Listener()
    let result = try await run(
      """
      import socket
      for address in [("127.0.0.1", \(listener.port)), ("192.0.2.1", 80)]:
          try:
              socket.create_connection(address, timeout=1)
              print("connected")
          except OSError as error: print(error.errno)
      try:
          socket.getaddrinfo("example.org", 80)
          print("resolved")
      except OSError: print("no name")
      for family in [40, 17, 38, 31]:
          try:
              socket.socket(family, socket.SOCK_STREAM)
              print("family", family)
          except OSError: pass
      """)
    #expect(result.outcome == .passed && result.output == "111\n101\nno name\n", "\(result)")
    #expect(!listener.wasCalled)
  }

  @Test("No file of the host can be read: a home, /etc, /proc, /root, /var, the working folder")
  func reading() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let secret = folder.appending(path: "secret")
    try Data("secret".utf8).write(to: secret)
    let here = FileManager.default.currentDirectoryPath
    let result = try await run(
      """
      import os
      os.symlink("\(secret.path)", "/tmp/link")
      os.symlink("/proc/1/root\(secret.path)", "/tmp/link2")
      for path in ["\(secret.path)", "/tmp/link", "/tmp/link2", "/proc/self/environ", "/etc/passwd", "/etc/hostname"]:
          try: print(open(path).read())
          except OSError as error: assert error.errno == 2, error
      for path in ["\(here)", "/root", "/home", "/var", "/proc", "/sys", "/run", "/work", "/boot", "/opt"]:
          assert not os.path.exists(path), path
      print(sorted(os.listdir("/")))
      """)
    #expect(result.outcome == .passed, "\(result)")
    #expect(!result.output.contains("secret"))
  }

  @Test("Nothing can be written but /tmp and /dev/shm, and those are gone afterwards")
  func writing() async throws {
    let name = "martlet-sandbox-\(UUID().uuidString)"
    let result = try await run(
      """
      import os
      for folder in ["/", "/usr", "/usr/bin", "/usr/lib", "/etc", "/dev", "/var/tmp", "/bin"]:
          try:
              open(folder + "/\(name)", "w")
              print("wrote to", folder)
          except OSError: pass
      try: os.mkdir("/\(name)"); print("made a folder")
      except OSError: pass
      try: os.rename("/tmp", "/\(name)"); print("moved /tmp")
      except OSError: pass
      for folder in ["/tmp", "/dev/shm"]: open(folder + "/\(name)", "w").write("x")
      """)
    #expect(result.outcome == .passed && result.output.isEmpty, "\(result)")
    for folder in ["/", "/usr", "/tmp", "/dev/shm", FileManager.default.temporaryDirectory.path] {
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/\(name)"))
    }
    let next = try await Sandbox().run(
      "import os\nassert os.listdir('/tmp') == [] and os.listdir('/dev/shm') == []")
    #expect(next.outcome == .passed, "\(next)")
  }

  @Test("Files are limited in size, together, and in number")
  func files() async throws {
    let result = try await run(
      """
      import os
      for folder in ["/tmp", "/dev/shm"]:
          written, error = 0, None
          for number in range(10):
              try:
                  with open(f"{folder}/{number}", "wb") as file:
                      for _ in range(20): written += file.write(bytes(1 << 20))
              except OSError as failure: error = failure.errno
          assert error in (27, 28) and written <= 8 << 20, (folder, written, error)
      """, .init(seconds: 10, fileBytes: 8 << 20))
    #expect(result.outcome == .passed, "\(result)")
    let many = try await run(
      "import time\nfor n in range(10**6): open(f'/tmp/{n}', 'w').close()\ntime.sleep(60)",
      .init(seconds: 20, files: 500))
    #expect(many.outcome == .failed && many.reason == "It made more than 500 files.", "\(many)")
  }

  @Test("The environment's keys are not there")
  func keys() async throws {
    let earlier = getenv("OPENAI_API_KEY").map { String(cString: $0) }
    setenv("OPENAI_API_KEY", "sk-secret", 1)
    defer { if let earlier { setenv("OPENAI_API_KEY", earlier, 1) } else { unsetenv("OPENAI_API_KEY") } }
    let result = try await run("import os\nprint(os.environ)\nassert 'OPENAI_API_KEY' not in os.environ")
    #expect(result.outcome == .passed && !result.output.contains("sk-secret"), "\(result)")
  }

  @Test("Descriptors of this process are not inherited")
  func descriptors() async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try Data("secret".utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let opened = (0..<20).map { _ in open(file.path, O_RDONLY) }
    defer { opened.forEach { close($0) } }
    let result = try await run(
      """
      import os
      def is_open(number):
          try: return os.fstat(number) and True
          except OSError: return False
      assert [n for n in range(1024) if is_open(n)] == [0, 1, 2, 3]
      """)
    #expect(result.outcome == .passed, "\(result)")
  }

  @Test("What sleeps on in the background, in sessions of its own, ends with the program")
  func background() async throws {
    let result = try await run(
      """
      import os, subprocess
      subprocess.Popen(["sleep", "MARKER"], start_new_session=True)
      if os.fork() == 0:
          os.setsid()
          if os.fork() == 0:
              os.closerange(0, 64)
              os.execvp("sleep", ["sleep", "MARKER"])
          os._exit(0)
      """)
    #expect(result.outcome == .passed, "\(result)")
  }

  @Test("A program that ignores signals and closes its files is killed at the limit of time")
  func ignoringSignals() async throws {
    let result = try await run(
      """
      import os, signal, time
      for number in range(1, 64):
          try: signal.signal(number, signal.SIG_IGN)
          except (OSError, ValueError): pass
      if os.fork() == 0: os.execvp("sleep", ["sleep", "MARKER"])
      os.closerange(0, 64)
      while True: time.sleep(1)
      """, .init(seconds: 1))
    #expect(result.outcome == .timedOut && result.reason == "It ran longer than 1 s.", "\(result)")
    #expect(result.seconds >= 1)
  }

  @Test("Ten gigabytes are refused to one process, and to many that share the work")
  func memory() async throws {
    let one = try await run("x = bytearray(10 * 1000**3)\nassert False, 'got it'")
    #expect(one.outcome == .outOfMemory && one.output.contains("MemoryError"), "\(one)")
    let grown = try await run(
      "x = []\nwhile True: x.append(bytearray(1 << 20))", .init(seconds: 20, memory: 256 << 20))
    #expect(grown.outcome == .outOfMemory, "\(grown)")
    let many = try await run(
      """
      import os, time
      for _ in range(10):
          if os.fork() == 0:
              x = bytearray(100 << 20)
              time.sleep(60)
      time.sleep(60)
      """, .init(seconds: 30, memory: 300 << 20))
    #expect(
      many.outcome == .outOfMemory
        && many.reason == "Its processes together used more than 300 MiB of memory.",
      "\(many)")
  }

  @Test("Memory that no process is charged with cannot be had")
  func hiddenMemory() async throws {
    let result = try await run(
      """
      import ctypes, os
      try: os.memfd_create("x"); print("memfd")
      except PermissionError: pass
      libc = ctypes.CDLL(None, use_errno=True)
      if libc.shmget(0, 1 << 20, 0o1600) >= 0: print("shm")
      if libc.msgget(0, 0o1600) >= 0: print("msg")
      """)
    #expect(result.outcome == .passed && result.output.isEmpty, "\(result)")
  }

  @Test("Neither its parents nor the processes around it can be killed, looked at or traced")
  func otherProcesses() async throws {
    let result = try await run(
      """
      import ctypes, os, signal
      assert os.getpid() < 10
      for target in (os.getppid(), -1, 1, \(getpid())):
          try: os.kill(target, signal.SIGKILL)
          except OSError: pass
      libc = ctypes.CDLL(None, use_errno=True)
      assert libc.ptrace(16, 1, 0, 0) == -1 and ctypes.get_errno() == 1
      for flags in (0x10000000, 0x00020000, 0x20000000):
          assert libc.unshare(flags) == -1, flags
      assert libc.mount(b"none", b"/tmp", b"tmpfs", 0, 0) == -1
      try: os.nice(-5); print("nicer")
      except OSError: pass
      try: os.setuid(0); print("root")
      except OSError: pass
      """)
    #expect(result.outcome == .passed && result.output.isEmpty, "\(result)")
  }

  @Test("A crash leaves no core file")
  func core() async throws {
    let result = try await run(
      "import os, resource\nassert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)\nos.abort()")
    #expect(result.outcome == .failed && result.reason?.hasPrefix("Signal 6 ended it") == true, "\(result)")
  }

  @Test("The program ends with the process that runs it")
  func parentDies() async throws {
    let marker = "3600.\(UInt32.random(in: 100_000_000 ... .max))"
    let containment = try Containment(limits: .init(), folders: Sandbox().folders)
    let program = "import subprocess\nsubprocess.run(['sleep', '\(marker)'])"
    // A shell between this process and the sandbox is killed.
    let line = containment.commandLine.filter { !["--seccomp", "4", "--info-fd", "5"].contains($0) }
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = ["-c", "exec 3>/dev/null; \"$@\"; exit 0", "sh"] + line
    let input = Pipe()
    shell.standardInput = input
    shell.standardOutput = FileHandle.nullDevice
    shell.standardError = FileHandle.nullDevice
    try shell.run()
    input.fileHandleForWriting.write(Data("word \(program.utf8.count)\n\(program)".utf8))
    try input.fileHandleForWriting.close()
    #expect(wait { !Programs.processes(with: marker).isEmpty })
    kill(shell.processIdentifier, SIGKILL)
    shell.waitUntilExit()
    #expect(wait { Programs.processes(with: marker).isEmpty })
  }

  @Test("Programs that are cancelled at any moment of their start leave no process behind")
  func cancelledEarly() async throws {
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<60 {
        group.addTask {
          let task = Task { try await Sandbox().run("import time\ntime.sleep(60)") }
          try? await Task.sleep(for: .milliseconds(number))
          task.cancel()
          _ = await task.result
        }
      }
    }
    // An orphan belongs to the first process.
    let isLeft = {
      Programs.processes(with: "sandbox\0--die-with-parent").contains { $0.hasSuffix("parent 1") }
    }
    #expect(wait { !isLeft() })
  }

  /// Waits a minute at most for something to be so.
  private func wait(for condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
      if condition() { return true }
      usleep(10_000)
    }
    return false
  }
}

/// A listener on the loopback, on a free port.
private final class Listener {
  let port: UInt16
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK, 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    port = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        _ = bind(descriptor, address, length)
        _ = listen(descriptor, 4)
        getsockname(descriptor, address, &length)
      }
      return UInt16(bigEndian: pointer.pointee.sin_port)
    }
    try #require(port != 0)
  }

  var wasCalled: Bool { accept(descriptor, nil, nil) >= 0 }

  deinit { close(descriptor) }
}

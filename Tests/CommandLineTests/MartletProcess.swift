import Foundation

/// The real program, run as a process of its own.
struct MartletProcess {
  /// What the program sees beside this process's own environment. No test writes to the log of whoever runs it.
  var environment: [String: String] = [:]
  var input: Data?
  /// A program, with its first arguments, that runs this one.
  var launcher: [String] = []

  struct Result {
    let status: Int32
    let output: Data
    let errors: String
    var text: String { String(decoding: output, as: UTF8.self) }
  }

  /// The binary beside the tests, or the one that MARTLET_BIN names.
  static let path: String = {
    if let path = ProcessInfo.processInfo.environment["MARTLET_BIN"] { return path }
    let tests = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
    let folders = sequence(first: tests.deletingLastPathComponent()) { folder in
      folder.path == "/" ? nil : folder.deletingLastPathComponent()
    }
    let candidates =
      folders.map { $0.appendingPathComponent("martlet").path }
      + [packageRoot.appendingPathComponent(".build/release/martlet").path]
    let isProgram = { (path: String) in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }
    return candidates.first(where: isProgram) ?? "martlet"
  }()

  /// The package's folder.
  static let packageRoot = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private var surroundings: [String: String] {
    ProcessInfo.processInfo.environment.merging(["MARTLET_LOG": "off"]) { $1 }.merging(environment) { $1 }
  }

  /// Runs the program and waits for its end. What it writes is drained meanwhile, so that no pipe fills up.
  func run(_ arguments: String...) throws -> Result { try run(arguments) }

  /// Starts the program and kills it with SIGKILL after so many seconds, if it still runs then.
  func kill(_ arguments: [String], after seconds: Double) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.path)
    process.arguments = arguments
    process.environment = surroundings
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    Thread.sleep(forTimeInterval: seconds)
    if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  func run(_ arguments: [String]) throws -> Result {
    try run([Self.path] + arguments) { _, _ in }
  }

  /// Runs another program, one that PATH has.
  func run(_ arguments: [String], of program: String) throws -> Result {
    try run(["/usr/bin/env", program] + arguments) { _, _ in }
  }

  /// Starts the program, presses Ctrl-C as soon as it has written something, and waits for its end.
  func interrupt(_ arguments: [String]) throws -> Result {
    try interrupt(arguments) { output in
      (try? Data(contentsOf: output))?.isEmpty == false
    }
  }

  /// Runs the program and presses Ctrl-C, or sends another signal, once `isTime`, which is given the file that takes its
  /// output.
  func interrupt(
    _ arguments: [String], with signal: Int32 = SIGINT, when isTime: (URL) -> Bool
  ) throws -> Result {
    try run([Self.path] + arguments) { process, output in
      while process.isRunning, !isTime(output) { usleep(10_000) }
      if process.isRunning { Foundation.kill(process.processIdentifier, signal) }
    }
  }

  private func run(_ command: [String], _ meanwhile: (Process, URL) throws -> Void) throws -> Result {
    let process = Process()
    let line = launcher + command
    process.executableURL = URL(fileURLWithPath: line[0])
    process.arguments = Array(line.dropFirst())
    process.environment = surroundings
    let output = TemporaryFile()
    let errors = TemporaryFile()
    defer { output.remove(); errors.remove() }
    process.standardOutput = try output.handle()
    process.standardError = try errors.handle()
    let source = TemporaryFile()
    defer { source.remove() }
    try (input ?? Data()).write(to: source.url)
    process.standardInput = try FileHandle(forReadingFrom: source.url)
    try process.run()
    try meanwhile(process, output.url)
    process.waitUntilExit()
    return Result(
      status: process.terminationReason == .uncaughtSignal
        ? 128 + process.terminationStatus : process.terminationStatus,
      output: try Data(contentsOf: output.url),
      errors: String(decoding: try Data(contentsOf: errors.url), as: UTF8.self))
  }
}

/// A file that nobody else has.
struct TemporaryFile {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(UUID().uuidString)")

  func handle() throws -> FileHandle {
    try Data().write(to: url)
    return try FileHandle(forWritingTo: url)
  }

  func remove() { try? FileManager.default.removeItem(at: url) }
}

/// A folder that is removed after `body`.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  return try body(url)
}

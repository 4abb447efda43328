import Foundation
import MartletJSON
import Testing

/// `martlet serve` as a process of its own, ended with it. Several threads may ask it; one ends it.
final class ServeProcess: @unchecked Sendable {
  private let process = Process()
  private let output = Pipe()
  private let errors = TemporaryFile()
  /// What it printed when it was ready.
  let line: String

  init(_ arguments: [String], environment: [String: String] = [:]) throws {
    process.executableURL = URL(fileURLWithPath: MartletProcess.path)
    process.arguments = ["serve"] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = output
    process.standardError = try errors.handle()
    try process.run()
    var read = Data()
    while !read.contains(UInt8(ascii: "\n")) {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { break }
      read += more
    }
    line = String(decoding: read, as: UTF8.self).trimmingCharacters(in: .newlines)
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    errors.remove()
  }

  /// `http://HOST:PORT`, as it printed it.
  var address: String { String(line.dropFirst("listening on ".count)) }

  /// Sends a signal, waits for the end, and gives the exit code.
  func end(_ signal: Int32) -> Int32 {
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    return process.terminationReason == .uncaughtSignal
      ? 128 + process.terminationStatus : process.terminationStatus
  }

  /// What it wrote on standard error so far.
  func errorText() throws -> String { try String(contentsOf: errors.url, encoding: .utf8) }

  /// A number of /proc/PID/status in bytes, such as VmRSS or VmHWM; nil where the system has none.
  func memory(_ field: String) -> Int? {
    let status = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix(field + ":") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
  }

  /// Sends the content of a file: the status.
  func post(_ path: String, file: URL) throws -> Int {
    let command = [
      "-s", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Content-Type: application/json",
      "--data-binary", "@\(file.path)", address + path,
    ]
    return Int(try MartletProcess().run(command, of: "curl").text) ?? 0
  }

  /// One request through curl, which every machine that builds Martlet has: status and body.
  func call(_ method: String, _ path: String, _ body: JSON? = nil, headers: [String] = []) throws -> (
    Int, JSON
  ) {
    var command = ["-s", "--noproxy", "*", "-X", method, address + path, "-w", "\n%{http_code}"]
    for header in headers { command += ["-H", header] }
    if let body { command += ["-H", "Content-Type: application/json", "-d", body.serialized()] }
    let lines = try MartletProcess().run(command, of: "curl").text.split(
      separator: "\n", omittingEmptySubsequences: false)
    let answer = lines.dropLast().joined(separator: "\n")
    return (Int(lines.last ?? "") ?? 0, (try? JSON(parsing: answer)) ?? .null)
  }
}

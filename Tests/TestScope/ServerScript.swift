import Foundation

/// A server in Python that tests speak with: a process of its own, which prints its port and ends with its standard
/// input. It keeps a record of requests in a folder, which is deleted with it.
public final class ServerScript: Sendable {
  /// Where the script keeps what it was sent.
  public let folder: URL
  /// The port on this machine.
  public let port: Int
  private let process: Process
  private let input: Pipe

  /// Why there is no server.
  public struct Failure: Error, CustomStringConvertible {
    /// For people.
    public let description: String
  }

  /// Starts a script, which is given the folder as its argument.
  public init(_ script: String) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    process = Process()
    input = Pipe()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", script, folder.path]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var line = Data()
    while !line.contains(UInt8(ascii: "\n")) {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { break }
      line += more
    }
    guard
      let port = Int(String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    else { throw Failure(description: "\(script) did not start") }
    self.port = port
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  /// Its address, without a path.
  public var address: String { "http://127.0.0.1:\(port)" }

  /// The lines of its record so far.
  public func log() -> [String] {
    let text = (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init)
  }
}

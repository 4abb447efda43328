import Foundation
import MartletTestScope

/// A Python with chromadb, made once in the user's cache.
public enum ChromaPython {
  /// The scripts that it runs against `martlet serve`.
  public static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../ServerTests/Chroma").standardized

  static let found: Result<String, any Error> = Result {
    try TestScope.requireProcesses()
    return try output(of: ["/usr/bin/env", "python3", "-B", folder.appending(path: "environment.py").path])
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The interpreter; nil where it could not be made.
  public static var path: String? { try? found.get() }

  /// Why it could not be made.
  public static var problem: String { if case .failure(let error) = found { "\(error)" } else { "" } }

  /// The servers are on this machine, whatever proxy there is for others.
  static let environment = ProcessInfo.processInfo.environment.merging(["NO_PROXY": "127.0.0.1"]) { $1 }

  /// What a program prints; an error with the end of what it says where it fails.
  public static func output(of command: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: command[0])
    process.arguments = Array(command.dropFirst())
    process.environment = environment
    let errors = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try Data().write(to: errors)
    defer { try? FileManager.default.removeItem(at: errors) }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw StoreServer.Failure(
        description: String(try String(contentsOf: errors, encoding: .utf8).suffix(2000)))
    }
    return text
  }
}

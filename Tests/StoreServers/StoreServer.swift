import Foundation
import MartletTestScope

/// A server that a script beside this file runs for as long as this process lives, or until nobody holds it any more.
public final class StoreServer: @unchecked Sendable {
  /// What the script printed when the server took connections.
  public let line: String
  private let process: Process
  private let input: Pipe

  /// Why there is no server.
  public struct Failure: Error, CustomStringConvertible {
    /// The end of what the script said.
    public let description: String
  }

  init(_ command: [String]) throws {
    process = Process()
    input = Pipe()
    process.executableURL = URL(filePath: command[0])
    process.arguments = Array(command.dropFirst())
    process.environment = ChromaPython.environment
    let errors = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try Data().write(to: errors)
    defer { try? FileManager.default.removeItem(at: errors) }
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    var read = Data()
    while !read.contains(UInt8(ascii: "\n")) {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { break }
      read += more
    }
    line = String(decoding: read, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    guard !line.isEmpty else {
      process.waitUntilExit()
      throw Failure(description: String(try String(contentsOf: errors, encoding: .utf8).suffix(2000)))
    }
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}

/// PostgreSQL with pgvector, started when it is first asked for, for all tests of this process.
public enum TestPostgres {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
  private static let server: Result<StoreServer, any Error> = Result {
    try TestScope.requireProcesses()
    return try start()
  }
  private static let counter = Counter()

  /// Why there is no server; nil where there is one.
  public static var problem: String? { if case .failure(let error) = server { "\(error)" } else { nil } }

  /// Whether there is one.
  public static var isThere: Bool { problem == nil }

  /// A server of its own.
  public static func start(withoutVector: Bool = false) throws -> StoreServer {
    try StoreServer(
      ["/usr/bin/env", "python3", "-B", folder.appending(path: "postgres.py").path]
        + (withoutVector ? ["without-vector"] : []))
  }

  /// The address of a database of the server that the tests share.
  public static func address(_ database: String, user: String = "postgres") throws -> String {
    address(database, of: try server.get(), user: user)
  }

  /// The address of a database of a server.
  public static func address(_ database: String, of server: StoreServer, user: String = "postgres") -> String
  {
    "postgresql://\(user)@/\(database)?host=\(server.line)"
  }

  /// A name for a database that no other test of this process takes.
  public static func newName() -> String { "test_\(counter.next())" }
}

/// Chroma's own server, started when it is first asked for, for all tests of this process.
public enum TestChroma {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
  private static let server: Result<StoreServer, any Error> = Result {
    try TestScope.requireProcesses()
    return try StoreServer([ChromaPython.found.get(), "-B", folder.appending(path: "chroma.py").path])
  }
  private static let counter = Counter()

  /// Why there is no server; nil where there is one.
  public static var problem: String? { if case .failure(let error) = server { "\(error)" } else { nil } }

  /// Whether there is one.
  public static var isThere: Bool { problem == nil }

  /// Scheme, host and port.
  public static func address() throws -> String { "http://127.0.0.1:\(try server.get().line)" }

  /// A name for a collection that no other test of this process takes.
  public static func newName() -> String { "collection-\(counter.next())" }
}

/// Counts up.
private final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private var value = 0

  func next() -> Int {
    lock.withLock {
      value += 1
      return value
    }
  }
}

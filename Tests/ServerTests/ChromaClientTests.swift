import Foundation
import JSON
import Testing

@testable import Server

@Suite("Chroma's own client")
struct ChromaClientTests {
  @Test(
    "Every method of Chroma's client has the answers of Chroma's own server, but for the differences that are explained",
    .enabled(if: ChromaPython.path != nil, "chromadb could not be installed: \(ChromaPython.problem)"))
  func comparison() throws {
    let (server, resetting) = (try TestServer(), try TestServer(allowsReset: true))
    let python = try #require(ChromaPython.path)
    let output = try ChromaPython.run([
      python, "-B", ChromaPython.folder.appending(path: "compare.py").path, String(server.server.port),
      String(resetting.server.port),
    ])
    let report = try JSON(parsing: output)
    #expect(report["calls"]?.intValue ?? 0 > 250)
    // These look at what the client itself holds.
    #expect(report["missed"] == ["clear_system_cache", "get_model"])
    for difference in report["differences"]?.arrayValue ?? [] {
      let (name, isExplained) = (difference["call"]?.stringValue ?? "", difference["explained"] == true)
      let ours = difference["martlet"]?.serialized().prefix(1500) ?? ""
      let theirs = difference["chroma"]?.serialized().prefix(1500) ?? ""
      Issue.record(
        isExplained
          ? "\(name) is explained, but does not differ any more: \(ours)"
          : "\(name) differs\nmartlet: \(ours)\nchroma:  \(theirs)")
    }
    let page = try String(
      contentsOf: ChromaPython.folder.appending(path: "../../../docs/chroma.md"), encoding: .utf8)
    for (call, heading) in report["explained"]?.objectValue ?? [:] {
      #expect(
        page.contains("\n### \(heading.stringValue ?? "")\n"), "\(call): docs/chroma.md has no such heading")
    }
  }
}

/// A Python with chromadb, made once in the user's cache.
enum ChromaPython {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Chroma")

  private static let found: Result<String, Failure> = Result { () throws(Failure) in try make() }

  /// The interpreter; nil where it could not be made.
  static var path: String? { try? found.get() }
  /// Why it could not be made.
  static var problem: String { if case .failure(let failure) = found { failure.description } else { "" } }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  private static func make() throws(Failure) -> String {
    do {
      let output = try run(["/usr/bin/env", "python3", folder.appending(path: "environment.py").path])
      return output.trimmingCharacters(in: .whitespacesAndNewlines)
    } catch { throw Failure(description: "\(error)") }
  }

  /// What a program prints; an error with the end of what it says where it fails.
  static func run(_ command: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: command[0])
    process.arguments = Array(command.dropFirst())
    // The servers are on this machine, whatever proxy there is for others.
    process.environment = ProcessInfo.processInfo.environment.merging(["NO_PROXY": "127.0.0.1"]) { $1 }
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
      throw Failure(description: String(try String(contentsOf: errors, encoding: .utf8).suffix(2000)))
    }
    return text
  }
}

import Foundation
import MartletTestScope
import Testing

@testable import MartletCommandLine

/// The sessions of docs/inside-the-model.md, the first exercise among them.
@Suite(
  "docs/inside-the-model.md shows what the program prints", .startsProcesses, .needs(Models.embedder),
  .needs(Models.small))
struct InsideDocumentationTests {
  struct Session: CustomStringConvertible {
    let command: String
    let output: String
    var description: String { command }
  }

  static let sessions: [Session] = {
    let page = MartletProcess.packageRoot.appendingPathComponent("docs/inside-the-model.md")
    let text = (try? String(contentsOf: page, encoding: .utf8)) ?? ""
    return text.components(separatedBy: "```").enumerated().compactMap { index, block in
      guard index % 2 == 1, block.hasPrefix("\n$ ") else { return nil }
      let lines = block.dropFirst().split(separator: "\n", omittingEmptySubsequences: false)
      return Session(
        command: String(lines[0].dropFirst(2)), output: lines.dropFirst().joined(separator: "\n"))
    }
  }()

  @Test("The page has its sessions")
  func count() { #expect(Self.sessions.count >= 6) }

  @Test("A session's output is what its command prints, but for the last digit", arguments: sessions)
  func session(_ session: Session) throws {
    let script = "martlet() { \"\(MartletProcess.path)\" \"$@\"; }; \(session.command)"
    let result = try MartletProcess().run(["-c", script], of: "sh")
    #expect(result.status == 0, "\(result.errors)")
    let (found, expected) = (result.text.split(separator: "\n"), session.output.split(separator: "\n"))
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) {
      let words = zip(found.split(separator: " "), expected.split(separator: " "))
      #expect(
        found.split(separator: " ").count == expected.split(separator: " ").count
          && words.allSatisfy(Self.isSame), "\(found)\ninstead of\n\(expected)")
    }
  }

  /// Whether two words are the same, or numbers that differ by rounding alone.
  private static func isSame(_ found: Substring, _ expected: Substring) -> Bool {
    if found == expected { return true }
    guard let x = Double(found), let y = Double(expected), expected.contains(".") else { return false }
    return abs(x - y) < max(0.0015, abs(y) * 2e-3)
  }
}

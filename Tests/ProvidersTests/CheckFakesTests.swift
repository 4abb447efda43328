import Foundation
import MartletTestScope
import Testing

@Suite("The fakes, read by the makers' own clients")
struct CheckFakesTests {
  @Test("openai and anthropic read what the fakes send", .slow)
  func clients() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try run("/usr/bin/env", ["python3", "-m", "venv", folder.path])
    try run(folder.path + "/bin/pip", ["install", "--quiet", "openai", "anthropic"])
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "check_fakes.py").path
    try run(folder.path + "/bin/python", ["-B", script])
  }

  private func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(program) \(arguments)")
  }
}

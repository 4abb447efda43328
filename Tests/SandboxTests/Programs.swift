import Foundation
import MartletSandbox
import MartletTestScope

/// What the tests of the sandbox share.
enum Programs {
  /// Why this machine cannot contain programs, nil where it can; found out once.
  private static let refusal = Task { () -> String? in
    if TestScope.isQuick { return "starts processes" }
    do {
      let result = try await Sandbox().run("pass")
      return result.outcome == .passed ? nil : result.reason ?? result.output
    } catch { return "\(error)" }
  }

  /// Whether programs can be contained here. Where they cannot, the reason is printed.
  static func canRun() async -> Bool {
    guard let reason = await refusal.value else { return true }
    if !TestScope.isQuick { print("tests of the sandbox are skipped: \(reason)") }
    return false
  }

  /// The descriptions of all processes of this machine that hold a marker in their arguments or environment.
  static func processes(with marker: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.filter { Int($0) != nil && $0 != "\(getpid())" }.compactMap { name in
      let texts = ["cmdline", "environ"].compactMap {
        FileManager.default.contents(atPath: "/proc/\(name)/\($0)").map {
          String(decoding: $0, as: UTF8.self)
        }
      }
      guard texts.contains(where: { $0.contains(marker) }) else { return nil }
      // "pid (name) state parent …"
      let status = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8)
      let parent = status?.split(separator: ")").last?.split(separator: " ").dropFirst().first ?? "unknown"
      return "\(name): \(texts[0]), parent \(parent)"
    }
  }
}

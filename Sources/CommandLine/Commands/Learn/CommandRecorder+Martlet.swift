import Foundation
import MartletCourse

extension CommandRecorder {
  /// Commands that are no evidence: they do not end by themselves, or are about the course.
  private static let refused: Set<String> = [
    "chat", "serve", "learn", "completion", "generate-docs", "__complete",
  ]

  /// Commands that run once, since they take long or would do something twice.
  private static let once: Set<String> = [
    "pull", "rm", "index", "tune", "compare", "convert", "quantize", "tokenizer train", "adapter merge",
    "adapter export", "eval run", "eval rag", "eval rate", "eval delete", "prompt run", "data pull",
    "log delete",
    "log note", "db create", "db import", "db add", "db upsert", "db update", "db delete", "db copy",
    "db index", "ask",
  ]

  /// Runs this program.
  ///
  /// - Parameter environment: Variables beside those of this process.
  static func martlet(environment: [String: String] = [:]) throws -> CommandRecorder {
    let executable =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    return CommandRecorder(executable: URL(filePath: executable), environment: environment) { words in
      try mode(of: words)
    }
  }

  private static func mode(of words: [String]) throws -> Mode {
    var commands = Program.martlet.commands
    var found: Command?
    for word in words {
      guard let command = commands.first(where: { $0.ownName == word }) else { break }
      found = command
      commands = command.subcommands
      if commands.isEmpty { break }
    }
    guard let found, !refused.contains(String(found.name.prefix { $0 != " " })) else {
      throw UsageError(
        "‘\(words.first ?? "")’ cannot be recorded.",
        advice: "A command of martlet follows ‘martlet learn run’, such as ‘similar apple pear lorry’.")
    }
    let knowsJSON = found.options.contains { $0.name == "json" }
    guard knowsJSON, !words.contains("--json") else { return .plain }
    return once.contains(found.name) ? .json : .both
  }
}

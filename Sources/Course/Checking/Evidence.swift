import MartletJSON

/// A command that a learner recorded.
public struct RecordedRun: Sendable, Equatable {
  /// The command line's words, without the program's name and without `--json`.
  public let words: [String]
  /// What it printed.
  public let text: String
  /// What it printed with `--json`; nil if it does not know that.
  public let output: JSON?
  /// How long it took, in seconds.
  public let seconds: Double

  /// A recorded command.
  public init(words: [String], text: String, output: JSON?, seconds: Double) {
    self.words = words
    self.text = text
    self.output = output
    self.seconds = seconds
  }
}

/// What a learner's statement is compared with.
struct Evidence: Sendable {
  var runs: [RecordedRun] = []
  /// Texts of the exercise's folder, by path.
  var files: [String: String] = [:]
  var prediction: [String: JSON] = [:]
}

extension ValueTask.RunPattern {
  /// Whether a recorded command is one that is meant.
  func matches(_ run: RecordedRun) -> Bool {
    guard run.words.starts(with: command) else { return false }
    let rest = run.words.dropFirst(command.count)
    return contains.allSatisfy(rest.contains) && !without.contains(where: rest.contains)
  }

  /// The beginning of the command line, for the learner.
  public var line: String { (["martlet", "learn", "run"] + command + contains).joined(separator: " ") }

  func value(_ run: RecordedRun) -> JSON {
    [
      "output": run.output ?? .null, "text": .string(run.text), "seconds": JSON(run.seconds),
      "arguments": .array(run.words.dropFirst(command.count).map { .string($0) }),
    ]
  }
}

extension JSON {
  /// What a file or an output holds: JSON, a list for JSON Lines, else nil.
  init?(parsingLinesOrValue text: String) {
    if let value = try? JSON(parsing: text) {
      self = value
      return
    }
    let lines = text.split(separator: "\n").filter { $0.contains { !$0.isWhitespace } }
    var values: [JSON] = []
    for line in lines {
      guard let value = try? JSON(parsing: String(line)) else { return nil }
      values.append(value)
    }
    guard !values.isEmpty else { return nil }
    self = .array(values)
  }
}

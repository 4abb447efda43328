import MartletJSON

/// What a check says.
public struct Verdict: Sendable, Equatable {
  /// Whether the exercise is passed.
  public let passed: Bool
  /// Whether it is done without being passed: an explanation that learners have rated themselves.
  public let isDone: Bool
  /// What the learner is told: what the answer shows if it is wrong.
  public let message: String
  /// The output of a program that failed, or other evidence, whole lines.
  public let details: String

  static func passed(_ message: String) -> Verdict {
    Verdict(passed: true, isDone: true, message: message, details: "")
  }

  static func done(_ message: String) -> Verdict {
    Verdict(passed: false, isDone: true, message: message, details: "")
  }

  static func refused(_ message: String, details: String = "") -> Verdict {
    Verdict(passed: false, isDone: false, message: message, details: details)
  }

  /// `passed`, `done`, `message`, `details`.
  public var json: JSON {
    [
      "passed": .bool(passed), "done": .bool(isDone), "message": .string(message),
      "details": .string(details),
    ]
  }
}

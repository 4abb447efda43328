import Foundation
import MartletJSON

/// Runs commands of Martlet as evidence: each in a process of its own.
public struct CommandRecorder: Sendable {
  /// What a command is run with.
  public enum Mode: Sendable {
    /// Once, as it was typed: it has no `--json`.
    case plain
    /// Once with `--json`: a second run would cost much, or do something twice.
    case json
    /// As it was typed, for the learner, and with `--json`, for the checks.
    case both
  }

  private let executable: URL
  private let environment: [String: String]
  private let mode: @Sendable ([String]) throws -> Mode

  /// A recorder.
  ///
  /// - Parameters:
  ///   - executable: The program `martlet`.
  ///   - environment: Variables beside those of this process.
  ///   - mode: What a command is run with, by its words.
  public init(
    executable: URL, environment: [String: String] = [:], mode: @escaping @Sendable ([String]) throws -> Mode
  ) {
    self.executable = executable
    self.environment = environment
    self.mode = mode
  }

  /// Runs a command.
  ///
  /// - Parameters:
  ///   - words: Its words without `martlet`.
  ///   - folder: Where it runs.
  ///   - variables: Further variables of its environment.
  ///   - showsComplaints: Whether standard error is that of this process, with its progress; else it is in the error.
  /// - Throws: ``CourseError/program(_:)`` if it cannot be run or does not end well.
  public func run(
    _ words: [String], in folder: URL, with variables: [String: String] = [:], showsComplaints: Bool
  ) throws
    -> RecordedRun
  {
    let recorder = adding(variables)
    let start = ContinuousClock.now
    switch try mode(words) {
    case .plain:
      let text = try recorder.output(of: words, in: folder, showsComplaints)
      return RecordedRun(words: words, text: text, output: nil, seconds: seconds(since: start))
    case .json:
      let text = try recorder.output(of: words + ["--json"], in: folder, showsComplaints)
      return RecordedRun(
        words: words, text: text, output: JSON(parsingLinesOrValue: text), seconds: seconds(since: start))
    case .both:
      let text = try recorder.output(of: words, in: folder, showsComplaints)
      let seconds = seconds(since: start)
      let json = try recorder.output(of: words + ["--json"], in: folder, false)
      return RecordedRun(words: words, text: text, output: JSON(parsingLinesOrValue: json), seconds: seconds)
    }
  }

  enum Shown {
    case printed(String)
    case failed(status: Int32, text: String)
  }

  /// Runs a line as a shell does, where `martlet` is this program; standard error is part of what is printed.
  func shell(_ line: String, in folder: URL, with variables: [String: String]) throws -> Shown {
    let program = executable.path(percentEncoded: false).replacing("'", with: "'\\''")
    let script = "exec 2>&1\nmartlet() { '\(program)' \"$@\"; }\n" + line
    let result = try ChildProgram.run(
      ["sh", "-c", script], input: nil, folder: folder, environment: environment.merging(variables) { $1 },
      seconds: nil)
    return result.status == 0 ? .printed(result.output) : .failed(status: result.status, text: result.output)
  }

  private func adding(_ variables: [String: String]) -> CommandRecorder {
    CommandRecorder(executable: executable, environment: environment.merging(variables) { $1 }, mode: mode)
  }

  private func seconds(since start: ContinuousClock.Instant) -> Double {
    (ContinuousClock.now - start) / .seconds(1)
  }

  private func output(of words: [String], in folder: URL, _ showsComplaints: Bool) throws -> String {
    let result = try ChildProgram.run(
      [executable.path(percentEncoded: false)] + words, input: nil, folder: folder, environment: environment,
      showsComplaints: showsComplaints, seconds: nil)
    guard result.status == 0 else {
      let complaints = result.complaints.isEmpty ? "" : "\n" + result.complaints.trimmed
      throw CourseError.program(
        "‘martlet \(words.joined(separator: " "))’ ended with exit status \(result.status); nothing was recorded."
          + complaints)
    }
    return result.output
  }
}

import Foundation
import MartletJSON

/// How far a learner is: what one file remembers.
public struct CourseProgress: Sendable, Equatable {
  /// The exercise that commands without an id mean.
  public var current: String?
  /// What is known of each exercise that was begun.
  public var exercises: [String: State] = [:]
  /// Findings, in the order in which they were written.
  public var findings: [Finding] = []

  /// What is known of an exercise.
  public struct State: Sendable, Equatable {
    /// How far it is.
    public var status = Status.started
    /// How many answers were checked.
    public var attempts = 0
    /// How many hints were shown.
    public var hints = 0
    /// When it was passed or done, in ISO 8601.
    public var finished: String?
    /// What was predicted: values by the names of fields.
    public var prediction: [String: JSON] = [:]
    /// The checksums of the recorded commands' files, in order (SHA-256).
    public var runs: [String] = []
    /// The answer that passed.
    public var answer: JSON?
  }

  /// How far an exercise is.
  public enum Status: String, Sendable {
    /// Begun.
    case started
    /// Left out for now.
    case skipped
    /// Done without being checked: an explanation that the learner rated.
    case done
    /// Passed.
    case passed
  }

  /// Something that a learner wrote down.
  public struct Finding: Sendable, Equatable {
    /// When, in ISO 8601.
    public let time: String
    /// The exercise that it belongs to, if there was a current one.
    public let exercise: String?
    /// What was written.
    public let text: String
  }

  /// Nothing begun.
  public init() {}

  static let version = 1

  var json: JSON {
    var states = JSONObject()
    for (id, state) in exercises.sorted(by: { $0.key < $1.key }) { states[id] = state.json }
    return [
      "version": JSON(Self.version), "current": current.map { .string($0) } ?? .null,
      "exercises": .object(states),
      "findings": .array(
        findings.map { finding in
          [
            "time": .string(finding.time), "exercise": finding.exercise.map { .string($0) } ?? .null,
            "text": .string(finding.text),
          ]
        }),
    ]
  }

  /// Reads what ``json`` wrote.
  init(_ json: JSON, path: String) throws(CourseError) {
    guard let version = json["version"]?.intValue, let states = json["exercises"]?.objectValue else {
      throw .progress(path: path, problem: "This is no file of a learner's progress")
    }
    guard version <= Self.version else {
      throw .progress(path: path, problem: "A later version of Martlet wrote this file (form \(version))")
    }
    current = json["current"]?.stringValue
    for (id, value) in states {
      guard let state = State(value) else {
        throw .progress(path: path, problem: "What it says of ‘\(id)’ cannot be read")
      }
      exercises[id] = state
    }
    findings = (json["findings"]?.arrayValue ?? []).compactMap { value in
      guard let time = value["time"]?.stringValue, let text = value["text"]?.stringValue else { return nil }
      return Finding(time: time, exercise: value["exercise"]?.stringValue, text: text)
    }
  }
}

extension CourseProgress.State {
  var json: JSON {
    [
      "status": .string(status.rawValue), "attempts": JSON(attempts), "hints": JSON(hints),
      "finished": finished.map { .string($0) } ?? .null,
      "prediction": .object(JSONObject(prediction.sorted { $0.key < $1.key }.map { ($0, $1) })),
      "runs": .array(runs.map { .string($0) }), "answer": answer ?? .null,
    ]
  }

  init?(_ json: JSON) {
    guard let status = (json["status"]?.stringValue).flatMap(CourseProgress.Status.init) else { return nil }
    self.status = status
    attempts = json["attempts"]?.intValue ?? 0
    hints = json["hints"]?.intValue ?? 0
    finished = json["finished"]?.stringValue
    prediction = Dictionary((json["prediction"]?.objectValue ?? [:]).map { ($0.key, $0.value) }) { $1 }
    runs = (json["runs"]?.arrayValue ?? []).compactMap(\.stringValue)
    answer = json["answer"].flatMap { $0.isNull ? nil : $0 }
  }
}

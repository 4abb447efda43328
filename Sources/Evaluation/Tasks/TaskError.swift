import MartletYAML

/// Where a row of data comes from.
public struct RowPlace: Sendable, Equatable, CustomStringConvertible {
  /// The file, as it was named; nil for rows that were given as values.
  public let file: String?
  /// The line from 1 in a file of JSON lines, or the number of the row from 1.
  public let line: Int

  /// A place.
  public init(file: String?, line: Int) {
    (self.file, self.line) = (file, line)
  }

  /// "line 3 of test.jsonl".
  public var description: String { file.map { "line \(line) of \($0)" } ?? "row \(line)" }
}

/// What keeps a task from being read, prepared or scored.
public enum TaskError: Error, Sendable, Equatable {
  /// No built-in task has that name.
  case unknownTask(String, known: [String])
  /// The file of a task or of data cannot be read.
  case unreadable(file: String, reason: String)
  /// The file of a task is not YAML.
  case notYAML(file: String, YAMLError)
  /// A member of a task's file is wrong; `member` is its path, such as `questions[2].number`.
  case definition(file: String, member: String, problem: String)
  /// A row lacks what the task needs, or has it in another form.
  case row(RowPlace, member: String, problem: String)
  /// A line of a data file is not a JSON object.
  case notARow(RowPlace, problem: String)
  /// The data have no rows for a split; `given` are those that they have.
  case missingSplit(task: String, split: String, names: [String], given: [String])
  /// There are fewer rows to take examples from than examples are asked for.
  case tooFewExamples(task: String, asked: Int, available: Int)
  /// A number that is asked for makes no sense.
  case invalidRequest(String)
  /// What the model gave does not fit the item.
  case reply(item: String, problem: String)
}

extension TaskError: CustomStringConvertible {
  /// What was wrong, where, and what to do.
  public var description: String {
    switch self {
    case .unknownTask(let name, let known):
      return
        "There is no task \"\(name)\". Built in are \(known.joined(separator: ", ")); a task of your own is a file."
    case .unreadable(let file, let reason):
      return "\(file) cannot be read: \(reason)\(reason.hasSuffix(".") ? "" : ".")"
    case .notYAML(let file, let error): return "\(file): \(error)"
    case .definition(let file, let member, let problem):
      return member.isEmpty ? "\(file): \(problem)." : "\(file): \(member): \(problem)."
    case .row(let place, let member, let problem): return "\(place.capitalized): \(member): \(problem)."
    case .notARow(let place, let problem): return "\(place.capitalized): \(problem)."
    case .missingSplit(let task, let split, let names, let given):
      let have = given.isEmpty ? "there are no rows at all" : "there are \(given.joined(separator: ", "))"
      return "The task \(task) needs the split \"\(split)\", a file named \(Self.choice(names)); \(have)."
    case .tooFewExamples(let task, let asked, let available):
      return "The task \(task) has \(available) rows for examples, but \(asked) are asked for."
    case .invalidRequest(let problem): return problem
    case .reply(let item, let problem): return "The reply to \(item) does not fit: \(problem)."
    }
  }

  private static func choice(_ names: [String]) -> String {
    names.map { "\($0).jsonl" }.joined(separator: " or ")
  }
}

extension RowPlace {
  /// The place at the beginning of a sentence.
  fileprivate var capitalized: String {
    let text = description
    return text.prefix(1).uppercased() + text.dropFirst()
  }
}

import MartletJSON

/// The formats in which commands take and give texts.
enum TextFormat: String, CaseIterable, Sendable {
  /// Plain text.
  case text
  /// One JSON object a line; what is added keeps the line's other members in their order, with their literal text.
  case jsonl
}

/// A record of JSON lines that cannot be used: ends the program with 65 and the number of the line.
struct RecordError: Error, CustomStringConvertible, Sendable, Equatable {
  let source: String
  let line: Int
  let problem: String

  var description: String { "\(source), line \(line): \(problem)" }
}

extension RawJSONObject {
  /// The text of a member that must be there.
  func string(_ key: String, source: String, line: Int) throws -> String {
    guard let value = try value(for: key) else {
      throw RecordError(source: source, line: line, problem: "the object has no \"\(key)\".")
    }
    guard let text = value.stringValue else {
      throw RecordError(source: source, line: line, problem: "\"\(key)\" is not a text, but \(value.kind).")
    }
    return text
  }

  /// Reads one line.
  static func record(_ bytes: [UInt8], source: String, line: Int) throws -> RawJSONObject {
    do {
      return try RawJSONObject(parsing: bytes)
    } catch {
      throw RecordError(source: source, line: line, problem: "\(error)")
    }
  }
}

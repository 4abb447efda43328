import MartletJSON
import MartletJinja
import MartletPrompting

/// One form in which a data set's rows come: the members that it has, and what the task's own members are made of.
struct RowForm: Sendable {
  /// What a member must be.
  enum Kind: String, Sendable, CaseIterable {
    /// A string.
    case text
    /// A list of strings.
    case texts
    /// A whole number from 0.
    case index
    /// A whole number from 0, or its digits in a string.
    case label
    /// A list of zeros and ones.
    case labels
  }

  /// Where a member's value comes from.
  indirect enum Value: Sendable {
    case template(TaskTemplate)
    case members([(name: String, value: Value)])
  }

  let needs: [(path: String, kind: Kind)]
  let sets: [(name: String, value: Value)]
  /// The members that are cleaned as HellaSwag's texts are.
  let brackets: [String]
  /// What the person should know of rows in this form.
  let warning: String?

  /// Why a row is not of this form; nil where it is.
  func fault(of row: TaskRow) -> TaskError? {
    for (path, kind) in needs {
      guard let value = row.object.value(at: path.split(separator: ".").map(String.init)), !value.isNull
      else {
        return row.error(path, "is missing")
      }
      if let problem = kind.problem(with: value) { return row.error(path, problem) }
    }
    return nil
  }

  /// The row with the task's members.
  func completed(_ row: TaskRow) throws(TaskError) -> TaskRow {
    var result = row
    for (name, value) in sets { result.object[name] = try value.value(in: row) }
    for name in brackets {
      switch result.object[name] {
      case .string(let text)?: result.object[name] = .string(HellaSwagText.cleaned(text))
      case .array(let texts)?:
        result.object[name] = .array(
          texts.map { $0.stringValue.map { .string(HellaSwagText.cleaned($0)) } ?? $0 })
      default: throw row.error(name, "is missing")
      }
    }
    return result
  }
}

extension RowForm.Value {
  func value(in row: TaskRow) throws(TaskError) -> JSON {
    switch self {
    case .template(let template): return try template.value(in: row)
    case .members(let members):
      var object = JSONObject()
      for (name, value) in members { object[name] = try value.value(in: row) }
      return .object(object)
    }
  }
}

extension RowForm.Kind {
  /// What is wrong with a value; nil where nothing is.
  func problem(with value: JSON) -> String? {
    switch self {
    case .text: value.stringValue == nil ? "must be a string, but is \(value.kind)" : nil
    case .texts:
      value.arrayValue?.allSatisfy { $0.stringValue != nil } == true
        ? nil : "must be a list of strings, but is \(value.arrayValue == nil ? value.kind : "another list")"
    case .index: (value.intValue ?? -1) < 0 ? "must be a whole number from 0" : nil
    case .label:
      value.stringValue.map { $0.isEmpty || !$0.utf8.allSatisfy { $0 &- 0x30 < 10 } }
        ?? ((value.intValue ?? -1) < 0)
        ? "must be a whole number from 0; splits whose answers are not published cannot be used" : nil
    case .labels:
      value.arrayValue?.allSatisfy { $0.intValue == 0 || $0.intValue == 1 } == true
        ? nil : "must be a list of zeros and ones"
    }
  }
}

/// HellaSwag's texts from WikiHow have marks in brackets, which lm-evaluation-harness takes out.
enum HellaSwagText {
  static func cleaned(_ text: String) -> String {
    var text = PlainText.stripped(text)
    text = PlainText.replacing(" [title]", with: ". ", in: text)
    text = withoutBrackets(text)
    return PlainText.replacing("  ", with: " ", in: text)
  }

  /// The text without what `\[.*?\]` matches.
  private static func withoutBrackets(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var index = 0
    // The next closing bracket or line break at or after `index`, once it was looked for.
    var end = 0
    while index < bytes.count {
      if bytes[index] == 0x5B {
        if end <= index {
          end = bytes[index...].firstIndex { $0 == 0x5D || $0 == 0x0A } ?? bytes.count
        }
        if end < bytes.count, bytes[end] == 0x5D {
          index = end + 1
          continue
        }
      }
      result.append(bytes[index])
      index += 1
    }
    return String(decoding: result, as: UTF8.self)
  }
}

import MartletJSON
import MartletJinja
import MartletPrompting

/// What a prompt takes from a row: a member, by its name or path, or a Jinja template over the members.
struct TaskTemplate: Sendable {
  private enum Source: Sendable {
    case member([String])
    /// The second renders the value as JSON, where the template is one expression.
    case template(TextTemplate, value: TextTemplate?)
  }

  /// As it stands in the task's file.
  let text: String
  private let source: Source

  /// - Throws: `TemplateError` for a template that is not valid.
  init(_ text: String) throws(TemplateError) {
    self.text = text
    if Self.isPath(text) {
      source = .member(text.split(separator: ".").map(String.init))
    } else {
      let value = try Self.expression(of: text).map { (inner) throws(TemplateError) in
        try TextTemplate("{{ (\(inner)) | tojson }}")
      }
      source = .template(try TextTemplate(text), value: value)
    }
  }

  /// Whether a name stands in the template, so that it may be one of the members that it reads.
  func mentions(_ name: String) -> Bool {
    switch source {
    case .member(let path): path.contains { PlainText.equal($0, name) }
    case .template(let template, _): template.mentions(name)
    }
  }

  /// The member, or the rendered text as a string.
  func value(in row: TaskRow) throws(TaskError) -> JSON {
    switch source {
    case .member(let path):
      guard let value = row.object.value(at: path) else { throw row.error(text, "is missing") }
      return value
    case .template(let template, _): return .string(try render(template, row))
    }
  }

  /// A text.
  func string(in row: TaskRow) throws(TaskError) -> String {
    let value = try value(in: row)
    guard let string = value.stringValue else {
      throw row.error(text, "must be a string, but is \(value.kind)")
    }
    return string
  }

  /// A list of texts.
  func strings(in row: TaskRow) throws(TaskError) -> [String] {
    var list: JSON
    switch source {
    case .member: list = try value(in: row)
    case .template(_, let value):
      guard let value else { throw row.error(text, "is no single expression, which a list must be") }
      let json = try render(value, row)
      guard let parsed = try? JSON(parsing: json) else { throw row.error(text, "is not a list") }
      list = parsed
    }
    guard let elements = list.arrayValue, !elements.isEmpty else {
      throw row.error(text, "must be a list of strings with at least one, but is \(list.kind)")
    }
    var strings: [String] = []
    for (index, element) in elements.enumerated() {
      guard let string = element.stringValue else {
        throw row.error("\(text)[\(index)]", "must be a string, but is \(element.kind)")
      }
      strings.append(string)
    }
    return strings
  }

  private func render(_ template: TextTemplate, _ row: TaskRow) throws(TaskError) -> String {
    do { return try template.render(row.object) } catch {
      throw row.error(template.shortened, error.reason)
    }
  }

  /// `{{ expression }}` and nothing else.
  private static func expression(of text: String) -> String? {
    guard text.hasPrefix("{{"), text.hasSuffix("}}"), text.utf8.count > 4 else { return nil }
    let inner = String(text.dropFirst(2).dropLast(2))
    guard !PlainText.contains(inner, "}}"), !PlainText.contains(inner, "{{") else { return nil }
    return inner
  }

  /// Names with dots between them.
  private static func isPath(_ text: String) -> Bool {
    let names = text.split(separator: ".", omittingEmptySubsequences: false)
    return names.allSatisfy { name in
      guard let first = name.utf8.first, first == 0x5F || isLetter(first) else { return false }
      return name.utf8.allSatisfy { $0 == 0x5F || isLetter($0) || $0 &- 0x30 < 10 }
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
}

extension JSONObject {
  /// The value at the end of a path of names.
  func value(at path: [String]) -> JSON? {
    guard let first = path.first, var value = self[first] else { return nil }
    for name in path.dropFirst() {
      guard let next = value[name] else { return nil }
      value = next
    }
    return value
  }
}

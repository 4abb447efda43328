import MartletJSON
import MartletJinja

/// An expression of a lesson's header: Jinja over the evidence.
///
/// A text without `{%` and `{{` is an expression, and its value is that; any other is a template, whose text is read as
/// JSON.
struct Expression: Sendable {
  let text: String
  private let template: Template

  init(_ text: String) throws(ExpressionError) {
    self.text = text
    let isTemplate = text.contains("{%") || text.contains("{{")
    do throws(TemplateError) {
      template = try Template(isTemplate ? text : "{{ (\(text)) | tojson }}", style: .verbatim)
    } catch {
      throw ExpressionError(problem: "\(error)")
    }
  }

  /// The expression's value.
  func value(_ context: [String: JSON]) throws(ExpressionError) -> JSON {
    let rendered: String
    do throws(TemplateError) {
      rendered = try template.render(context)
    } catch {
      throw ExpressionError(problem: "\(error)")
    }
    let text = rendered.trimmed
    // Jinja prints truth values as Python does.
    if text == "True" || text == "False" { return .bool(text == "True") }
    do throws(JSONError) {
      return try JSON(parsing: text)
    } catch {
      throw ExpressionError(problem: "what ‘\(self.text)’ gives is no JSON: \(text)")
    }
  }
}

struct ExpressionError: Error {
  let problem: String
}

extension JSON {
  /// Whether the value counts as true, as in Python.
  var isTruthy: Bool {
    switch self {
    case .null: false
    case .bool(let value): value
    case .number(let number): number.doubleValue != 0
    case .string(let text): !text.isEmpty
    case .array(let list): !list.isEmpty
    case .object(let members): !members.isEmpty
    }
  }
}

import MartletJSON
import MartletJinja

/// A text with variables, in Jinja. Line breaks stay as they are written, and a variable without a value is an error.
///
/// ```swift
/// let template = try TextTemplate("What is {{percent}}% of {{bill}}?")
/// let text = try template.render(["percent": 15, "bill": "47.50"])  // "What is 15% of 47.50?"
/// ```
public struct TextTemplate: Sendable {
  /// The template as it is written.
  public let text: String
  private let template: Template

  /// Reads a template.
  /// - Throws: `TemplateError` where it is not valid Jinja.
  public init(_ text: String) throws(TemplateError) {
    self.text = text
    template = try Template(text, style: .verbatim)
  }

  /// The text with the variables' values.
  /// - Throws: `TemplateError` for a variable without a value, too.
  public func render(_ variables: JSONObject) throws(TemplateError) -> String {
    var context: [String: JSON] = [:]
    for (name, value) in variables { context[name] = value }
    return try template.render(context)
  }

  /// Whether a name stands in the template, so that it may be one of its variables.
  package func mentions(_ name: String) -> Bool {
    text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.contains { PlainText.equal(String($0), name) }
  }

  /// The template in messages: its first line, cut where it is long.
  package var shortened: String {
    let line = text.prefix { $0 != "\n" }
    return line.count < text.count || line.count > 60 ? "\(line.prefix(60))…" : text
  }
}

extension TemplateError {
  /// What was wrong, without the words for chat templates.
  package var reason: String {
    let place = position.map { " (line \($0.line), column \($0.column) of the template)" } ?? ""
    switch problem {
    case .syntax(let text), .unsupported(let text), .undefined(let text), .operation(let text),
      .raised(let text), .limit(let text):
      return text + place
    }
  }

  /// The variable that has no value, where that is what is wrong.
  var missingVariable: String? {
    guard case .undefined(let text) = problem, text.hasPrefix("'"), text.hasSuffix("' is undefined") else {
      return nil
    }
    return String(text.dropFirst().dropLast("' is undefined".count))
  }
}

extension PromptingError {
  /// The error of a template that could not be rendered.
  init(_ error: TemplateError, template: TextTemplate, variables: JSONObject) {
    let shown = JSON.quoted(template.shortened)
    if let name = error.missingVariable {
      self = .missingVariable(name, template: shown, given: variables.keys.sorted())
    } else {
      self = .template(shown, problem: error.reason)
    }
  }
}

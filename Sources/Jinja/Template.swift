import MartletJSON

/// A Jinja template, rendered as `transformers` renders chat templates unless its style says otherwise: nothing is escaped,
/// lists and mappings cannot be changed, and `raise_exception`, `strftime_now`, `break`, `continue` and
/// `{% generation %}` are known.
///
/// ```swift
/// let template = try Template("{% for m in messages %}<|{{ m.role }}|>{{ m.content | trim }}{% endfor %}")
/// let text = try template.render(["messages": [["role": "user", "content": "Hello "]]])  // "<|user|>Hello"
/// ```
///
/// What a template uses and this interpreter does not know is an error, when the template is read or when it is
/// rendered; it never renders to something else than Jinja2 would print.
public struct Template: Sendable {
  private let statements: [Statement]
  private let style: TemplateStyle

  /// Reads a template.
  ///
  /// - Throws: ``TemplateError`` with line and column of what is not valid, or not supported.
  public init(_ source: String, style: TemplateStyle = .chatTemplate) throws(TemplateError) {
    statements = try Parser.statements(of: source, style: style)
    self.style = style
  }

  /// Renders the template.
  ///
  /// - Parameters:
  ///   - context: The template's variables, by name.
  ///   - now: The time that `strftime_now` formats; nil is the present.
  ///   - limits: What rendering may take.
  /// - Throws: ``TemplateError``, for what the template itself refuses by `raise_exception` too.
  public func render(
    _ context: [String: JSON], now: LocalTime? = nil, limits: RenderLimits = RenderLimits()
  ) throws(TemplateError) -> String {
    let renderer = Renderer(now: now, limits: limits, requiresValues: style.requiresValues)
    let scope = Scope(parent: nil)
    for (name, json) in context { scope.variables[name] = try Value(json) }
    defer { renderer.releaseCycles(root: scope) }
    _ = try renderer.run(statements, in: scope)
    return renderer.output
  }
}

/// Why a template could not be read or rendered, and where.
public struct TemplateError: Error, Equatable, Sendable {
  /// What went wrong.
  public enum Problem: Equatable, Sendable {
    /// The template is not valid Jinja.
    case syntax(String)
    /// The template is valid Jinja, but uses something that this interpreter leaves out.
    case unsupported(String)
    /// Something that does not exist was used as if it did.
    case undefined(String)
    /// An operation does not fit its operands, as Python's `TypeError` or `ValueError`.
    case operation(String)
    /// The template refused its input with `raise_exception`; the text is the template author's.
    case raised(String)
    /// Rendering would take more time or memory than it is allowed.
    case limit(String)
  }

  /// What went wrong.
  public let problem: Problem
  /// Where in the template, as far as that is known.
  public let position: SourcePosition?

  /// An error at a place in the template.
  public init(_ problem: Problem, at position: SourcePosition? = nil) {
    self.problem = problem
    self.position = position
  }

  /// The same error, placed at `position` unless it has a place already.
  func located(at position: SourcePosition) -> TemplateError {
    self.position == nil ? TemplateError(problem, at: position) : self
  }
}

/// A place in a template, counted from 1 in lines and Unicode scalars.
public struct SourcePosition: Equatable, Sendable {
  /// The line.
  public let line: Int
  /// The column.
  public let column: Int

  /// The place at `line` and `column`, both counted from 1.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

extension TemplateError: CustomStringConvertible {
  /// The error as it is shown to a person.
  public var description: String {
    let place = position.map { " at line \($0.line), column \($0.column)" } ?? ""
    switch problem {
    case .syntax(let text):
      return "the template is not valid Jinja\(place): \(text)"
    case .unsupported(let text):
      return "the template uses something that is not supported\(place): \(text)"
    case .undefined(let text):
      return "the template uses a value that does not exist\(place): \(text)"
    case .operation(let text):
      return "the template cannot be rendered with these messages\(place): \(text)"
    case .raised(let text):
      return "the template refuses these messages\(place): \(text)"
    case .limit(let text):
      return "rendering the template was stopped\(place): \(text)"
    }
  }
}

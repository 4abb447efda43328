/// How a template treats line breaks around its tags, and values that do not exist.
public struct TemplateStyle: Sendable, Equatable {
  /// Whether the line break after a block and the blanks before it are dropped: Jinja2's `trim_blocks` and
  /// `lstrip_blocks`.
  public var trimsBlocks: Bool
  /// Whether a line break at the end of the template stays: Jinja2's `keep_trailing_newline`.
  public var keepsFinalNewline: Bool
  /// Whether a value that does not exist is an error wherever it is used, except in `is defined`, `is undefined` and
  /// `default`: close to Jinja2's `StrictUndefined`, which lets it be assigned.
  public var requiresValues: Bool

  /// A style of one's own.
  public init(trimsBlocks: Bool, keepsFinalNewline: Bool, requiresValues: Bool) {
    self.trimsBlocks = trimsBlocks
    self.keepsFinalNewline = keepsFinalNewline
    self.requiresValues = requiresValues
  }

  /// As `transformers` renders chat templates.
  public static let chatTemplate = TemplateStyle(
    trimsBlocks: true, keepsFinalNewline: false, requiresValues: false)
  /// Text as it is written, and no values that are missing: as lm-evaluation-harness renders the prompts of its tasks.
  public static let verbatim = TemplateStyle(
    trimsBlocks: false, keepsFinalNewline: true, requiresValues: true)
}

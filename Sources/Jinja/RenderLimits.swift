/// What rendering one template may take, so that a hostile template ends with an error.
public struct RenderLimits: Sendable, Equatable {
  /// Evaluated expressions, statements, loop turns, and copied elements, in all.
  public var maximumSteps: Int
  /// Bytes of the rendered text.
  public var maximumOutputBytes: Int
  /// Nested evaluation: macro calls, statements and expressions inside each other.
  public var maximumDepth: Int

  /// Limits far beyond what published templates take.
  public init(
    maximumSteps: Int = 5_000_000, maximumOutputBytes: Int = 64 << 20, maximumDepth: Int = 500
  ) {
    self.maximumSteps = maximumSteps
    self.maximumOutputBytes = maximumOutputBytes
    self.maximumDepth = maximumDepth
  }

  /// Bounds on the template itself, checked while it is read.
  enum Source {
    static let maximumBytes = 4 << 20
    static let maximumExpressionDepth = 200
    static let maximumStatementDepth = 60
  }

  /// Bytes of one text that a template builds.
  static let maximumTextBytes = 64 << 20

  /// How deep lists, mappings and lazy sequences may nest in each other.
  static let maximumValueDepth = 600

  /// How many values one may hold, counted as often as they occur.
  static let maximumValueWeight = 1_000_000
}

/// Why code cannot be completed.
public enum CodeCompletionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The text has no line of this number.
  case noSuchLine(Int, lineCount: Int)
  /// The line has no column of this number.
  case noSuchColumn(Int, line: Int, columnCount: Int)
  /// There is no text before the place, and the model can only continue one.
  case nothingBefore(model: String)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .noSuchLine(let line, let count):
      "There is no line \(line): the file has \(count == 1 ? "1 line" : "\(count) lines"), counted from 1."
    case .noSuchColumn(let column, let line, let count):
      """
      There is no column \(column) in line \(line): its columns are 1 to \(count), counted in characters; \
      \(count) is the end of the line.
      """
    case .nothingBefore(let model):
      """
      There is no text before the cursor, and \(model) can only continue a text: it has no tokens for filling \
      in the middle. Write a line first, or choose a model such as qwen2.5-coder-0.5b-instruct.
      """
    }
  }
}

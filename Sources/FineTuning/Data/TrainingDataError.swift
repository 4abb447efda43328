/// What is wrong with the data that a model is to learn from.
public enum TrainingDataError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A mask of another length than the tokens.
  case misfitMask(tokens: Int, counts: Int)
  /// A file that cannot be read, or is of no kind that is known.
  case unreadable(file: String, problem: String)
  /// A row that nothing can be learned from.
  case badRow(SkippedRow)
  /// Rows that are longer than the limit, where that is refused; the longest has `tokens`.
  case tooLong(rows: Int, first: SkippedRow, tokens: Int, limit: Int)
  /// Files that have no row.
  case noRows(files: [String])
  /// Rows of which nothing is left: all were skipped, or too long.
  case nothingLeft(rows: Int, first: SkippedRow?)
  /// Rows that begin with a longer prompt than the limit, all of them.
  case nothingCounts(rows: Int, limit: Int)
  /// Conversations for a model that has no chat template.
  case noChatTemplate(model: String, file: String, line: Int)
  /// A template whose prompt is not what the conversation begins with.
  case unstableTemplate(model: String, file: String, line: Int)
  /// A share that leaves one of the two parts empty.
  case unusableShare(Double, examples: Int)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .misfitMask(let tokens, let counts):
      "A mask of \(counts) values for \(tokens) tokens. Give one value for each token."
    case .unreadable(let file, let problem): "\(file): \(problem)."
    case .badRow(let row): "\(row). Correct the row, or skip such rows (--skip-bad-rows)."
    case .tooLong(let rows, let first, let tokens, let limit):
      "\(rows == 1 ? "One row is" : "\(rows) rows are") longer than \(limit) tokens; the longest has "
        + "\(tokens). \(first). Raise --max-length, cut or split such rows (--overflow), or skip them "
        + "(--skip-bad-rows)."
    case .noRows(let files):
      "There is no row in \(files.joined(separator: ", ")). Give a file with at least one."
    case .nothingLeft(let rows, let first):
      "None of the \(rows) rows can be learned from." + (first.map { " \($0)." } ?? "")
        + " docs/training-data.md says what a row must have."
    case .nothingCounts(let rows, let limit):
      "No token of the \(rows) rows counts: each prompt takes all of the \(limit) tokens that an example may "
        + "have. Raise --max-length."
    case .noChatTemplate(let model, let file, let line):
      "\(file), line \(line): a row of messages, but \(model) has no chat template. Give rows with prompt and "
        + "completion, or choose a model that chats."
    case .unstableTemplate(let model, let file, let line):
      "\(file), line \(line): the chat template of \(model) does not begin a conversation with the prompt that "
        + "it makes of the messages before an answer, so that the answer's tokens cannot be told. Give rows "
        + "with prompt and completion."
    case .unusableShare(let share, let examples):
      "A share of \(share) of \(examples) \(examples == 1 ? "example" : "examples") leaves one part empty. Give "
        + "more data, or another share between 0 and 1."
    }
  }
}

/// A row that was left out, and why.
public struct SkippedRow: Sendable, Equatable, CustomStringConvertible {
  /// The file, as it was named.
  public let file: String
  /// The line on which the row begins, from 1.
  public let line: Int
  /// What is wrong with it, as the end of a sentence.
  public let reason: String

  /// A row, and why it was left out.
  public init(file: String, line: Int, reason: String) {
    (self.file, self.line, self.reason) = (file, line, reason)
  }

  /// Place and reason.
  public var description: String { "\(file), line \(line): \(reason)" }
}

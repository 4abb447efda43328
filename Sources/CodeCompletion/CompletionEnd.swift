/// Where what a model writes at a place has said enough.
///
/// - In the midst of a line the completion ends with that line.
/// - At the end of a line that has text it ends with the line, unless the line opens a block (its last sign is one of
///   `{ ( [ :`) or the model finds it whole and goes on with the next one: then it is the block that follows.
/// - On an empty line it is a block.
///
/// A block ends before an empty line, before a line that is indented less than its first one, and before a line that is
/// mostly what stands in the file as the next one already. A line that closes what the line of the place has opened
/// belongs to it.
struct CompletionEnd {
  private let isInLine: Bool
  private let isOnEmptyLine: Bool
  /// Whether the line opens a block, whose lines are then deeper.
  private let opensBlock: Bool
  /// The columns that the line of the place is indented by.
  private let depth: Int
  /// The next line of the file that has text.
  private let nextLine: String

  init(_ point: CompletionPoint) {
    let before = point.lineBefore
    isInLine = !point.lineAfter.isBlank
    isOnEmptyLine = before.isBlank
    opensBlock = before.trimmed.last.map { "{([:".contains($0) } ?? false
    depth = Self.width(before.indentation)
    let below = point.suffix.dropFirst(point.lineAfter.count)
    nextLine = below.split(whereSeparator: \.endsLine).first { !$0.isBlank }?.trimmed ?? ""
  }

  /// How much of a text belongs to the completion.
  /// - Parameters:
  ///   - text: What the model has written so far.
  ///   - isWhole: Whether it writes no more, so that the last line is whole.
  /// - Returns: The completion, where it has ended; nil where more may follow.
  func ended(_ text: String, isWhole: Bool) -> String? {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.endsLine).map(String.init)
    guard isWhole || lines.count > 1 else { return nil }
    guard !isInLine, isOnEmptyLine || opensBlock || lines[0].isBlank else { return lines[0] }
    // The first line goes on with the line of the place.
    var hasText = !lines[0].isBlank
    for index in 1..<max(1, lines.count) {
      let isLineWhole = isWhole || index < lines.count - 1
      switch kind(of: lines[index], isWhole: isLineWhole, isAfterText: hasText) {
      case .within: hasText = hasText || !lines[index].isBlank
      case .last: return joined(lines[...index])
      case .beyond: return joined(lines[..<index])
      }
    }
    return isWhole ? joined(lines[...]) : nil
  }

  private enum Kind { case within, last, beyond }

  /// What a line is to the block.
  private func kind(of line: String, isWhole: Bool, isAfterText: Bool) -> Kind {
    guard let first = line.trimmed.first else { return isWhole && isAfterText ? .beyond : .within }
    let width = Self.width(line.indentation)
    if opensBlock, width == depth, "})]".contains(first), !isWhole || !repeatsNextLine(line) {
      return isWhole ? .last : .within
    }
    if width < depth || opensBlock && width == depth { return .beyond }
    return isWhole && repeatsNextLine(line) ? .beyond : .within
  }

  /// Whether a line begins as the next line of the file does, for three quarters of it.
  private func repeatsNextLine(_ line: String) -> Bool {
    let line = line.trimmed
    guard !nextLine.isEmpty, line != nextLine else { return !nextLine.isEmpty }
    let shared = zip(line, nextLine).prefix { $0 == $1 }.count
    return shared >= 8 && shared * 4 >= nextLine.count * 3
  }

  /// Lines without empty ones at their end.
  private func joined(_ lines: ArraySlice<String>) -> String {
    var lines = lines
    while lines.count > 1, lines.last?.isBlank == true { lines.removeLast() }
    return lines.count == 1 && lines.first?.isBlank == true ? "" : lines.joined(separator: "\n")
  }

  /// The columns of white space, a tab up to the next multiple of 4.
  private static func width(_ indentation: Substring) -> Int {
    indentation.reduce(0) { $1 == "\t" ? ($0 / 4 + 1) * 4 : $0 + 1 }
  }
}

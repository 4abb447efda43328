/// Where what a model writes at a place has said enough.
///
/// - In the midst of a line the completion ends with that line.
/// - At the end of a line that has text it ends with the line, unless the line opens a block (its last sign is one of
///   `{ ( [ :`) or the model finds it whole and goes on with the next one: then it is the block that follows.
/// - On an empty line it is a block.
///
/// A block ends before an empty line, before a line that is indented less than its first one, and before a line that
/// stands in the file already as the next one. A line that closes what the line of the place has opened belongs to it.
struct CompletionEnd {
  private let isInLine: Bool
  private let opensBlock: Bool
  /// The columns that lines of the block are indented by, at least.
  private let depth: Int
  /// Whether lines of that depth end the block: it was opened on a line of that depth.
  private let isBelow: Bool
  /// The next line of the file that has text.
  private let nextLine: String

  init(_ point: CompletionPoint) {
    let before = point.lineBefore
    isInLine = !point.lineAfter.isBlank
    opensBlock = before.trimmed.last.map { "{([:".contains($0) } ?? false
    depth = Self.width(before.indentation)
    isBelow = opensBlock
    let rest = point.suffix.dropFirst(point.lineAfter.count)
    nextLine = rest.split(whereSeparator: \.endsLine).first { !$0.isBlank }?.trimmed ?? ""
    startsEmpty = before.isBlank
  }

  private let startsEmpty: Bool

  /// How much of a text belongs to the completion.
  /// - Parameters:
  ///   - text: What the model has written so far.
  ///   - isWhole: Whether it writes no more, so that the last line is whole.
  /// - Returns: The completion, where it has ended; nil where more may follow.
  func ended(_ text: String, isWhole: Bool) -> String? {
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.endsLine).map(String.init)
    let count = isWhole ? lines.count : lines.count - 1
    guard count > 0 else { return nil }
    if isInLine { return lines[0] }
    // The first line goes on with the line of the place.
    var end = 1
    if startsEmpty || opensBlock || lines[0].isBlank {
      end = endOfBlock(lines, count)
    } else {
      return lines[0]
    }
    guard end < count || isWhole else { return nil }
    lines.removeSubrange(end...)
    while lines.count > 1, lines.last?.isBlank == true { lines.removeLast() }
    if lines.count == 1, lines[0].isBlank { return "" }
    return lines.joined(separator: "\n")
  }

  /// The number of lines that belong to the block, of `count` that are whole.
  private func endOfBlock(_ lines: [String], _ count: Int) -> Int {
    var hasText = !lines[0].isBlank
    for index in 1..<max(1, count) {
      let line = lines[index]
      if line.isBlank {
        if hasText { return index }
        continue
      }
      let width = Self.width(line.indentation)
      if line.trimmed == nextLine { return index }
      if isBelow, width == depth, let first = line.trimmed.first, "})]".contains(first) {
        return index + 1
      }
      if width < depth || isBelow && width == depth { return index }
      hasText = true
    }
    return count
  }

  /// The columns of white space, a tab up to the next multiple of 4.
  private static func width(_ indentation: Substring) -> Int {
    indentation.reduce(0) { $1 == "\t" ? ($0 / 4 + 1) * 4 : $0 + 1 }
  }
}

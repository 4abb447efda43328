/// A table of texts with aligned columns.
struct TextTable {
  let headings: [String]
  let rows: [[String]]
  var rightAligned: Set<Int> = []
  /// Whether the last column, such as one of remarks, moves below its row where the table is too wide.
  var foldsLastColumn = false

  /// No column of words is made narrower than this.
  private static let narrowest = 8
  private static let gap = 2

  /// - Parameter width: The columns of the terminal; nil where lines may be of any length. Numbers are never broken,
  ///   columns of words are wrapped.
  func text(_ style: Style, width: Int? = nil) -> String {
    let natural = naturalWidths
    guard let width, Self.total(natural) > width else { return text(style, natural, fold: nil) }
    if foldsLastColumn {
      return text(style, fitted(Array(natural.dropLast()), to: width), fold: width)
    }
    return text(style, fitted(natural, to: width), fold: nil)
  }

  private var naturalWidths: [Int] {
    headings.indices.map { column in ([headings] + rows).map { $0[column].displayWidth }.max() ?? 0 }
  }

  private static func total(_ widths: [Int]) -> Int {
    widths.reduce(0, +) + gap * max(0, widths.count - 1)
  }

  /// Takes from columns of words until the table fits, from the last one first: as much as leaves each word whole, and
  /// where that is not enough, more.
  private func fitted(_ natural: [Int], to width: Int) -> [Int] {
    var widths = natural
    let words = natural.indices.filter { !rightAligned.contains($0) }
    for minimum in [longestWord, { _ in Self.narrowest }] {
      while Self.total(widths) > width {
        guard let column = words.last(where: { widths[$0] > minimum($0) }) else { break }
        widths[column] -= 1
      }
    }
    return widths
  }

  private func longestWord(in column: Int) -> Int {
    ([headings] + rows).flatMap { $0[column].split(separator: " ") }.map(\.displayWidth).max() ?? 0
  }

  /// A line break in a cell would look like another row.
  private static func ofOneLine(_ row: [String]) -> [String] {
    row.map {
      $0.contains(where: \.isNewline) ? $0.split(whereSeparator: \.isNewline).joined(separator: " ") : $0
    }
  }

  /// - Parameter fold: The columns of a line where the last column stands below its row.
  private func text(_ style: Style, _ widths: [Int], fold: Int?) -> String {
    var out = ""
    for (index, row) in ([headings] + rows.map(Self.ofOneLine)).enumerated() {
      for line in lines(of: Array(row.prefix(widths.count)), widths) {
        out += (index == 0 ? style.bold(line) : line) + "\n"
      }
      if let fold, index > 0, let remark = row.last, !remark.isEmpty {
        out += WordWrapper.wrap("     " + remark, width: fold, breaksLongWords: true) + "\n"
      }
    }
    return out
  }

  private func lines(of row: [String], _ widths: [Int]) -> [String] {
    let cells = zip(row, widths).map { cell, width in
      cell.displayWidth <= width
        ? [cell]
        : WordWrapper.wrap(cell, width: width, breaksLongWords: true).split(separator: "\n").map(String.init)
    }
    return (0..<(cells.map(\.count).max() ?? 0)).map { line in
      var text = ""
      for (column, cell) in cells.enumerated() {
        let part = line < cell.count ? cell[line] : ""
        let space = String(repeating: " ", count: max(0, widths[column] - part.displayWidth))
        text += (column > 0 ? "  " : "") + (rightAligned.contains(column) ? space + part : part + space)
      }
      return String(text.reversed().drop { $0 == " " }.reversed())
    }
  }
}

/// A table of texts with aligned columns.
struct TextTable {
  let headings: [String]
  let rows: [[String]]
  var rightAligned: Set<Int> = []

  func text(_ style: Style) -> String {
    let widths = headings.indices.map { column in
      ([headings] + rows).map { $0[column].count }.max() ?? 0
    }
    let lines = ([headings] + rows).enumerated().map { index, row in
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return rightAligned.contains(column) ? space + cell : cell + space
      }
      let line = cells.joined(separator: "  ")
      let trimmed = String(line.reversed().drop { $0 == " " }.reversed())
      return (index == 0 ? style.bold(trimmed) : trimmed) + "\n"
    }
    return lines.joined()
  }
}

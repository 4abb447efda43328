/// The cells of a sheet that have text, row by row.
struct SheetGrid {
  /// The most cells of a sheet, with those left empty between others.
  static let maximumCells = 30_000_000

  private var rows: [(number: Int, cells: [(column: Int, text: String)])] = []
  private var merged: [CellRange] = []

  mutating func append(_ text: String, row: Int, column: Int) {
    guard !text.isEmpty, 0..<CellRange.columns ~= column else { return }
    if rows.last?.number != row { rows.append((row, [])) }
    rows[rows.count - 1].cells.append((column, text))
  }

  /// Notes that a range is one cell.
  mutating func merge(_ range: CellRange) { merged.append(range) }

  /// The rows and columns that are not empty, and the merged ranges among them.
  func dense(path: String) throws(DocumentError) -> (rows: [[String]], merged: [CellRange]) {
    let columns = Set(rows.lazy.flatMap { $0.cells.lazy.map(\.column) }).sorted()
    let index = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1, $0) })
    var count = 0
    var dense: [[String]] = []
    for row in rows {
      var cells: [String] = []
      for (column, text) in row.cells {
        guard let at = index[column] else { continue }
        if cells.count <= at {
          count += at + 1 - cells.count
          guard count <= Self.maximumCells else {
            throw DocumentError(
              path: path, problem: .hostile(detail: "a sheet has more than \(Self.maximumCells) cells"))
          }
          cells += Array(repeating: "", count: at + 1 - cells.count)
        }
        cells[at] = text
      }
      dense.append(cells)
    }
    return (dense, denseRanges(columns))
  }

  private func denseRanges(_ columns: [Int]) -> [CellRange] {
    let numbers = rows.map(\.number)
    return merged.compactMap { range in
      // Rows and columns are in order in all sheets that programs write.
      let rows = Self.indices(of: range.rows, in: numbers)
      let columns = Self.indices(of: range.columns, in: columns)
      guard let rows, let columns else { return nil }
      return CellRange(rows: rows, columns: columns)
    }
  }

  /// The indices of the sorted numbers that are within a range.
  private static func indices(of range: ClosedRange<Int>, in numbers: [Int]) -> ClosedRange<Int>? {
    let first = firstIndex(in: numbers) { $0 >= range.lowerBound }
    let end = firstIndex(in: numbers) { $0 > range.upperBound }
    return first < end ? first...(end - 1) : nil
  }

  private static func firstIndex(in numbers: [Int], where isPast: (Int) -> Bool) -> Int {
    var (low, high) = (0, numbers.count)
    while low < high {
      let middle = (low + high) / 2
      if isPast(numbers[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// The rows of a sheet as passages: what stands above the table as prose, then the rows with the header that names their
/// columns.
struct SheetRows {
  let name: String
  let grid: SheetGrid
  let path: String

  func emit(_ body: (Section) throws -> Void) throws {
    var (rows, merged) = try grid.dense(path: path)
    Self.fill(&rows, merged)
    Self.joinHeader(&rows, merged)
    var table = CSVTable()
    let place = Place.sheet(name)
    func take(_ section: Section) throws {
      var section = section
      section.place = place
      section.headings = [name]
      section.linesFollowFile = false
      try body(section)
    }
    for row in rows {
      let text = SectionBuilder.line(row)
      guard !text.isEmpty else { continue }
      let filled = row.filter { !$0.isEmpty }
      // One cell alone above a table is a title or a remark.
      try table.append(CSVRow(row: Table.Row(text), cells: filled.count == 1 ? filled : row), take)
    }
    try table.finish(take)
  }

  /// What is merged over several rows is said in each of them.
  private static func fill(_ rows: inout [[String]], _ merged: [CellRange]) {
    var filled = 0
    for range in merged where range.rows.count > 1 {
      filled += range.rows.count
      // Ranges do not overlap in what programs write, so that there are no more rows in them than cells.
      guard filled <= SheetGrid.maximumCells else { return }
      let column = range.columns.lowerBound
      guard rows[range.rows.lowerBound].indices.contains(column) else { continue }
      let text = rows[range.rows.lowerBound][column]
      for index in range.rows.dropFirst() {
        if rows[index].count <= column {
          rows[index] += Array(repeating: "", count: column + 1 - rows[index].count)
        }
        if rows[index][column].isEmpty { rows[index][column] = text }
      }
    }
  }

  /// A header of two rows, the upper one over several columns, is one: "2023 Q1 | 2023 Q2".
  private static func joinHeader(_ rows: inout [[String]], _ merged: [CellRange]) {
    guard let first = rows.firstIndex(where: { row in row.count { !$0.isEmpty } > 1 }), first + 1 < rows.count
    else { return }
    let groups = merged.filter { $0.rows == first...first && $0.columns.count > 1 }
    guard !groups.isEmpty else { return }
    var joined = rows[first + 1]
    for (column, upper) in rows[first].enumerated() where !upper.isEmpty {
      let last = groups.first { $0.columns.lowerBound == column }?.columns.upperBound ?? column
      for index in column...min(last, max(column, joined.count - 1)) {
        if joined.count <= index { joined += Array(repeating: "", count: index + 1 - joined.count) }
        if joined[index] == upper { continue }
        joined[index] = joined[index].isEmpty ? upper : upper + " " + joined[index]
      }
    }
    rows.replaceSubrange(first...first + 1, with: [joined])
  }
}

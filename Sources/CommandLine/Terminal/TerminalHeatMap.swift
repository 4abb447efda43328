import MartletPictures

/// A heat map for a terminal: colours where it has them, else shades; for a file or pipe the numbers alone.
struct TerminalHeatMap {
  let map: HeatMap
  /// How many digits after the point the numbers of a pipe have.
  var digits = 3

  /// The number of the first row and column.
  let first: Int

  init(_ map: HeatMap, first: Int = 0) { (self.map, self.first) = (map, first) }

  private static let shades = [" ", "░", "▒", "▓", "█"]
  private static let widestLabel = 16

  /// Prints the map, and says what of it has no room.
  func print(to console: Console) throws {
    let (text, shown) = text(console.style, width: console.resultWidth)
    try console.result(text)
    if shown < map.columns.count {
      console.note(
        "The terminal shows \(shown) of \(map.columns.count) columns; a wider one, or a file, shows all.\n")
    }
  }

  /// The map in lines. Rows and columns have numbers; rows also have their names.
  /// - Parameter width: The columns of the terminal; nil for a file or pipe.
  /// - Returns: The lines, and how many of the map's columns they show.
  func text(_ style: Style, width: Int?) -> (text: String, shown: Int) {
    guard let width else { return (numbers, map.columns.count) }
    let labels = rowLabels
    let labelWidth = labels.map(\.displayWidth).max() ?? 0
    let room = max(1, width - labelWidth - 1)
    let cell = map.columns.count * 2 <= room ? 2 : 1
    let shown = min(map.columns.count, room / cell)
    var text = header(shown, cell, indent: labelWidth + 1, width, style)
    for (row, label) in labels.enumerated() {
      text += label + String(repeating: " ", count: labelWidth - label.displayWidth + 1)
      for column in 0..<shown {
        text += self.cell(map.values[row * map.columns.count + column], width: cell, style)
      }
      text += "\n"
    }
    return (text + style.faint(legend(style)) + "\n", shown)
  }

  private var rowLabels: [String] {
    let digits = String(max(0, map.rows.count - 1 + first)).count
    return map.rows.enumerated().map { index, name in
      let number = String(index + first)
      let label = oneLinePiece(name)
      let cut =
        label.displayWidth > Self.widestLabel
        ? label.prefix(columns: Self.widestLabel - 1) + "…" : Substring(label)
      return String(repeating: " ", count: digits - number.count) + number + " " + cut
    }
  }

  /// The numbers of the columns, or of some of them where they would run together.
  private func header(_ count: Int, _ cell: Int, indent: Int, _ width: Int, _ style: Style) -> String {
    let step = cell == 2 ? (count <= 10 ? 1 : 5) : 10
    var line = ""
    for column in stride(from: 0, to: count, by: step) {
      line += String(repeating: " ", count: max(0, column * cell - line.count)) + String(column + first)
    }
    return String(repeating: " ", count: indent) + style.faint(String(line.prefix(max(0, width - indent))))
      + "\n"
  }

  private func cell(_ value: Double, width: Int, _ style: Style) -> String {
    guard let color = map.color(of: value) else { return String(repeating: "?", count: width) }
    if style.isOn {
      return style.background(color.terminalCode, String(repeating: " ", count: width))
    }
    let span = map.range.upperBound - map.range.lowerBound
    let share = span > 0 ? (value - map.range.lowerBound) / span : 0
    let level = Int((max(0, min(1, share)) * Double(Self.shades.count - 1)).rounded())
    return String(repeating: Self.shades[level], count: width)
  }

  private func legend(_ style: Style) -> String {
    let steps = 8
    let span = map.range.upperBound - map.range.lowerBound
    let bar = (0..<steps).map { step in
      cell(map.range.lowerBound + span * Double(step) / Double(steps - 1), width: 2, style)
    }
    let ends = [map.range.lowerBound, map.range.upperBound].map { formatDecimal($0, 2) }
    return "\(ends[0]) \(bar.joined()) \(ends[1])"
  }

  private var numbers: String {
    let labels = rowLabels
    let rows = map.rows.indices.map { row in
      [labels[row]]
        + map.columns.indices.map { formatDecimal(map.values[row * map.columns.count + $0], digits) }
    }
    let table = TextTable(
      headings: [""] + map.columns.map(oneLinePiece), rows: rows,
      rightAligned: Set(1..<map.columns.count + 1))
    return table.text(Style(isOn: false))
  }
}

extension Color {
  /// The code of the colour: itself where the terminal says that it has all, else the nearest of the 216 of its cube.
  fileprivate var terminalCode: String {
    if ["truecolor", "24bit"].contains(Environment["COLORTERM"]) { return "48;2;\(red);\(green);\(blue)" }
    func step(_ part: UInt8) -> Int {
      let levels = [0, 95, 135, 175, 215, 255]
      return levels.indices.min { abs(levels[$0] - Int(part)) < abs(levels[$1] - Int(part)) } ?? 0
    }
    return "48;5;\(16 + 36 * step(red) + 6 * step(green) + step(blue))"
  }
}

extension Style {
  /// A text on a ground of this code.
  func background(_ code: String, _ text: String) -> String {
    isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}

/// Many small heat maps in rows and columns: the heads of all layers of a model.
public struct HeatMapGrid: Sendable {
  /// A small map with what it shows.
  public struct Cell: Sendable {
    /// The map.
    public let map: HeatMap
    /// What it shows: "layer 3, head 5".
    public let description: String

    /// A small map.
    public init(_ map: HeatMap, description: String) { (self.map, self.description) = (map, description) }
  }

  /// What it shows, above it.
  public let title: String
  /// What the rows of maps stand for.
  public let rowNames: [String]
  /// What the columns of maps stand for.
  public let columnNames: [String]
  /// The maps, row after row.
  public let cells: [Cell]
  /// Lines below the maps, such as the meaning of rows and columns.
  public let legend: [String]

  /// A grid of maps.
  /// - Precondition: There is a map for each row and column.
  public init(title: String, rowNames: [String], columnNames: [String], cells: [Cell], legend: [String]) {
    precondition(cells.count == rowNames.count * columnNames.count, "a map for each row and column")
    (self.title, self.rowNames, self.columnNames) = (title, rowNames, columnNames)
    (self.cells, self.legend) = (cells, legend)
  }

  /// The grid as one drawing.
  public func picture() -> Picture {
    let (side, gap, margin) = (72.0, 8.0, 14.0)
    let left = margin + (rowNames.map { TextMeasure.width($0, size: 12) }.max() ?? 0) + 8
    let top = 66.0
    let width = max(
      left + Double(columnNames.count) * (side + gap) + margin,
      min(640, TextMeasure.width(title, size: 16) + 2 * margin))
    var content = [
      Markup(
        "text", ["class": "ink", "x": margin, "y": 24, "font-size": 16, "font-weight": "600"],
        text: TextMeasure.cut(title, toWidth: width - 2 * margin, size: 16))
    ]
    for (column, name) in columnNames.enumerated() {
      content.append(
        Markup(
          "text",
          [
            "class": "faint", "font-size": 12, "text-anchor": "middle", "y": top - 8,
            "x": left + Double(column) * (side + gap) + side / 2,
          ], text: name))
    }
    for (row, name) in rowNames.enumerated() {
      let y = top + Double(row) * (side + gap)
      content.append(
        Markup(
          "text",
          ["class": "faint", "font-size": 12, "text-anchor": "end", "x": left - 8, "y": y + side / 2 + 4],
          text: name))
      for column in columnNames.indices {
        let cell = cells[row * columnNames.count + column]
        let x = left + Double(column) * (side + gap)
        content.append(
          Markup(
            "g",
            [
              "transform": "translate(\(x.attributeText) \(y.attributeText))",
              "shape-rendering": "crispEdges",
            ],
            [
              Markup("title", text: cell.description),
              cell.map.cells(cellSize: cell.map.thumbnailSize(side: side).cell),
            ]))
      }
    }
    let bottom = top + Double(rowNames.count) * (side + gap) + 18
    let (lines, height) = legendLines(left: margin, top: bottom, width: width - 2 * margin)
    return Picture(width: width, height: height, description: title, content: content + lines)
  }

  /// The legend's words, in lines.
  private func legendLines(left: Double, top: Double, width: Double) -> ([Markup], height: Double) {
    let size = 12.0
    var (x, y) = (left, top)
    var lines: [Markup] = []
    for text in legend {
      let shown = TextMeasure.cut(text, toWidth: width, size: size)
      let needed = TextMeasure.width(shown, size: size) + 14
      if x > left, x + needed > left + width { (x, y) = (left, y + 18) }
      var element = Markup("text", ["class": "ink", "font-size": size, "x": x, "y": y], text: shown)
      if shown != text { element.children.insert(.element(Markup("title", text: text)), at: 0) }
      lines.append(element)
      x += needed
    }
    return (lines, y + 18)
  }
}

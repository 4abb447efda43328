extension HeatMap {
  /// How a heat map with words is drawn.
  public struct Labels: Sendable {
    /// What it shows, above it.
    public var title: String
    /// What the rows stand for, in a word or two.
    public var rowName: String
    /// What the columns stand for.
    public var columnName: String
    /// How many digits after the point the numbers have where they are shown.
    public var digits: Int

    /// Words for a heat map.
    public init(title: String, rowName: String = "", columnName: String = "", digits: Int = 2) {
      (self.title, self.rowName, self.columnName, self.digits) = (title, rowName, columnName, digits)
    }
  }

  /// The map with its rows and columns named, its numbers where there is room for them, and its colours explained.
  public func picture(_ labels: Labels) -> Picture {
    let layout = Layout(self, labels)
    var content = [
      Markup(
        "text", ["class": "ink", "x": Layout.margin, "y": 24, "font-size": 16, "font-weight": "600"],
        text: TextMeasure.cut(labels.title, toWidth: layout.width - 2 * Layout.margin, size: 16))
    ]
    content += axisNames(labels, layout)
    for (index, name) in columns.enumerated() {
      let x = layout.left + (Double(index) + 0.5) * layout.cell
      let y = layout.top - 6
      content.append(
        label(
          name, ["class": "ink", "font-size": layout.fontSize], widest: Layout.widestLabel, layout,
          transform: "translate(\((x + layout.fontSize / 3).attributeText) \(y.attributeText)) rotate(-60)"))
    }
    for (index, name) in rows.enumerated() {
      let y = layout.top + (Double(index) + 0.5) * layout.cell + layout.fontSize * 0.36
      content.append(
        label(
          name, ["class": "ink", "font-size": layout.fontSize, "text-anchor": "end"],
          widest: Layout.widestLabel, layout,
          transform: "translate(\((layout.left - 6).attributeText) \(y.attributeText))"))
    }
    let place = "translate(\(layout.left.attributeText) \(layout.top.attributeText))"
    content.append(
      Markup("g", ["transform": place, "shape-rendering": "crispEdges"], [cells(cellSize: layout.cell)]))
    content += numbers(labels, layout) + legend(labels, layout)
    return Picture(width: layout.width, height: layout.height, description: labels.title, content: content)
  }

  private func axisNames(_ labels: Labels, _ layout: Layout) -> [Markup] {
    guard !labels.rowName.isEmpty || !labels.columnName.isEmpty else { return [] }
    let text = [
      labels.rowName.isEmpty ? nil : "rows: \(labels.rowName)",
      labels.columnName.isEmpty ? nil : "columns: \(labels.columnName)",
    ].compactMap(\.self).joined(separator: ", ")
    return [
      Markup(
        "text", ["class": "faint", "x": Layout.margin, "y": 44, "font-size": 12],
        text: TextMeasure.cut(text, toWidth: layout.width - 2 * Layout.margin, size: 12))
    ]
  }

  private func label(
    _ text: String, _ attributes: KeyValuePairs<String, any AttributeValue>, widest: Double, _ layout: Layout,
    transform: String
  ) -> Markup {
    let shown = TextMeasure.cut(text, toWidth: widest, size: layout.fontSize)
    var element = Markup("text", attributes, text: shown).adding("transform", transform)
    if shown != text { element.children.insert(.element(Markup("title", text: text)), at: 0) }
    return element
  }

  /// The numbers in the cells, where they have room, and the words that a pointer brings up, where there are not too many.
  private func numbers(_ labels: Labels, _ layout: Layout) -> [Markup] {
    guard values.count <= 1600 else { return [] }
    let size = min(11, layout.cell * 0.36)
    let isShown = size >= 8
    var cells: [Markup] = []
    for row in rows.indices {
      for column in columns.indices {
        let value = values[row * columns.count + column]
        let (x, y) = (
          layout.left + Double(column) * layout.cell, layout.top + Double(row) * layout.cell
        )
        let text = value.isFinite ? Self.text(value, labels.digits) : "missing"
        var cell = Markup(
          "g", [:],
          [
            Markup("title", text: "\(rows[row]) → \(columns[column]): \(text)"),
            Markup(
              "rect",
              ["x": x, "y": y, "width": layout.cell, "height": layout.cell, "fill-opacity": 0]),
          ])
        if isShown {
          let isDark = color(of: value)?.isDark ?? false
          cell.children.append(
            .element(
              Markup(
                "text",
                [
                  "x": x + layout.cell / 2, "y": y + layout.cell / 2 + size * 0.36, "font-size": size,
                  "text-anchor": "middle", "fill": isDark ? "#ffffff" : "#000000",
                ], text: value.isFinite ? text : "–")))
        }
        cells.append(cell)
      }
    }
    return cells
  }

  /// The colours from the least to the greatest number, below the map.
  private func legend(_ labels: Labels, _ layout: Layout) -> [Markup] {
    let (width, y) = (min(200, max(60, layout.cell * Double(columns.count))), layout.height - 30)
    let steps = 32
    let bar = (0..<steps).map { step in
      Markup(
        "rect",
        [
          "x": layout.left + width * Double(step) / Double(steps), "y": y,
          "width": width / Double(steps) + 0.5, "height": 8,
          "fill": ColorScale.viridis.color(at: Double(step) / Double(steps - 1)),
        ])
    }
    let ends = [
      Markup(
        "text", ["class": "faint", "x": layout.left, "y": y + 20, "font-size": 11],
        text: Self.text(range.lowerBound, labels.digits)),
      Markup(
        "text",
        ["class": "faint", "x": layout.left + width, "y": y + 20, "font-size": 11, "text-anchor": "end"],
        text: Self.text(range.upperBound, labels.digits)),
    ]
    return bar + ends
  }

  /// A number with so many digits after the point.
  static func text(_ value: Double, _ digits: Int) -> String {
    var factor = 1.0
    for _ in 0..<digits { factor *= 10 }
    let rounded = (abs(value) * factor).rounded()
    guard rounded < 1e15 else { return value.description }
    let whole = String(Int(rounded))
    let padded = String(repeating: "0", count: max(0, digits + 1 - whole.count)) + whole
    let sign = value < 0 && rounded > 0 ? "−" : ""
    return digits == 0 ? sign + padded : "\(sign)\(padded.dropLast(digits)).\(padded.suffix(digits))"
  }

  /// Where everything goes.
  private struct Layout {
    static let margin = 14.0
    static let widestLabel = 130.0
    let cell, fontSize, left, top, width, height: Double

    init(_ map: HeatMap, _ labels: Labels) {
      let count = Double(max(1, map.rows.count, map.columns.count))
      cell = max(9, min(36, 560 / count))
      fontSize = max(7, min(13, cell * 0.85))
      let size = fontSize
      func widest(_ names: [String]) -> Double {
        min(Self.widestLabel, names.map { TextMeasure.width($0, size: size) }.max() ?? 0)
      }
      let names = labels.rowName.isEmpty && labels.columnName.isEmpty ? 0.0 : 18.0
      left = Self.margin + widest(map.rows) + 8
      // Columns are named at an angle of 60 degrees.
      top = 36 + names + widest(map.columns) * 0.87 + 10
      let title = TextMeasure.width(labels.title, size: 16) + 2 * Self.margin
      let body = left + cell * Double(map.columns.count) + Self.margin + widest(map.columns) * 0.5
      width = max(body, min(title, 620), left + 220)
      height = top + cell * Double(map.rows.count) + 14 + 34
    }
  }
}

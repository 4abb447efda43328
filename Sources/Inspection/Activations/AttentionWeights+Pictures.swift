import MartletPictures

/// Pictures of attention weights.
extension AttentionWeights {
  /// The most cells that one picture draws: about 20 MB of it.
  public static let mostCells = 4_000_000

  /// One drawing of all that is here: the one head with its tokens named, or small maps of all layers and heads.
  /// - Parameter model: What people call the model.
  /// - Throws: ``InspectionError/pictureTooLarge(cells:maximum:)``.
  public func picture(model: String) throws(InspectionError) -> Picture {
    try check()
    if layers.count == 1, heads.count == 1 { return largeMap(layer: 0, head: 0, model: model) }
    var cells: [HeatMapGrid.Cell] = []
    for layer in layers.indices {
      for head in heads.indices {
        cells.append(HeatMapGrid.Cell(map(layer: layer, head: head), description: name(layer, head)))
      }
    }
    let grid = HeatMapGrid(
      title: "Attention in \(model)", rowNames: layers.map { "layer \($0)" },
      columnNames: heads.map { "head \($0)" }, cells: cells,
      legend: ["rows from, columns to:"] + numberedPieces)
    return grid.picture()
  }

  /// A page with small maps of all that is here, and a large map with its tokens named for each layer: the head, or the
  /// mean of the heads.
  /// - Parameter model: What people call the model.
  /// - Throws: ``InspectionError/pictureTooLarge(cells:maximum:)``.
  public func page(model: String) throws(InspectionError) -> HTMLPage {
    try check()
    var body = [
      Markup("p", text: text.text),
      Markup(
        "p", ["class": "quiet"],
        text: """
          \(Self.count(layers.count, "layer")) of \(Self.count(heads.count, "head")), \
          \(Self.count(text.tokens.count, "token")). In each map a row is a token that attends, a column one that it \
          attends to, in the order of the text; a row sums to 1. In small maps yellow is 1 and dark blue 0; a large one names the colours of its own.
          """),
      tokenList,
    ]
    for layer in layers.indices {
      body.append(Markup("h2", text: "Layer \(layers[layer])"))
      if heads.count > 1 {
        let maps = heads.indices.map { head in
          Markup(
            "figure", ["class": "zoom"],
            [
              map(layer: layer, head: head).thumbnail(side: 84, description: name(layer, head)).element,
              Markup("figcaption", text: "head \(heads[head])"),
            ])
        }
        body.append(Markup("div", ["class": "row"], maps))
      }
      let large = Markup(
        "div", ["class": "wide"],
        [largeMap(layer: layer, head: heads.count == 1 ? 0 : nil, model: model).element])
      if heads.count == 1 {
        body.append(large)
      } else {
        let summary = Markup("summary", text: "The mean of the heads, with its tokens")
        let details = Markup("details", [:], [summary, large])
        body.append(layer == layers.count - 1 ? details.adding("open", "") : details)
      }
    }
    return HTMLPage(title: "Attention in \(model)", body: body)
  }

  private func check() throws(InspectionError) {
    let (maps, overflow) = (layers.count * heads.count).multipliedReportingOverflow(
      by: text.tokens.count * text.tokens.count)
    guard !overflow, maps <= Self.mostCells else {
      throw .pictureTooLarge(cells: maps, maximum: Self.mostCells)
    }
  }

  private func name(_ layer: Int, _ head: Int) -> String { "layer \(layers[layer]), head \(heads[head])" }

  private func map(layer: Int, head: Int) -> HeatMap {
    HeatMap(
      matrix(layer: layer, head: head).map { Double($0) }, rows: text.pieces, columns: text.pieces,
      range: 0...1)
  }

  /// - Parameter head: nil for the mean of all that are here.
  private func largeMap(layer: Int, head: Int?, model: String) -> Picture {
    let values = (head.map { matrix(layer: layer, head: $0) } ?? meanOfHeads(layer: layer)).map { Double($0) }
    let map = HeatMap(values, rows: text.pieces, columns: text.pieces, from: 0)
    let name = head.map { self.name(layer, $0) } ?? "layer \(layers[layer]), mean of \(heads.count) heads"
    return map.picture(
      HeatMap.Labels(title: "\(model), \(name)", rowName: "from", columnName: "to"))
  }

  private var numberedPieces: [String] { text.pieces.enumerated().map { "\($0) \($1)" } }

  private var tokenList: Markup {
    Markup(
      "ol", ["class": "chips"],
      text.pieces.enumerated().map { index, piece in
        var item = Markup("li", [:], [Markup("span", text: "\(index) ")])
        item.children.append(.text(piece))
        return item
      })
  }

  private static func count(_ number: Int, _ what: String) -> String {
    "\(number) \(what)\(number == 1 ? "" : "s")"
  }
}

/// Numbers in rows and columns as colours.
public struct HeatMap: Sendable {
  /// What the rows and the columns stand for.
  public let rows, columns: [String]
  /// The numbers, row after row. One that is infinite or not a number is drawn as missing.
  public let values: [Double]
  /// The numbers that get the first and the last colour.
  public let range: ClosedRange<Double>

  private let scale = ColorScale.viridis
  /// What a colour stands for is told apart in so many steps.
  private static let levels = 64

  /// A heat map.
  /// - Parameters:
  ///   - values: The numbers, row after row.
  ///   - rows: What the rows stand for.
  ///   - columns: What the columns stand for.
  ///   - range: The numbers of the first and the last colour; nil is the least and the greatest that there are.
  /// - Precondition: There are rows × columns values.
  public init(_ values: [Double], rows: [String], columns: [String], range: ClosedRange<Double>? = nil) {
    precondition(values.count == rows.count * columns.count, "a value for each row and column")
    (self.values, self.rows, self.columns) = (values, rows, columns)
    let finite = values.filter(\.isFinite)
    self.range = range ?? (finite.min() ?? 0)...(finite.max() ?? 0)
  }

  /// A heat map whose first colour is that of a number such as 0, and the last that of the greatest number there is.
  public init(_ values: [Double], rows: [String], columns: [String], from lowest: Double) {
    let greatest = values.filter(\.isFinite).max() ?? lowest
    self.init(values, rows: rows, columns: columns, range: lowest...max(lowest, greatest))
  }

  /// The colour of a number; nil where it is none.
  public func color(of value: Double) -> Color? {
    guard value.isFinite else { return nil }
    return scale.color(at: share(of: value))
  }

  private func share(of value: Double) -> Double {
    let width = range.upperBound - range.lowerBound
    return width > 0 ? (value - range.lowerBound) / width : 0
  }

  /// A small map without words, for many side by side.
  /// - Parameters:
  ///   - side: The length of its longer side, in pixels.
  ///   - description: What it shows.
  public func thumbnail(side: Double, description: String) -> Picture {
    let size = thumbnailSize(side: side)
    return Picture(
      width: size.width, height: size.height, description: description,
      content: [cells(cellSize: size.cell).adding("shape-rendering", "crispEdges")])
  }

  func thumbnailSize(side: Double) -> (width: Double, height: Double, cell: Double) {
    let cell = side / Double(max(1, rows.count, columns.count))
    return (cell * Double(columns.count), cell * Double(rows.count), cell)
  }

  /// The cells alone, the first at the origin. Cells of one colour beside each other are one shape, and the lowest colour
  /// is the ground, so that large maps stay small files.
  func cells(cellSize: Double) -> Markup {
    var paths: [Int: String] = [:]
    for row in rows.indices {
      var column = 0
      while column < columns.count {
        let level = level(row, column)
        let start = column
        while column < columns.count, self.level(row, column) == level { column += 1 }
        if level != 0 {
          paths[level, default: ""] += "M\(start) \(row)h\(column - start)v1h-\(column - start)z"
        }
      }
    }
    let ground = Markup(
      "rect",
      ["width": columns.count, "height": rows.count, "fill": scale.color(at: 0)])
    let shapes = paths.sorted { $0.key < $1.key }.map { level, path in
      level < 0
        ? Markup("path", ["class": "none", "d": path])
        : Markup(
          "path", ["fill": scale.color(at: Double(level) / Double(Self.levels - 1)), "d": path])
    }
    return Markup("g", ["transform": "scale(\(Self.factor(cellSize)))"], [ground] + shapes)
  }

  /// A factor with more digits than a coordinate needs, since hundreds of cells are multiplied by it.
  private static func factor(_ size: Double) -> String { ((size * 1e5).rounded() / 1e5).description }

  /// The step of the scale that a cell has; -1 for a missing number.
  private func level(_ row: Int, _ column: Int) -> Int {
    let value = values[row * columns.count + column]
    guard value.isFinite else { return -1 }
    return Int((max(0, min(1, share(of: value))) * Double(Self.levels - 1)).rounded())
  }
}

/// Blocks of a page that stand side by side, from left to right.
struct PDFBand {
  typealias Block = [PDFLayout.Line]

  /// At least one, none of them without a line.
  private(set) var blocks: [Block]

  /// The bands of a page, in reading order: a block that follows to the right of the last one at the same height goes into
  /// its band.
  static func all(of blocks: [Block]) -> [PDFBand] {
    var bands: [PDFBand] = []
    for block in blocks where !block.isEmpty {
      if let last = bands.last?.blocks.last, left(block) >= right(last) - 1,
        areLevel(top(block), bottom(block), top(last), bottom(last))
      {
        bands[bands.count - 1].blocks.append(block)
      } else {
        bands.append(PDFBand(blocks: [block]))
      }
    }
    return bands
  }

  /// The lines in poppler's order, as its plain text has them.
  var lines: [String] { blocks.flatMap { $0.map(\.text) } }

  /// Whether the lines of a block are, on average, longer than a table's cells: they are prose.
  static func isProse(_ block: Block) -> Bool {
    block.reduce(0) { $0 + $1.text.count } > longestCell * block.count
  }

  private static let longestCell = 30

  static func left(_ block: Block) -> Double { block.map(\.left).min() ?? 0 }
  static func right(_ block: Block) -> Double { block.map(\.right).max() ?? 0 }
  static func top(_ block: Block) -> Double { block.map(\.top).min() ?? 0 }
  static func bottom(_ block: Block) -> Double { block.map(\.bottom).max() ?? 0 }

  /// Whether two spans share at least half of the smaller one.
  static func areLevel(_ top: Double, _ bottom: Double, _ otherTop: Double, _ otherBottom: Double) -> Bool {
    min(bottom, otherBottom) - max(top, otherTop) >= min(bottom - top, otherBottom - otherTop) / 2
  }
}

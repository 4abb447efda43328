/// Columns of prose whose lines stand so far apart that poppler takes each for a paragraph, and reads across the columns.
struct PDFColumns {
  /// The lines in poppler's order, as its plain text has them.
  private(set) var lines: [String]
  /// The lines of each column, from left to right.
  private(set) var columns: [PDFBand.Block]
  /// Where each column begins.
  private var lefts: [Double]

  /// How far from the others a line of a column may begin, in points, if it is a paragraph's first.
  private static let mostIndentation = 30.0
  /// Fewer rows may be anything.
  private static let fewestRows = 3
  /// No page has more; those of a hostile one are looked at again and again.
  private static let mostRows = 500
  /// A line whose column has no other beside it is no farther from the one above than so many times the usual.
  private static let mostLeading = 1.6
  /// Rows are no farther apart than so many times the height of a line.
  private static let mostDistance = 5.0

  /// Takes as many bands as are rows of the same columns; nil where these are too few.
  ///
  /// - Returns: The columns, and how many bands they are.
  static func leading(_ bands: ArraySlice<PDFBand>) -> (columns: PDFColumns, bandCount: Int)? {
    guard let first = bands.first, first.blocks.count > 1, first.blocks.allSatisfy({ $0.count == 1 }) else {
      return nil
    }
    var found = PDFColumns(first)
    var (rows, bandCount) = (1, 1)
    for band in bands.dropFirst().prefix(mostRows) {
      guard let places = found.places(of: band) else { break }
      found.append(band, to: places)
      bandCount += 1
      if places.count == found.columns.count { rows += 1 }
    }
    guard rows >= fewestRows, found.columns.allSatisfy(PDFBand.isProse) else { return nil }
    return (found, bandCount)
  }

  private init(_ first: PDFBand) {
    (lines, columns, lefts) = (first.lines, first.blocks, first.blocks.map(PDFBand.left))
  }

  private mutating func append(_ band: PDFBand, to places: [Int]) {
    lines += band.lines
    for (place, block) in zip(places, band.blocks) {
      columns[place] += block
      lefts[place] = min(lefts[place], PDFBand.left(block))
    }
  }

  /// The columns that the blocks of a band go on with, a line each; nil where they are of something else.
  private func places(of band: PDFBand) -> [Int]? {
    var places: [Int] = []
    for block in band.blocks {
      guard block.count == 1, let line = block.first,
        let place = columns.indices.first(where: { place in
          place > places.last ?? -1 && stands(line, in: place)
        })
      else { return nil }
      places.append(place)
    }
    guard places.count == columns.count || zip(places, band.blocks).allSatisfy({ isNext($1[0], in: $0) })
    else {
      return nil
    }
    return places
  }

  private func stands(_ line: PDFLayout.Line, in place: Int) -> Bool {
    guard let last = columns[place].last, abs(line.left - lefts[place]) <= Self.mostIndentation else {
      return false
    }
    if lefts.indices.contains(place + 1), line.right > lefts[place + 1] + 1 { return false }
    return line.top > last.top && line.top - last.top < Self.mostDistance * (line.bottom - line.top)
  }

  /// Whether a line is no farther from the last one of its column than its first two are from each other.
  private func isNext(_ line: PDFLayout.Line, in place: Int) -> Bool {
    let column = columns[place]
    guard column.count > 1, let last = column.last else { return false }
    return line.top - last.top <= Self.mostLeading * (column[1].top - column[0].top)
  }
}

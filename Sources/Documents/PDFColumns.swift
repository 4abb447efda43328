/// Columns of prose whose lines stand so far apart that poppler takes each for a paragraph, and reads across the columns.
struct PDFColumns {
  /// The lines in poppler's order, as its plain text has them.
  var lines: [String] = []
  /// The lines of each column, from left to right.
  private(set) var columns: [[PDFLayout.Line]] = []

  /// How far from the others a line of a column may begin, in points, if it is a paragraph's first.
  private static let mostIndentation = 30.0
  /// Fewer rows may be anything.
  private static let fewestRows = 3
  /// A line whose column has no other beside it is no farther from the one above than so many times the usual.
  private static let mostLeading = 1.6
  /// Rows are no farther apart than so many times the height of a line.
  private static let mostDistance = 5.0

  /// Takes as many bands as are rows of the same columns; nil where these are too few.
  ///
  /// - Returns: The columns, and how many bands they are.
  static func leading(_ bands: ArraySlice<PDFBand>) -> (columns: PDFColumns, bandCount: Int)? {
    guard let first = bands.first, first.blocks.count > 1 else { return nil }
    var found = PDFColumns(columns: first.blocks)
    found.lines = first.lines
    var rows = 1
    var bandCount = 1
    for band in bands.dropFirst() {
      guard let places = found.places(of: band) else { break }
      for (place, block) in zip(places, band.blocks) { found.columns[place] += block }
      found.lines += band.lines
      bandCount += 1
      if places.count == found.columns.count { rows += 1 }
    }
    guard rows >= fewestRows, first.blocks.allSatisfy({ $0.count == 1 }),
      found.columns.allSatisfy(PDFBand.isProse)
    else { return nil }
    return (found, bandCount)
  }

  private init(columns: [PDFBand.Block]) { self.columns = columns }

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
    let column = columns[place]
    guard let last = column.last, abs(line.left - PDFBand.left(column)) <= Self.mostIndentation else {
      return false
    }
    if columns.indices.contains(place + 1), line.right > PDFBand.left(columns[place + 1]) + 1 { return false }
    return line.top > last.top && line.top - last.top < Self.mostDistance * (line.bottom - line.top)
  }

  /// Whether a line is no farther from the last one of its column than its first two are from each other.
  private func isNext(_ line: PDFLayout.Line, in place: Int) -> Bool {
    let column = columns[place]
    guard column.count > 1, let last = column.last else { return false }
    return line.top - last.top <= Self.mostLeading * (column[1].top - column[0].top)
  }
}

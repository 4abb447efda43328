/// How much of a page its pictures cover, as `pdfimages -list` tells: a scanned page is one picture.
package struct PDFPictures {
  /// Square points of pictures by page, counted from 1.
  private var areas: [Int: Double] = [:]

  /// - Parameter listing: A heading, and a line for each picture: page, number, type, width, height, colour, components,
  ///   bits, encoding, interpolation, object, generation, and points to the inch in both directions.
  package init(listing: some Sequence<UInt8>) {
    for line in String(decoding: Array(listing), as: UTF8.self).split(separator: "\n") {
      let columns = line.split(separator: " ")
      // Masks only say which parts of another picture show.
      guard columns.count > 13, columns[2] == "image" || columns[2] == "stencil",
        let page = Int(columns[0]), let width = Double(columns[3]), let height = Double(columns[4])
      else { continue }
      // The object of a picture within the page's own content is written as one word.
      let at = columns[10] == "[inline]" ? 11 : 12
      guard let across = Double(columns[at]), let down = Double(columns[at + 1]), across > 0, down > 0
      else { continue }
      areas[page, default: 0] += width / across * 72 * (height / down * 72)
    }
  }

  /// Whether pictures cover at least half of a page of that size in points.
  package func cover(_ page: Int, width: Double, height: Double) -> Bool {
    (areas[page] ?? 0) * 2 >= width * height && width * height > 0
  }
}

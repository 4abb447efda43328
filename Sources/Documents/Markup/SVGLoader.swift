/// Reads the text of pictures in SVG: titles, descriptions and text elements.
struct SVGLoader {
  static let maximumBytes = 64 << 20

  let path: String

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let bytes = try WholeFile.bytes(path, limit: Self.maximumBytes)
    var builder = SectionBuilder()
    var title: String?
    var lines: [String] = []
    // The elements that are open, from the first that has text on.
    var open: [String] = []
    var text = ""
    let reader = XMLReader(path: path, part: "picture") { event in
      switch event {
      case .start(let element):
        if !open.isEmpty {
          // Lines of a text are elements of their own, each with a place.
          if element.name == "tspan", element["x"] != nil || element["dy"] != nil { text += " " }
          open.append(element.name)
        } else if ["text", "title", "desc", "flowRoot", "foreignObject"].contains(element.name) {
          open = [element.name]
          text = ""
        }
      case .text(let piece):
        if !open.isEmpty, !open.contains("style"), !open.contains("script") { text += piece }
      case .end:
        guard let ended = open.popLast() else { return }
        if open.isEmpty {
          let line = SectionBuilder.oneLine(text)
          if ended == "title", title == nil, !line.isEmpty { title = line }
          if !line.isEmpty { lines.append(line) }
        } else if ended == "p" || ended == "div" || ended == "flowPara" {
          text += " "
        }
      }
    }
    reader.allowsPlainEntities = true
    try reader.read(bytes)
    builder.addParagraph(lines.joined(separator: "\n"))
    for section in builder.finish() { try body(section) }
    return DocumentSummary(kind: .svg, title: title)
  }
}

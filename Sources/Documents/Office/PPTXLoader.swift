/// Reads PowerPoint's presentations (PPTX, PresentationML of ECMA-376): slides in the order they are shown, each with its
/// title as a heading, its text, tables, charts and diagrams, and its notes.
struct PPTXLoader {
  let path: String

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let package = try OfficePackage(path: path)
    let main = try package.mainPart()
    let targets = Dictionary(
      try package.relationships(of: main).map { ($0.id, $0.target) }, uniquingKeysWith: { $1 })
    guard let presentation = try package.tree(main) else {
      throw DocumentError(path: path, problem: .damaged(detail: "it has no \(main)"))
    }
    let slides = (presentation.first("p:sldIdLst")?.all("p:sldId") ?? [])
      .compactMap { $0["r:id"].flatMap { targets[$0] } }
    // All slides in one pass, and what they refer to in another.
    let wanted = Set(slides + slides.map(OfficePackage.relationshipsPart))
    let parts = try package.archive.read { wanted.contains($0) }
    var related: [String: [OfficePackage.Relationship]] = [:]
    for slide in slides {
      guard let bytes = parts[OfficePackage.relationshipsPart(of: slide)] else { continue }
      related[slide] = try OfficePackage.relationships(bytes, of: slide, path: path)
    }
    let types: Set<String> = ["notesSlide", "chart", "diagramData"]
    let asides = Set(
      related.values.joined().filter { types.contains($0.type) && !$0.isExternal }.map(\.target))
    let asideParts = try package.archive.read { asides.contains($0) }

    var builder = SectionBuilder()
    var hidden: [Int] = []
    var missing: [Int] = []
    var footers: Set<String> = []
    for (index, slide) in slides.enumerated() {
      guard let bytes = parts[slide] else {
        missing.append(index + 1)
        continue
      }
      let tree = try XMLElement(parsing: bytes, path: path, part: slide)
      if ["0", "false"].contains(tree["show"] ?? "1") { hidden.append(index + 1) }
      builder.place = .slide(index + 1)
      builder.enter([])
      var reader = SlideReader(
        builder: builder, relationships: related[slide] ?? [], parts: asideParts, path: path,
        footers: footers)
      try reader.read(tree)
      (builder, footers) = (reader.builder, reader.footers)
      for section in builder.take() { try body(section) }
    }
    var warnings: [String] = []
    if !hidden.isEmpty { warnings.append("has hidden slides, which were read: \(Self.list(hidden))") }
    if !missing.isEmpty { warnings.append("names slides that it does not have: \(Self.list(missing))") }
    return DocumentSummary(kind: .pptx, title: try package.title(), warnings: warnings)
  }

  static func list(_ numbers: [Int]) -> String {
    let shown = numbers.prefix(20).map(String.init).joined(separator: ", ")
    return numbers.count > 20 ? shown + " and \(numbers.count - 20) more" : shown
  }
}

/// Reads one slide.
struct SlideReader {
  var builder: SectionBuilder
  let relationships: [OfficePackage.Relationship]
  let parts: [String: [UInt8]]
  let path: String
  /// Footers that were taken: each is kept on the first slide that has it.
  var footers: Set<String>

  mutating func read(_ slide: XMLElement) throws(DocumentError) {
    guard let shapes = slide.first("p:cSld")?.first("p:spTree") else { return }
    // The title heads the slide wherever it stands among the shapes.
    if let title = Self.title(shapes) {
      builder.addHeading(Self.paragraphs(title).joined(separator: " "), level: 1)
    }
    try readShapes(shapes)
    for relationship in relationships where relationship.type == "notesSlide" {
      guard let tree = try tree(relationship.target) else { continue }
      for shape in tree.descendants(["p:sp"]) where Self.placeholder(shape) == "body" {
        builder.addParagraph(Self.paragraphs(shape).joined(separator: "\n"), under: ["Notes"])
      }
    }
  }

  private mutating func readShapes(_ container: XMLElement) throws(DocumentError) {
    for shape in container.elements {
      switch shape.name {
      case "p:sp": readShape(shape)
      case "p:grpSp": try readShapes(shape)
      case "p:graphicFrame": try readFrame(shape)
      case "mc:AlternateContent":
        if let choice = shape.first("mc:Choice") ?? shape.first("mc:Fallback") { try readShapes(choice) }
      default: break
      }
    }
  }

  private mutating func readShape(_ shape: XMLElement) {
    let text = Self.paragraphs(shape).joined(separator: "\n")
    switch Self.placeholder(shape) {
    case "title", "ctrTitle", "sldNum", "dt", "hdr": return
    case "ftr": if !footers.insert(text).inserted { return }
    default: break
    }
    builder.addParagraph(text)
  }

  private mutating func readFrame(_ frame: XMLElement) throws(DocumentError) {
    if let table = frame.firstDescendant("a:tbl") { return readTable(table) }
    if let chart = frame.firstDescendant("c:chart")?["r:id"] {
      guard let tree = try tree(target(chart)) else { return }
      return readChart(tree)
    }
    if let diagram = frame.firstDescendant("dgm:relIds")?["r:dm"] {
      guard let tree = try tree(target(diagram)) else { return }
      builder.addParagraph(
        tree.descendants(["a:p"]).map(Self.text).filter { !$0.isEmpty }.joined(separator: "\n"))
    }
  }

  private mutating func readTable(_ table: XMLElement) {
    var above: [Int: String] = [:]
    let rows = table.all("a:tr").map { row in
      row.all("a:tc").enumerated().map { column, cell in
        if cell["vMerge"] == "1" || cell["vMerge"] == "true" { return above[column] ?? "" }
        let text = cell.descendants(["a:p"]).map(Self.text).joined(separator: " ")
        above[column] = text
        return text
      }
    }
    let first = table.first("a:tblPr")?["firstRow"] ?? "1"
    builder.addTable(rows, headerRows: first == "0" || first == "false" ? 0 : 1)
  }

  /// A chart's title, and its figures as a table: a row for each category, a column for each series.
  private mutating func readChart(_ chart: XMLElement) {
    let titles = chart.descendants(["c:title"]).flatMap { $0.descendants(["a:p"]).map(Self.text) }
    builder.addParagraph(titles.filter { !$0.isEmpty }.joined(separator: "\n"))
    let series = chart.descendants(["c:ser"])
    let categories =
      series.lazy.compactMap { $0.first("c:cat") ?? $0.first("c:xVal") }.first
      .map(Self.points) ?? [:]
    let columns = series.map { series in
      (
        name: series.first("c:tx").map { Self.points($0)[0] ?? "" } ?? "",
        values: Self.points(series.first("c:val") ?? series.first("c:yVal") ?? XMLElement(name: ""))
      )
    }
    let count = min(
      10_000, ((columns.flatMap(\.values.keys) + categories.keys).max() ?? -1) + 1)
    guard count > 0 else { return }
    var rows = [[""] + columns.map(\.name)]
    for index in 0..<count {
      rows.append([categories[index] ?? ""] + columns.map { $0.values[index] ?? "" })
    }
    builder.addTable(rows)
  }

  /// The kept values of a chart's reference to a worksheet, by their index.
  private static func points(_ reference: XMLElement) -> [Int: String] {
    var points: [Int: String] = [:]
    for point in reference.descendants(["c:pt"]) {
      guard let index = point["idx"].flatMap({ Int($0) }), 0..<10_000 ~= index else { continue }
      points[index] = point.first("c:v")?.text
    }
    return points
  }

  private func target(_ id: String) -> String { relationships.first { $0.id == id }?.target ?? "" }

  private func tree(_ part: String) throws(DocumentError) -> XMLElement? {
    guard let bytes = parts[part] else { return nil }
    return try XMLElement(parsing: bytes, path: path, part: part)
  }

  private static func title(_ shapes: XMLElement) -> XMLElement? {
    shapes.descendants(["p:sp"]).first { ["title", "ctrTitle"].contains(placeholder($0)) }
  }

  /// What a shape holds the place of, as "title"; empty where it is no placeholder.
  private static func placeholder(_ shape: XMLElement) -> String {
    guard let place = shape.first("p:nvSpPr")?.first("p:nvPr")?.first("p:ph") else { return "" }
    return place["type"] ?? "obj"
  }

  private static func paragraphs(_ shape: XMLElement) -> [String] {
    shape.descendants(["a:p"]).map(text).filter { !$0.isEmpty }
  }

  /// The text of a paragraph.
  static func text(_ paragraph: XMLElement) -> String {
    var text = ""
    for element in paragraph.elements {
      switch element.name {
      case "a:r", "a:fld": text += element.first("a:t")?.text ?? ""
      case "a:br": text += "\n"
      default: text += element.descendants(["m:t"]).map(\.text).joined()
      }
    }
    return text
  }
}

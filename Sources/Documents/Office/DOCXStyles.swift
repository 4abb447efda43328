/// What a Word document's paragraph styles mean.
struct DOCXStyles {
  private struct Style {
    var name: String
    var parent: String?
    var level: Int?
    var numbering: XMLElement?
  }

  private var styles: [String: Style] = [:]

  init(_ tree: XMLElement?) {
    for style in tree?.all("w:style") ?? [] {
      guard let id = style["w:styleId"] else { continue }
      let properties = style.first("w:pPr")
      styles[id] = Style(
        name: style.first("w:name")?["w:val"]?.lowercased() ?? id.lowercased(),
        parent: style.first("w:basedOn")?["w:val"],
        level: properties?.first("w:outlineLvl")?["w:val"].flatMap { Int($0) },
        numbering: properties?.first("w:numPr"))
    }
  }

  /// A style and those it is based on.
  private func chain(_ id: String?) -> [Style] {
    var chain: [Style] = []
    var next = id
    while let id = next, let style = styles[id], chain.count < 16 {
      chain.append(style)
      next = style.parent
    }
    return chain
  }

  func isTitle(_ id: String?) -> Bool { id == "Title" || chain(id).first?.name == "title" }

  func isContents(_ id: String?) -> Bool {
    guard let name = chain(id).first?.name else { return false }
    return name.hasPrefix("toc ") && name != "toc heading"
  }

  /// Whether a style is that of code.
  func isCode(_ id: String?) -> Bool {
    chain(id).contains {
      ["source code", "html preformatted", "code", "preformatted text"].contains($0.name)
    }
  }

  /// The level of a heading, counted from 0; nil for other paragraphs.
  func level(_ id: String?) -> Int? {
    for style in chain(id) {
      if let level = style.level { return level < 9 ? level : nil }
      if style.name.hasPrefix("heading "), let level = Int(style.name.dropFirst(8)), level > 0 {
        return level - 1
      }
    }
    // Documents without styles refer to those that Word has built in.
    if styles.isEmpty, let id, id.hasPrefix("Heading"), let level = Int(id.dropFirst(7)) { return level - 1 }
    return nil
  }

  /// The numbering of paragraphs of a style.
  func numbering(_ id: String?) -> XMLElement? { chain(id).lazy.compactMap(\.numbering).first }
}

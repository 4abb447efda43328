import MartletJSON

/// Reads Jupyter's notebooks (nbformat 3 and 4): Markdown, code and the text of outputs, cell by cell. Pictures are left out
/// and counted.
struct NotebookLoader {
  /// A notebook is parsed as a whole.
  static let maximumBytes = 128 << 20

  let path: String

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let (bytes, encodingWarnings) = try WholeFile.text(path, limit: Self.maximumBytes)
    let notebook: JSON
    do { notebook = try JSON(parsing: bytes) } catch {
      throw DocumentError(path: path, problem: .damaged(detail: "\(error)"))
    }
    let worksheets = notebook["worksheets"]?.arrayValue?.compactMap { $0["cells"]?.arrayValue }
    guard let cells = notebook["cells"]?.arrayValue ?? worksheets.map({ Array($0.joined()) }) else {
      throw DocumentError(path: path, problem: .damaged(detail: "it is JSON, but has no cells of a notebook"))
    }
    var reader = NotebookCells()
    for (index, cell) in cells.enumerated() {
      for section in reader.sections(of: cell, number: index + 1) { try body(section) }
    }
    var warnings = encodingWarnings
    if reader.pictures > 0 {
      warnings.append(
        "has \(reader.pictures) \(reader.pictures == 1 ? "picture" : "pictures"), which were left out")
    }
    let title = notebook["metadata"]?["title"]?.stringValue ?? reader.title
    return DocumentSummary(kind: .notebook, title: title, warnings: warnings)
  }
}

/// Reads the cells of a notebook, with the headings that go on from one to the next.
private struct NotebookCells {
  private(set) var pictures = 0
  private(set) var title: String?
  private var headings: [(level: Int, text: String)] = []

  mutating func sections(of cell: JSON, number: Int) -> [Section] {
    var sections: [Section]
    let source = Self.text(cell["source"] ?? cell["input"])
    pictures += cell["attachments"]?.objectValue?.count ?? 0
    switch cell["cell_type"]?.stringValue ?? "" {
    case "markdown": sections = markdown(strip(source))
    case "heading":
      let level = min(max(1, cell["level"]?.intValue ?? 1), 6)
      sections = markdown(String(repeating: "#", count: level) + " " + SectionBuilder.oneLine(source))
    case "code":
      sections = [passage(source, .code)]
      for output in cell["outputs"]?.arrayValue ?? [] {
        sections.append(passage(text(ofOutput: output), .code))
      }
    default: sections = [passage(source, .prose)]
    }
    return sections.filter { $0.text.contains { !$0.isWhitespace } }.map { section in
      var section = section
      section.place = .cell(number)
      return section
    }
  }

  private func passage(_ text: String, _ role: Section.Role) -> Section {
    var text = text[...]
    while text.last?.isWhitespace == true { text.removeLast() }
    while text.first?.isNewline == true { text.removeFirst() }
    return Section(text: String(text), headings: headings.map(\.text), role: role, linesFollowFile: false)
  }

  private mutating func markdown(_ source: String) -> [Section] {
    MarkdownLoader.sections(of: Array(source.utf8)).sections.map { section in
      if section.role == .heading, let text = section.headings.last {
        let marks = section.text.drop { $0 == " " }.prefix { $0 == "#" }.count
        let level = marks > 0 ? marks : section.text.hasSuffix("=") ? 1 : 2
        headings.removeAll { $0.level >= level }
        headings.append((level, text))
        if title == nil { title = text }
      }
      var section = section.withoutLines
      section.headings = headings.map(\.text)
      return section
    }
  }

  private mutating func text(ofOutput output: JSON) -> String {
    switch output["output_type"]?.stringValue ?? "" {
    case "stream": return strip(TerminalText.plain(Self.text(output["text"])))
    case "error", "pyerr":
      let trace = output["traceback"].map { Self.text($0, separator: "\n") } ?? ""
      let name = "\(output["ename"]?.stringValue ?? ""): \(output["evalue"]?.stringValue ?? "")"
      return TerminalText.plain(trace.isEmpty ? name : trace)
    default: return strip(TerminalText.plain(display(output["data"] ?? output)))
    }
  }

  /// The text of what a cell shows: the plainest form.
  private mutating func display(_ data: JSON) -> String {
    let kinds = data.objectValue?.keys ?? []
    let hasPicture = kinds.contains { $0.hasPrefix("image/") || $0 == "png" || $0 == "jpeg" || $0 == "svg" }
    if hasPicture { pictures += 1 }
    for kind in ["text/plain", "text/markdown", "text/latex", "text", "latex"] where data[kind] != nil {
      let text = Self.text(data[kind])
      // What stands for a picture says nothing.
      if hasPicture, text.hasPrefix("<"), text.hasSuffix(">") { return "" }
      return text
    }
    guard data["text/html"] != nil || data["html"] != nil else { return "" }
    let page = try? HTMLLoader.parse(Array(Self.text(data["text/html"] ?? data["html"]).utf8), path: "")
    return page?.sections.map(\.text).joined(separator: "\n") ?? ""
  }

  private mutating func strip(_ text: String) -> String {
    let (rest, count) = BinaryPayload.removed(from: text)
    pictures += count
    return rest
  }

  /// Text that a notebook holds as one string, or as its lines.
  private static func text(_ value: JSON?, separator: String = "") -> String {
    if let text = value?.stringValue { return text }
    return value?.arrayValue?.compactMap(\.stringValue).joined(separator: separator) ?? ""
  }
}

/// What a terminal would show of a program's output.
enum TerminalText {
  /// The text without escape sequences (ECMA-48) and, of lines that were written over, the last.
  static func plain(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.value == 0x1B || $0 == "\r" || $0.value == 8 }) else {
      return text
    }
    var out: [Unicode.Scalar] = []
    var lineStart = 0
    var scalars = text.unicodeScalars[...]
    while let scalar = scalars.popFirst() {
      switch scalar.value {
      case 0x1B:
        if scalars.first == "[" {
          scalars = scalars.dropFirst().drop { !(0x40...0x7E ~= $0.value) }.dropFirst()
        } else if scalars.first == "]" {
          scalars = scalars.drop { $0.value != 7 && $0.value != 0x1B }.dropFirst()
        } else {
          scalars = scalars.dropFirst()
        }
      case 0x0D:
        if scalars.first != "\n", scalars.first != nil { out.removeLast(out.count - lineStart) }
      case 0x08: if out.count > lineStart { out.removeLast() }
      case 0x0A:
        out.append(scalar)
        lineStart = out.count
      default: out.append(scalar)
      }
    }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: out)
    return String(view)
  }
}

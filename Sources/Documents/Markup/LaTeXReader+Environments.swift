extension LaTeXReader {
  mutating func beginEnvironment(_ name: String) {
    let bare = name.hasSuffix("*") ? String(name.dropLast()) : name
    if Self.verbatim.contains(bare) { return readVerbatim(name, .code) }
    if bare == "Highlighting" { return readHighlighted(name) }
    if Self.math.contains(bare) { return readVerbatim(name, .prose) }
    if bare == "comment" || bare == "tikzpicture" || bare == "pgfpicture" { return skipEnvironment(name) }
    environments.append(name)
    if Self.tables.contains(bare) {
      if tables.isEmpty {
        endParagraph()
        tableLine = line
      }
      tables.append([])
      skipOptional()
      if ["tabularx", "tabular*", "tabulary"].contains(name) { _ = argument() }
      _ = argument()
    } else if Self.lists.contains(bare) {
      endParagraph()
      items.append(0)
      skipOptional()
    } else {
      if tables.isEmpty { endParagraph() }
      skipOptional()
      if ["minipage", "multicols", "thebibliography", "adjustbox", "wrapfigure", "columns", "column"]
        .contains(bare)
      {
        _ = argument()
      }
    }
  }

  mutating func endEnvironment(_ name: String) {
    let bare = name.hasSuffix("*") ? String(name.dropLast()) : name
    if let index = environments.lastIndex(of: name) { environments.removeSubrange(index...) }
    if Self.tables.contains(bare) {
      endTable()
    } else {
      if tables.isEmpty { endParagraph() }
      if Self.lists.contains(bare) { _ = items.popLast() }
      if name == "document" { at = bytes.count }
    }
  }

  mutating func readVerbatim(_ name: String, _ role: Section.Role) {
    if role == .code { endParagraph() }
    let start = at
    let first = line
    let end = firstIndexPlain(of: "\\end{\(name)}", from: at) ?? bytes.count
    let close = min(bytes.count, end + name.utf8.count + 6)
    line += bytes[start..<end].count { $0 == 0x0A }
    at = close
    if role == .code {
      var text = bytes[start..<end]
      if text.first == UInt8(ascii: "["), let options = text.firstIndex(of: 0x0A) { text = text[options...] }
      while let byte = text.first, byte == 0x0A { text.removeFirst() }
      while let byte = text.last, byte <= 0x20 { text.removeLast() }
      addSection(String(decoding: text, as: UTF8.self), first, line, .code)
    } else {
      var math = SectionBuilder.oneLine(String(decoding: bytes[start..<end], as: UTF8.self))
      while let label = math.firstRange(of: "\\label{"),
        let close = math[label.upperBound...].firstIndex(of: "}")
      {
        math.removeSubrange(label.lowerBound...close)
      }
      if startLine == 0 { startLine = first }
      append(text: " " + math + " ")
      endLine = line
    }
  }

  /// Code whose words have commands around them for their colours.
  mutating func readHighlighted(_ name: String) {
    endParagraph()
    let (start, first) = (at, line)
    skipEnvironment(name)
    let lines = bytes[start..<max(start, at - name.utf8.count - 6)].split(
      separator: 0x0A, omittingEmptySubsequences: false)
    let text = lines.dropFirst().map { line in
      let indentation = line.prefix { $0 == 0x20 }
      return String(decoding: indentation, as: UTF8.self) + plain(line)
    }
    addSection(text.joined(separator: "\n"), first, line, .code)
  }

  func firstIndexPlain(of text: String, from start: Int) -> Int? {
    let needle = Array(text.utf8)
    var index = start
    while index + needle.count <= bytes.count {
      if bytes[index] == needle[0], bytes[index...].starts(with: needle) { return index }
      index += 1
    }
    return nil
  }

  mutating func skipEnvironment(_ name: String) {
    let end = firstIndexPlain(of: "\\end{\(name)}", from: at) ?? bytes.count
    line += bytes[at..<end].count { $0 == 0x0A }
    at = min(bytes.count, end + name.utf8.count + 6)
  }
}

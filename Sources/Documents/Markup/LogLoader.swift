/// Reads logs line by line, so that no line is cut in two; the indented lines of a trace belong to the line above them.
struct LogLoader {
  /// The most lines of one entry.
  static let longestEntry = 40

  let path: String

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let file = try TextFile(path: path)
    var lines = LineStream()
    var groups = RowGroups(linesFollowFile: true)
    var entry: Table.Row?
    var count = 0
    func take(_ line: ArraySlice<UInt8>, _ number: Int) throws {
      var line = line
      while let last = line.last, last <= 0x20 { line.removeLast() }
      guard let first = line.first else { return }
      let text = String(decoding: line, as: UTF8.self)
      // An entry goes on only on the very next line.
      if first == 0x20 || first == 0x09, let open = entry, open.endLine == number - 1,
        count < Self.longestEntry
      {
        entry = Table.Row(open.text + "\n" + text, startLine: open.startLine, endLine: number)
        count += 1
        return
      }
      if let entry { try groups.append(entry, body) }
      entry = Table.Row(text, startLine: number, endLine: number)
      count = 1
    }
    let replaced = try file.forEachPiece { piece in try lines.append(piece, take) }
    try lines.finish(take)
    if let entry { try groups.append(entry, body) }
    try groups.finish(body)
    return DocumentSummary(kind: .log, warnings: file.warnings + TextFile.replacementWarning(replaced))
  }
}

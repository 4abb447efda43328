import MartletJSON

/// Reads JSON Lines as they stream by: each line is a row, its members as "name: value".
struct JSONLinesLoader {
  /// Members that say more stand on lines of their own.
  static let shortRow = 240

  let path: String

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let file = try TextFile(path: path)
    var lines = LineStream()
    var groups = RowGroups(linesFollowFile: false)
    var (odd, payloads) = (0, 0)
    func take(_ line: ArraySlice<UInt8>, _ number: Int) throws {
      guard line.contains(where: { $0 > 0x20 }) else { return }
      var text = ""
      do throws(JSONError) { text = Self.row(try JSON(parsing: line)) } catch {
        odd += 1
        text = String(decoding: line, as: UTF8.self)
      }
      let (rest, count) = BinaryPayload.removed(from: text)
      payloads += count
      if !rest.isEmpty { try groups.append(Table.Row(rest, startLine: number, endLine: number), body) }
    }
    let replaced = try file.forEachPiece { piece in try lines.append(piece, take) }
    try lines.finish(take)
    try groups.finish(body)
    var warnings = file.warnings + TextFile.replacementWarning(replaced)
    if odd > 0 {
      warnings.append("has \(odd) \(odd == 1 ? "line that is" : "lines that are") not JSON, kept as they are")
    }
    warnings += BinaryPayload.warning(payloads)
    return DocumentSummary(kind: .jsonLines, warnings: warnings)
  }

  /// A value as a row: the members of an object, those of objects within by their path.
  static func row(_ value: JSON) -> String {
    var members: [String] = []
    collect(value, "", &members)
    let isShort =
      members.reduce(0) { $0 + $1.utf8.count } <= shortRow && !members.contains { $0.contains("\n") }
    return members.joined(separator: isShort ? " | " : "\n")
  }

  private static func collect(_ value: JSON, _ path: String, _ members: inout [String]) {
    let label = path.isEmpty ? "" : path + ": "
    switch value {
    case .null: break
    case .string(let text): if !text.isEmpty { members.append(label + text) }
    case .object(let object):
      for (key, member) in object { collect(member, path.isEmpty ? key : path + "." + key, &members) }
    case .array(let elements):
      let plain = elements.compactMap(scalar)
      if plain.count == elements.count {
        if !plain.isEmpty { members.append(label + plain.joined(separator: ", ")) }
      } else {
        for element in elements { collect(element, path, &members) }
      }
    default: if let text = scalar(value) { members.append(label + text) }
    }
  }

  private static func scalar(_ value: JSON) -> String? {
    switch value {
    case .string(let text): text
    case .number(let number): number.literal
    case .bool(let flag): flag ? "true" : "false"
    default: nil
    }
  }
}

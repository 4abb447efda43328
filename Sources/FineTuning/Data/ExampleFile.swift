import Foundation
import MartletDatasets
import MartletDocuments
import MartletJSON

/// A file of examples, read row by row.
struct ExampleFile {
  /// What is in a file.
  enum Kind: Equatable {
    case jsonLines
    case jsonArray
    /// With what stands between cells.
    case table(separator: UInt8)
    case text
  }

  /// A row, or why it is none.
  typealias Row = Result<JSONObject, RowProblem>
  /// Thrown by those who have read enough.
  private struct Enough: Error {}

  let path: String
  let kind: Kind

  /// Looks at a file's name and its first bytes.
  init(_ path: String) throws(TrainingDataError) {
    self.path = path
    switch FileStatus.of(path, followingLinks: true) {
    case .failure(let error):
      throw .unreadable(file: path, problem: "it cannot be opened (\(error.reason))")
    case .success(let status):
      if status.form == .folder {
        throw .unreadable(file: path, problem: "it is a folder; name its files, or give it as --code")
      }
    }
    kind = try Self.kind(of: path, head: try Self.head(of: path))
  }

  private static func kind(of path: String, head: [UInt8]) throws(TrainingDataError) -> Kind {
    let first = head.first { $0 > 0x20 }
    switch path.split(separator: "/").last?.split(separator: ".").dropFirst().last?.lowercased() {
    case "jsonl", "ndjson", "json": return first == UInt8(ascii: "[") ? .jsonArray : .jsonLines
    case "csv": return .table(separator: separator(of: head))
    case "tsv", "tab": return .table(separator: UInt8(ascii: "\t"))
    case "parquet", "arrow", "gz", "zst", "xz", "bz2", "zip", "xlsx", "pdf", "docx":
      throw .unreadable(
        file: path, problem: "it is no text; make JSON lines of it first, one object with the example a line")
    case "txt", "text", "md": return .text
    default: return first == UInt8(ascii: "{") ? .jsonLines : .text
    }
  }

  private static func head(of path: String) throws(TrainingDataError) -> [UInt8] {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw .unreadable(file: path, problem: "it cannot be opened (\(String(cString: strerror(errno))))")
    }
    let head: [UInt8]
    do { head = [UInt8](try handle.read(upToCount: 1 << 16) ?? Data()) } catch {
      throw .unreadable(file: path, problem: "reading it failed (\(error.localizedDescription))")
    }
    return head.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(head.dropFirst(3)) : head
  }

  /// What stands between the names of the first line: the sign that makes names of them that rows have.
  private static func separator(of head: [UInt8]) -> UInt8 {
    let line = head.prefix { $0 != 0x0A && $0 != 0x0D }
    let known = Set(TrainingRow.Format.allCases.flatMap(\.members))
    return [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")].max {
      first, second in
      func names(_ separator: UInt8) -> Int {
        line.split(separator: separator).count { name in
          known.contains(
            String(decoding: name, as: UTF8.self).trimmingCharacters(in: .whitespaces.union(["\""])))
        }
      }
      return names(first) < names(second)
    } ?? UInt8(ascii: ",")
  }

  /// Reads the rows of a file that is no plain text.
  /// - Parameter body: Is given the line on which each row begins, and tells whether to read on.
  /// - Returns: What a person should know of the file.
  func readRows(
    _ body: (Int, Row) throws(TrainingDataError) -> Bool
  ) throws(TrainingDataError) -> [String] {
    switch kind {
    case .jsonLines: try readLines(body)
    case .jsonArray: try readArray(body)
    case .table(let separator): return try readTable(separator, body)
    case .text: break
    }
    return []
  }

  /// Reads plain text in parts of about a mebibyte, each of which ends at the end of a line.
  func readText(_ body: (String) throws(TrainingDataError) -> Void) throws(TrainingDataError) -> [String] {
    var rest: [UInt8] = []
    return try readPieces { piece in
      rest += piece
      guard rest.count >= 1 << 20, let end = Self.lastLineEnd(rest) else { return }
      try body(String(decoding: rest[..<end], as: UTF8.self))
      rest.removeFirst(end)
    } atEnd: {
      if !rest.isEmpty { try body(String(decoding: rest, as: UTF8.self)) }
    }
  }

  /// The place after the last line break that no white space follows: tokens seldom go over it.
  private static func lastLineEnd(_ bytes: [UInt8]) -> Int? {
    var index = bytes.count - 1
    while index > 0 {
      if bytes[index - 1] == 0x0A, bytes[index] > 0x20 { return index }
      index -= 1
    }
    return nil
  }

  private func readLines(_ body: (Int, Row) throws(TrainingDataError) -> Bool) throws(TrainingDataError) {
    var lastProblem = 0
    do {
      var rows = try DatasetRows(path: path)
      while true {
        let row: Row
        do throws(DatasetError) {
          guard let object = try rows.next() else { return }
          row = .success(object)
        } catch {
          // An error that comes twice for one line is not the row's.
          guard case .malformed(_, let line?, let problem) = error, line != lastProblem else { throw error }
          lastProblem = line
          row = .failure(RowProblem(reason: problem))
        }
        if try !body(max(rows.line, lastProblem), row) { return }
      }
    } catch let error as TrainingDataError {
      throw error
    } catch {
      throw .unreadable(file: path, problem: "reading it failed (\(error))")
    }
  }

  private func readArray(_ body: (Int, Row) throws(TrainingDataError) -> Bool) throws(TrainingDataError) {
    do {
      var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
      if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
      var reader = try JSONReader(bytes)
      var (line, counted) = (1, 0)
      try reader.readElements { reader in
        let text = try reader.skipValue()
        line += bytes[counted..<text.startIndex].count { $0 == 0x0A }
        counted = text.startIndex
        let row: Row
        do throws(JSONError) {
          let value = try JSON(parsing: text)
          row =
            if let object = value.objectValue { .success(object) } else {
              .failure(RowProblem(reason: "a row must be an object, not \(value.kind)"))
            }
        } catch {
          row = .failure(RowProblem(reason: "it is not valid JSON (\(error.problem))"))
        }
        if try !body(line, row) { throw Enough() }
      }
      try reader.readEnd()
    } catch is Enough {
      return
    } catch let error as TrainingDataError {
      throw error
    } catch let error as JSONError {
      throw .unreadable(
        file: path,
        problem: "it is not valid JSON at line \(error.line), column \(error.column) (\(error.problem))")
    } catch {
      throw .unreadable(file: path, problem: "reading it failed (\(error.localizedDescription))")
    }
  }

  private func readTable(
    _ separator: UInt8, _ body: (Int, Row) throws(TrainingDataError) -> Bool
  ) throws(TrainingDataError) -> [String] {
    var rows = CSVRows(exactly: separator, maximumRecordBytes: 16 << 20)
    var table = ExampleTable(path: path)
    func take(_ records: [CSVRow]) throws {
      for record in records {
        guard let row = try table.row(record) else { continue }
        if try !body(record.row.startLine ?? 0, row) { throw Enough() }
      }
    }
    return try readPieces { piece in
      try take(rows.append(piece))
    } atEnd: {
      try take(rows.finish())
    }
  }

  private func readPieces(
    _ body: ([UInt8]) throws -> Void, atEnd: () throws -> Void
  ) throws(TrainingDataError) -> [String] {
    do {
      let file = try TextFile(path: path)
      var warnings = file.warnings
      do {
        warnings += TextFile.replacementWarning(try file.forEachPiece(body))
        try atEnd()
      } catch is Enough {}
      return warnings.map { "\(path) \($0)." }
    } catch let error as TrainingDataError {
      throw error
    } catch let error as DocumentError {
      throw .unreadable(file: path, problem: "it \(error.problem)")
    } catch {
      throw .unreadable(file: path, problem: "reading it failed (\(error.localizedDescription))")
    }
  }
}

/// A table of examples, the names of whose columns stand in its first row.
private struct ExampleTable {
  let path: String
  private var names: [String]?

  init(path: String) { self.path = path }

  /// The row of a record; nil for the first, which has the names.
  mutating func row(_ record: CSVRow) throws(TrainingDataError) -> ExampleFile.Row? {
    guard let names else {
      try takeNames(record.cells.map { $0.trimmingCharacters(in: .whitespaces) })
      return nil
    }
    guard record.isSound else {
      return .failure(RowProblem(reason: "a quotation mark is not closed, or text follows a closing one"))
    }
    guard record.cells.count == names.count else {
      return .failure(
        RowProblem(reason: "the row has \(record.cells.count) cells, but there are \(names.count) columns"))
    }
    var object = JSONObject()
    for (name, cell) in zip(names, record.cells) {
      guard name == "messages" || name == "tools" else {
        object[name] = .string(cell)
        continue
      }
      if cell.isEmpty { continue }
      do { object[name] = try JSON(parsing: cell) } catch {
        return .failure(RowProblem(reason: "\"\(name)\" is not valid JSON (\(error.problem))"))
      }
    }
    return .success(object)
  }

  private mutating func takeNames(_ names: [String]) throws(TrainingDataError) {
    let formats = TrainingRow.Format.allCases
    guard formats.contains(where: { $0.required.allSatisfy(names.contains) }) else {
      let found = names.prefix(8).map { "\"\($0.prefix(40))\"" }.joined(separator: ", ")
      throw .unreadable(
        file: path,
        problem:
          "its first row must name the columns, among them prompt and completion, messages, instruction "
          + "and output, or text; it has \(found)")
    }
    guard Set(names).count == names.count else {
      let twice = names.first { name in names.count { $0 == name } > 1 } ?? ""
      throw .unreadable(file: path, problem: "its first row names the column \"\(twice)\" twice")
    }
    self.names = names
  }
}

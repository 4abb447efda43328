import MartletJSON

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Reads the file of ids beside a file of vectors: one JSON string a line, in the order of the rows.
struct RecordIDReader {
  private let lines: LineSource
  private let rows: Int

  /// Where there is such a file; nil where there is none.
  init?(beside path: String, rows: Int) throws(VectorFileError) {
    let idsPath = VectorFileFormat.idsPath(of: path)
    guard access(idsPath, F_OK) == 0 else { return nil }
    lines = try LineSource(path: idsPath)
    self.rows = rows
  }

  /// The next ids.
  func next(_ count: Int) throws(VectorFileError) -> [String] {
    var ids = [String]()
    ids.reserveCapacity(count)
    while ids.count < count {
      guard let id = try next() else {
        throw VectorFileError(
          .damaged, path: lines.path, at: .line(lines.line + 1),
          "the ids end here, but there are \(rows) vectors")
      }
      ids.append(id)
    }
    return ids
  }

  /// Throws where there are more ids than vectors.
  func finish() throws(VectorFileError) {
    if try lines.next() != nil {
      throw VectorFileError(
        .damaged, path: lines.path, at: .line(lines.line), "there are more ids than the \(rows) vectors")
    }
  }

  private func next() throws(VectorFileError) -> String? {
    guard let line = try lines.next() else { return nil }
    guard let id = try? JSON(parsing: line).stringValue else {
      throw VectorFileError(.damaged, path: lines.path, at: .line(lines.line), "this is no JSON string")
    }
    return id
  }
}

/// Writes the ids beside a file of vectors, if what that file holds does not tell them.
final class RecordIDWriter {
  private let file: PendingFile
  private(set) var count = 0
  /// Whether each id so far is its row's number.
  private(set) var areRows = true
  /// Whether each id so far is a whole number from 0 up, as one would write it.
  private(set) var areNumbers = true

  init(beside path: String) throws(VectorFileError) {
    file = try PendingFile(path: VectorFileFormat.idsPath(of: path))
  }

  func append(_ id: String) throws(VectorFileError) {
    try file.append(Array((JSON.quoted(id) + "\n").utf8))
    let number = Self.number(id)
    areNumbers = areNumbers && number != nil
    areRows = areRows && number == Int64(count)
    count += 1
  }

  /// The number that an id is, if it is one as FAISS has them and is written as numbers are: no sign, no zero before.
  static func number(_ id: String) -> Int64? {
    guard let number = Int64(id), number >= 0, String(number) == id else { return nil }
    return number
  }

  /// Hands over the numbers that the ids are; those of the rows where some are none.
  func writeNumbers(_ write: (Int64) throws(VectorFileError) -> Void) throws(VectorFileError) {
    guard areNumbers, !areRows else {
      for row in 0..<count { try write(Int64(row)) }
      return
    }
    try file.flush()
    let lines = try LineSource(path: file.temporaryPath)
    while let line = try lines.next() {
      guard let number = Self.number(String(decoding: line.dropFirst().dropLast(), as: UTF8.self)) else {
        throw VectorFileError(
          .inputOutput, path: file.temporaryPath, "the file was changed while it was written")
      }
      try write(number)
    }
  }

  /// Puts the file in its place, or takes away what an earlier one of that name says.
  ///
  /// - Returns: Its path where it is there.
  func finish(isNeeded: Bool) throws(VectorFileError) -> String? {
    if isNeeded {
      try file.finish()
      return file.path
    }
    if unlink(file.path) != 0 && errno != ENOENT {
      throw .refusal(path: file.path, "removing the file of former ids", number: errno)
    }
    return nil
  }
}

import Foundation
import MartletCheckpoints
import MartletJSON

/// The rows of a file of JSON lines, read one after the other in memory that does not grow with the file.
public struct DatasetRows: ~Copyable {
  /// The file.
  public let path: String
  /// The number of the line that ``next()`` gave last, from 1.
  public private(set) var line = 0
  private let handle: FileHandle
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false

  /// A line this long is no row, but a file of another kind.
  private static let longestLine = 64 << 20

  /// Opens a file of JSON lines. A byte order mark at its beginning is passed over.
  /// - Throws: ``DatasetError/file(_:)`` where it cannot be opened.
  public init(path: String) throws(DatasetError) {
    self.path = path
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw .file(
        .notFound("\(path) cannot be opened (\(String(cString: strerror(errno))))", advice: "Check the path.")
      )
    }
    self.handle = handle
  }

  /// The next row; nil at the end. Empty lines are skipped.
  /// - Throws: ``DatasetError/malformed(file:line:problem:)`` for a line that is no JSON object.
  public mutating func next() throws(DatasetError) -> JSONObject? {
    while var bytes = try nextLine() {
      if line == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
      if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      let value: JSON
      do throws(JSONError) { value = try JSON(parsing: bytes) } catch {
        throw .malformed(file: path, line: line, problem: "it is no JSON (\(error.problem))")
      }
      guard case .object(let row) = value else {
        throw .malformed(file: path, line: line, problem: "a row must be an object, not \(value.kind)")
      }
      return row
    }
    return nil
  }

  private mutating func nextLine() throws(DatasetError) -> [UInt8]? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0A) {
        defer { start = end + 1 }
        line += 1
        return Array(buffer[start..<end])
      }
      if isAtEnd {
        guard start < buffer.count else { return nil }
        defer { start = buffer.count }
        line += 1
        return Array(buffer[start...])
      }
      searched = buffer.count - start
      buffer.removeFirst(start)
      start = 0
      guard buffer.count < Self.longestLine else {
        throw .malformed(file: path, line: line + 1, problem: "it is longer than 64 MiB, and no row")
      }
      let piece: Data?
      do { piece = try handle.read(upToCount: 1 << 16) } catch {
        throw .file(.inputOutput(path: path, problem: "reading it failed (\(error.localizedDescription))"))
      }
      if let piece, !piece.isEmpty { buffer += piece } else { isAtEnd = true }
    }
  }
}

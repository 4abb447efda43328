import Foundation
import MartletJSON

/// The rows of a data set by split, each with where it comes from.
///
/// A split's file is `NAME.jsonl`, or `NAME.json` with a list of objects or what the Hugging Face data server gives for
/// `/rows`. Files that are cut into parts (`test-00000-of-00002.jsonl`) are joined.
public struct TaskData: Sendable {
  /// The rows, by the name of their split.
  public private(set) var splits: [String: [TaskRow]] = [:]
  /// Whether all rows come from one file, which then stands for the split that is evaluated.
  let isSingleFile: Bool

  /// No rows: for tasks that hold their own questions.
  public init() { isSingleFile = false }

  /// Rows that are given as values, by split.
  public init(_ splits: [String: [JSONObject]]) {
    isSingleFile = false
    self.splits = splits.mapValues { rows in
      rows.enumerated().map { TaskRow($1, at: RowPlace(file: nil, line: $0 + 1)) }
    }
  }

  /// Rows by split.
  public init(rows splits: [String: [TaskRow]]) {
    isSingleFile = false
    self.splits = splits
  }

  /// The `.jsonl` and `.json` files of a folder, or one such file.
  /// - Throws: ``TaskError`` where a file cannot be read, or a line is not an object.
  public init(contentsOf location: URL) throws(TaskError) {
    let names: [String]
    var isFolder: ObjCBool = false
    let path = location.path(percentEncoded: false)
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw .unreadable(file: path, reason: "there is no such file or folder")
    }
    isSingleFile = !isFolder.boolValue
    guard isFolder.boolValue else {
      splits[Self.split(of: location.lastPathComponent)] = try Self.rows(of: location)
      return
    }
    do { names = try FileManager.default.contentsOfDirectory(atPath: path).sorted() } catch {
      throw .unreadable(file: path, reason: error.localizedDescription)
    }
    for name in names where !name.hasPrefix(".") && (name.hasSuffix(".jsonl") || name.hasSuffix(".json")) {
      splits[Self.split(of: name), default: []] += try Self.rows(of: location.appending(path: name))
    }
  }

  /// "test" of "test.jsonl" and of "test-00000-of-00002.jsonl".
  private static func split(of name: String) -> String {
    let base =
      name.hasSuffix(".jsonl") ? name.dropLast(6) : name.hasSuffix(".json") ? name.dropLast(5) : name[...]
    guard let part = base.firstRange(of: #/-\d{5}-of-\d{5}$/#) else { return String(base) }
    return String(base[..<part.lowerBound])
  }

  private static func rows(of file: URL) throws(TaskError) -> [TaskRow] {
    let bytes: [UInt8]
    do { bytes = [UInt8](try Data(contentsOf: file)) } catch {
      throw .unreadable(file: file.path(percentEncoded: false), reason: error.localizedDescription)
    }
    let name = file.lastPathComponent
    return name.hasSuffix(".json") ? try list(bytes, name) : try lines(bytes, name)
  }

  static func lines(_ bytes: [UInt8], _ name: String) throws(TaskError) -> [TaskRow] {
    var rows: [TaskRow] = []
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { continue }
      let place = RowPlace(file: name, line: index + 1)
      let value: JSON
      do { value = try JSON(parsing: line) } catch {
        throw .notARow(place, problem: "\(error.problem) (column \(error.column))")
      }
      guard let object = value.objectValue else {
        throw .notARow(place, problem: "a row must be an object, but this is \(value.kind)")
      }
      rows.append(TaskRow(object, at: place))
    }
    return rows
  }

  /// The rows of a list, or of an answer `{"rows": [{"row": {…}}]}`.
  private static func list(_ bytes: [UInt8], _ name: String) throws(TaskError) -> [TaskRow] {
    let value: JSON
    do { value = try JSON(parsing: bytes) } catch {
      throw .unreadable(file: name, reason: "\(error.problem) at line \(error.line), column \(error.column)")
    }
    guard let elements = value.arrayValue ?? value["rows"]?.arrayValue else {
      throw .unreadable(file: name, reason: "it is \(value.kind), and no list of rows")
    }
    var rows: [TaskRow] = []
    for (index, element) in elements.enumerated() {
      let place = RowPlace(file: name, line: index + 1)
      guard let object = (value.arrayValue == nil ? element["row"] : element)?.objectValue else {
        throw .notARow(place, problem: "a row must be an object")
      }
      rows.append(TaskRow(object, at: place))
    }
    return rows
  }
}

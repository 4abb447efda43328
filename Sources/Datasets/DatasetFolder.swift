import Foundation
import MartletJSON

/// A data set that is on this machine: one that was pulled, or files of one's own.
///
/// ```swift
/// let data = try DatasetFolder.open("humaneval")
/// var rows = try data.rows(split: "test")
/// while let row = try rows.next() { names.append(row["task_id"]?.stringValue ?? "") }
/// ```
public struct DatasetFolder: Sendable, Equatable {
  /// The name in the catalogue, or the path that was given.
  public let name: String
  /// The path of each part's file of JSON lines.
  public let files: [String: String]

  /// Opens what a person names.
  ///
  /// What has a slash in it or ends with `.jsonl` is a path, and so is the name of a file or folder that the catalogue
  /// does not know. A folder's parts are its files `NAME.jsonl`; a file is its only part, named like the file.
  /// - Parameters:
  ///   - nameOrPath: A data set of the catalogue, a folder, or a file of JSON lines.
  ///   - cache: Where pulled data sets are.
  /// - Throws: ``DatasetError/notPulled(_:)`` for a data set that is not in the cache, ``DatasetError/unknown(_:known:)``
  ///   where there is nothing of this name.
  public static func open(_ nameOrPath: String, cache: DatasetCache = DatasetCache()) throws(DatasetError)
    -> DatasetFolder
  {
    let catalogue = try DatasetCatalogue.standard()
    let isPath = nameOrPath.contains("/") || nameOrPath.hasSuffix(".jsonl")
    if !isPath, let entry = catalogue.find(nameOrPath) {
      let files = cache.files(of: entry)
      guard !files.isEmpty else { throw .notPulled(entry.name) }
      return DatasetFolder(name: entry.name, files: files)
    }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: nameOrPath, isDirectory: &isFolder) else {
      guard isPath else { throw .unknown(nameOrPath, known: catalogue.entries.map(\.name)) }
      throw .file(.notFound("\(nameOrPath) does not exist", advice: "Check the path."))
    }
    guard isFolder.boolValue else {
      return DatasetFolder(name: nameOrPath, files: [split(of: nameOrPath): nameOrPath])
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: nameOrPath)) ?? []
    var files: [String: String] = [:]
    for name in names where name.hasSuffix(".jsonl") && !name.hasPrefix(".") {
      files[split(of: name)] = "\(nameOrPath)/\(name)"
    }
    guard !files.isEmpty else {
      throw .malformed(
        file: nameOrPath, line: nil, problem: "the folder holds no file of JSON lines (NAME.jsonl)")
    }
    return DatasetFolder(name: nameOrPath, files: files)
  }

  /// The rows of a part, from its beginning.
  /// - Throws: ``DatasetError/noSplit(_:dataset:splits:)`` where there is no such part.
  public func rows(split: String) throws(DatasetError) -> DatasetRows {
    guard let path = files[split] else {
      throw .noSplit(split, dataset: name, splits: files.keys.sorted())
    }
    return try DatasetRows(path: path)
  }

  private static func split(of path: String) -> String {
    URL(filePath: path).deletingPathExtension().lastPathComponent
  }
}

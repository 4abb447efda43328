import Foundation

/// The files of a course, by their paths within its folder.
public struct CourseSource: Sendable {
  /// What messages call it: the folder's path, or `Course`.
  public let name: String
  /// The files' bytes as texts, by path.
  let files: [String: String]

  /// The course that was compiled into the program.
  public static let builtIn = CourseSource(
    name: "Course", files: Dictionary(CourseFiles.all.map { ($0.path, $0.text) }) { first, _ in first })

  init(name: String, files: [String: String]) {
    self.name = name
    self.files = files
  }

  /// The course in a folder.
  ///
  /// Hidden files and `__pycache__` are left out.
  ///
  /// - Throws: ``CourseError`` if the folder cannot be read, or a file in it is not text in UTF-8.
  public init(folder: String) throws(CourseError) {
    name = folder
    let base = URL(filePath: folder, directoryHint: .isDirectory)
    guard let paths = try? FileManager.default.subpathsOfDirectory(atPath: folder) else {
      throw .folder(path: folder, problem: "The folder of the course cannot be read.")
    }
    var files: [String: String] = [:]
    for path in paths {
      if path.split(separator: "/").contains(where: { $0.hasPrefix(".") || $0 == "__pycache__" }) { continue }
      let file = base.appending(path: path)
      if (try? file.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true { continue }
      guard let data = try? Data(contentsOf: file), let text = String(data: data, encoding: .utf8) else {
        throw .folder(path: file.path(percentEncoded: false), problem: "The file cannot be read as UTF-8.")
      }
      files[path] = text
    }
    self.files = files
  }

  /// The files below a folder, by their paths within it.
  func files(below folder: String) -> [String: String] {
    var found: [String: String] = [:]
    for (path, text) in files where path.hasPrefix(folder + "/") {
      found[String(path.dropFirst(folder.count + 1))] = text
    }
    return found
  }
}

import Foundation
import MartletJSON

/// Data that the tests read.
enum SharedData {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// A file by its path from the project's root.
  static func url(_ path: String) -> URL { root.appending(path: path).standardized }

  static func has(_ path: String) -> Bool { FileManager.default.fileExists(atPath: url(path).path()) }

  /// The objects of a file of JSON lines.
  static func lines(of path: String) throws -> [JSON] {
    try String(contentsOf: url(path), encoding: .utf8).split(separator: "\n").map {
      try JSON(parsing: Array($0.utf8))
    }
  }
}

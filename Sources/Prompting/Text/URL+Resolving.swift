import Foundation

extension URL {
  /// The file that a path means in this folder; an absolute path means itself.
  package func resolving(_ path: String) -> URL {
    path.hasPrefix("/") ? URL(filePath: path) : appending(path: path)
  }
}

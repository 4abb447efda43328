import Foundation
import MartletDocuments

/// A path that was named, is in the index, and is no longer there.
struct GoneRoot {
  /// The absolute path, as the index knows it.
  let path: String
  /// Whether the folder that it lay in is there and holds other things. One that is missing or empty may be where a disk
  /// is to be mounted, and then nothing is gone.
  let isGoneForGood: Bool

  /// - Parameters:
  ///   - named: A path at which there is nothing.
  ///   - known: The paths in the index. Nil where none of them is that path or below it.
  init?(_ named: String, known: some Sequence<String>) {
    var folder = URL(fileURLWithPath: named).standardizedFileURL
    var missing: [String] = []
    var found: String?
    while found == nil, folder.path != "/" {
      missing.insert(folder.lastPathComponent, at: 0)
      folder.deleteLastPathComponent()
      found = try? resolvedPath(folder.path)
    }
    guard let found else { return nil }
    let path = (found == "/" ? "" : found) + "/" + missing.joined(separator: "/")
    guard known.contains(where: { $0 == path || $0.hasPrefix(path + "/") }) else { return nil }
    self.path = path
    let neighbours = try? FileManager.default.contentsOfDirectory(atPath: found)
    isGoneForGood = missing.count == 1 && neighbours?.isEmpty == false
  }
}

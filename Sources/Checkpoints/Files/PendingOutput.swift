#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file or folder that is written beside its place under another name, and moved there when it is whole.
///
/// Nothing is left behind where that does not come about: what was written goes with this object.
final class PendingOutput {
  /// Where it is to be.
  let path: String
  /// Where it is until then.
  let temporaryPath: String
  private let replaces: Bool
  private let isFolder: Bool
  private var isFinished = false

  /// Makes a place beside `path` for what is to lie there.
  /// - Parameters:
  ///   - isFolder: Whether a folder is to be written, and not a file.
  ///   - replaces: Whether what is there may be replaced. A folder that is neither empty nor a model is never.
  /// - Throws: ``ConversionError`` where something is there that may not be replaced, ``CheckpointError`` where the folder
  ///   cannot be made.
  init(path: String, isFolder: Bool, replaces: Bool) throws {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
    (self.isFolder, self.replaces) = (isFolder, replaces)
    let slash = path.lastIndex(of: "/")
    let (folder, name) = slash.map { (path[...$0], path[path.index(after: $0)...]) } ?? ("", path[...])
    temporaryPath = "\(folder).\(name).\(getpid()).partial"
    try Self.check(path, isFolder: isFolder, replaces: replaces)
    guard access(folder.isEmpty ? "." : String(folder), W_OK) == 0 else {
      throw Self.failure(path, "writing it")
    }
    if isFolder {
      guard mkdir(temporaryPath, 0o777) == 0 else { throw Self.failure(path, "making the folder") }
    }
  }

  deinit { if !isFinished { try? FileSystem.remove(temporaryPath) } }

  private static func failure(_ path: String, _ doing: String) -> CheckpointError {
    errno == ENOENT
      ? .notFound("The folder of \(path) does not exist", advice: "Create it first.")
      : .system(path, doing)
  }

  private static func check(_ path: String, isFolder: Bool, replaces: Bool) throws {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    guard replaces else { throw ConversionError.exists(path: path) }
    let kind = status.st_mode & S_IFMT
    guard kind == (isFolder ? S_IFDIR : S_IFREG) else {
      throw ConversionError.notReplaceable(
        path: path, reason: kind == S_IFDIR ? "it is a folder" : "it is no \(isFolder ? "folder" : "file")")
    }
    guard isFolder else { return }
    let names = try FileSystem.names(in: path)
    guard names.isEmpty || names.contains("config.json") else {
      throw ConversionError.notReplaceable(path: path, reason: "the folder holds no model")
    }
  }

  /// Moves what was written to its place, once it has reached the disk.
  func finish() throws {
    // A path that came into being meanwhile is refused as one that was there before.
    try Self.check(path, isFolder: isFolder, replaces: replaces)
    if isFolder {
      for name in try FileSystem.names(in: temporaryPath) {
        try FileSystem.synchronize("\(temporaryPath)/\(name)")
      }
    }
    try FileSystem.synchronize(temporaryPath)
    let earlier = temporaryPath + ".replaced"
    let hasEarlier = isFolder && FileSystem.isFolder(path)
    if hasEarlier { try FileSystem.rename(path, to: earlier) }
    do throws(CheckpointError) { try FileSystem.rename(temporaryPath, to: path) } catch {
      if hasEarlier { try? FileSystem.rename(earlier, to: path) }
      throw error
    }
    isFinished = true
    if hasEarlier { try FileSystem.remove(earlier) }
  }
}

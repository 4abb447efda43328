/// Files that are read as a whole.
enum WholeFile {
  /// A file's bytes; an error where it has more than `limit`.
  static func bytes(_ path: String, limit: Int) throws(DocumentError) -> [UInt8] {
    do throws(SystemError) {
      // The file may grow while it is read, and a sparse one has hardly any of its size on disk.
      let bytes = try ReadableFile(path: path).read(upTo: min(size(path), limit) + 1)
      if bytes.count <= limit { return bytes }
    } catch {
      throw DocumentError(path: path, problem: .init(error))
    }
    throw DocumentError(path: path, problem: .tooLarge(size: size(path), limit: limit))
  }

  /// A text file's text as UTF-8, and what a user should know of its encoding.
  static func text(_ path: String, limit: Int) throws(DocumentError) -> (text: [UInt8], warnings: [String]) {
    let size = size(path)
    guard size <= limit else { throw DocumentError(path: path, problem: .tooLarge(size: size, limit: limit)) }
    return try TextFile(path: path).readAll()
  }

  private static func size(_ path: String) -> Int {
    if case .success(let status) = FileStatus.of(path, followingLinks: true) { status.byteCount } else { 0 }
  }
}

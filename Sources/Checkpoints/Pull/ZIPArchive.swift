import MartletCArchive

/// Reads members of a ZIP file with libarchive. Members are named by the catalogue, so no path of an archive is ever
/// used to write.
package enum ZIPArchive {
  /// The names of all members.
  package static func members(of path: String) throws(CheckpointError) -> [String] {
    var names: [String] = []
    try forEachMember(of: path) { _, name in
      names.append(name)
      return true
    }
    return names
  }

  /// Appends one member's bytes to `output`.
  package static func extract(_ member: String, of path: String, to output: inout OutputFile)
    throws(CheckpointError)
  {
    var failure: CheckpointError?
    var isFound = false
    try forEachMember(of: path) { archive, name in
      guard name == member else { return true }
      isFound = true
      do throws(CheckpointError) { try copyData(archive, path, &output) } catch { failure = error }
      return false
    }
    if let failure { throw failure }
    guard isFound else { throw .unavailable("\(path) does not hold \(member)") }
  }

  static func copyData(
    _ archive: OpaquePointer, _ path: String, _ output: inout OutputFile
  ) throws(CheckpointError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = archive_read_data(archive, buffer.baseAddress, buffer.count)
      if count == 0 { return }
      guard count > 0, count <= buffer.count else { throw damaged(archive, path) }
      try output.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  /// Calls `body` for each member until it says false.
  private static func forEachMember(
    of path: String, _ body: (OpaquePointer, String) -> Bool
  ) throws(CheckpointError) {
    guard let archive = archive_read_new() else {
      throw .inputOutput(path: path, problem: "there is no memory to read it")
    }
    defer { archive_read_free(archive) }
    archive_read_support_format_zip(archive)
    guard archive_read_open_filename(archive, path, 1 << 16) == ARCHIVE_OK else {
      throw damaged(archive, path)
    }
    var entry: OpaquePointer?
    while true {
      let status = archive_read_next_header(archive, &entry)
      if status == ARCHIVE_EOF { return }
      guard status == ARCHIVE_OK || status == ARCHIVE_WARN else { throw damaged(archive, path) }
      guard let name = archive_entry_pathname(entry).map({ String(cString: $0) }) else { continue }
      if !body(archive, name) { return }
    }
  }

  static func damaged(_ archive: OpaquePointer, _ path: String) -> CheckpointError {
    let text = archive_error_string(archive).map { String(cString: $0) } ?? "it is damaged"
    return .malformed(file: path, field: "the ZIP file", offset: nil, problem: text)
  }
}

import MartletCArchive

/// Reads members of a ZIP archive in memory, by libarchive. Nothing is ever written to disk, so the names of members only
/// serve to find them; a name that leads out of the archive is refused all the same.
///
/// What an archive unpacks to is bounded: see ``ArchiveLimits``.
struct ArchiveReader {
  let path: String
  let limits: ArchiveLimits
  private let archiveSize: Int
  /// The names of all members, in the archive's order, without a leading "./" and with "/" between folders.
  let names: [String]

  /// Lists the members.
  init(path: String, limits: ArchiveLimits = ArchiveLimits()) throws(DocumentError) {
    self.path = path
    self.limits = limits
    switch FileStatus.of(path, followingLinks: true) {
    case .failure(let error): throw DocumentError(path: path, problem: .init(error))
    case .success(let status): archiveSize = status.byteCount
    }
    var names: [String] = []
    try Self.forEachMember(of: path, limits) { _, _, name throws(DocumentError) in
      names.append(name)
      return true
    }
    self.names = names
  }

  /// Whether there is a member of this name.
  func has(_ name: String) -> Bool { names.contains(name) }

  /// The bytes of the member with this name; nil if the archive does not have it.
  func read(_ name: String) throws(DocumentError) -> [UInt8]? {
    guard has(name) else { return nil }
    return try read { $0 == name }[name]
  }

  /// The bytes of all members whose names are wanted, in one pass.
  func read(where isWanted: (String) -> Bool) throws(DocumentError) -> [String: [UInt8]] {
    var members: [String: [UInt8]] = [:]
    var total = 0
    try Self.forEachMember(of: path, limits) { archive, entry, name throws(DocumentError) in
      guard isWanted(name), members[name] == nil else { return true }
      var bytes: [UInt8] = []
      try unpack(archive, entry, &total) { bytes += $0 }
      members[name] = bytes
      return true
    }
    return members
  }

  /// Hands over one member's bytes piece by piece.
  func stream(
    _ name: String, _ body: (UnsafeRawBufferPointer) throws(DocumentError) -> Void
  ) throws(DocumentError) {
    var total = 0
    try Self.forEachMember(of: path, limits) { archive, entry, found throws(DocumentError) in
      guard found == name else { return true }
      try unpack(archive, entry, &total, body)
      return false
    }
  }

  private func unpack(
    _ archive: OpaquePointer, _ entry: OpaquePointer, _ total: inout Int,
    _ body: (UnsafeRawBufferPointer) throws(DocumentError) -> Void
  ) throws(DocumentError) {
    if archive_entry_is_encrypted(entry) != 0 {
      throw DocumentError(path: path, problem: .protected(by: "a password"))
    }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = archive_read_data(archive, buffer.baseAddress, buffer.count)
      if count == 0 { return }
      guard count > 0, count <= buffer.count else { throw Self.damaged(archive, path) }
      total += count
      if total > limits.ratioFrom, total / max(1, archiveSize) > limits.ratio {
        throw DocumentError(
          path: path,
          problem: .hostile(
            detail: "it unpacks to more than \(limits.ratio) times its size, as a ZIP bomb does"))
      }
      if total > limits.unpackedBytes {
        throw DocumentError(
          path: path,
          problem: .hostile(detail: "it unpacks to more than \(limits.unpackedBytes >> 20) MiB"))
      }
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  /// Calls `body` for each file of the archive until it says false.
  private static func forEachMember(
    of path: String, _ limits: ArchiveLimits,
    _ body: (OpaquePointer, OpaquePointer, String) throws(DocumentError) -> Bool
  ) throws(DocumentError) {
    guard let archive = archive_read_new() else {
      throw DocumentError(path: path, problem: .unreadable(reason: "there is no memory to read it"))
    }
    defer { archive_read_free(archive) }
    archive_read_support_format_zip(archive)
    guard archive_read_open_filename(archive, path, 1 << 16) == ARCHIVE_OK else {
      throw damaged(archive, path)
    }
    var count = 0
    var entry: OpaquePointer?
    while true {
      let status = archive_read_next_header(archive, &entry)
      if status == ARCHIVE_EOF { return }
      guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry else { throw damaged(archive, path) }
      count += 1
      if count > limits.members {
        throw DocumentError(
          path: path, problem: .hostile(detail: "it has more than \(limits.members) members"))
      }
      // A name in no known encoding belongs to no part that is read.
      guard let raw = archive_entry_pathname(entry).map({ String(cString: $0) }) else { continue }
      let name = try normalized(raw, path)
      if name.isEmpty || raw.hasSuffix("/") { continue }
      if try !body(archive, entry, name) { return }
    }
  }

  /// The name with single slashes between folders.
  static func normalized(_ name: String, _ path: String) throws(DocumentError) -> String {
    let isAbsolute =
      name.hasPrefix("/") || name.hasPrefix("\\") || name.dropFirst().hasPrefix(":\\")
      || name.dropFirst().hasPrefix(":/")
    let parts = name.split { $0 == "/" || $0 == "\\" }.filter { $0 != "." }
    guard !isAbsolute, !parts.contains("..") else {
      throw DocumentError(
        path: path,
        problem: .hostile(detail: "its member \(String(name.prefix(100))) leads out of the archive"))
    }
    return parts.joined(separator: "/")
  }

  private static func damaged(_ archive: OpaquePointer, _ path: String) -> DocumentError {
    let text = archive_error_string(archive).map { String(cString: $0) } ?? "it is no ZIP archive"
    return DocumentError(path: path, problem: .damaged(detail: "its ZIP archive cannot be read: \(text)"))
  }
}

/// How much may be unpacked from an archive.
struct ArchiveLimits: Sendable {
  /// The most bytes of one pass over an archive together.
  var unpackedBytes = 512 << 20
  /// The most times the archive's size that is unpacked. Tables of a workbook reach a hundred; DEFLATE reaches a thousand
  /// with nothing but zeros.
  var ratio = 300
  /// From how many bytes the ratio is looked at: small files of much repetition do no harm.
  var ratioFrom = 32 << 20
  /// The most members.
  var members = 20_000
}

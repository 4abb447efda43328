import MartletJSON

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file that is being downloaded, with a note of where its bytes come from. It outlives the process.
final class PartialFile {
  /// Where the bytes that are there come from.
  struct Origin: Equatable {
    var address: String
    /// The server's name for this state of the file.
    var entityTag: String?

    /// Whether a range may be asked for on condition of the tag (RFC 9110, section 13.1.5: weak ones will not do).
    var strongTag: String? { entityTag.flatMap { $0.hasPrefix("\"") ? $0 : nil } }
  }

  let path: String
  /// The bytes that are there.
  private(set) var size: Int
  private(set) var origin: Origin?
  /// The bytes that there will be, where that is known.
  var expectedSize: Int?
  private var descriptor: Int32 = -1

  init(path: String) {
    self.path = path
    size = FileSystem.size(path) ?? 0
    origin = Self.readOrigin(path + ".origin")
  }

  deinit { close() }

  /// Throws away what is there.
  func restart() throws(CheckpointError) {
    close()
    try FileSystem.remove(path)
    try FileSystem.remove(path + ".origin")
    (size, origin) = (0, nil)
  }

  /// Notes where the bytes to come are from, before the first of them is written.
  func setOrigin(_ new: Origin) throws(CheckpointError) {
    guard new != origin else { return }
    var members: JSONObject = ["address": .string(new.address)]
    if let tag = new.entityTag { members["etag"] = .string(tag) }
    let draft = path + ".origin.new"
    try OutputFile.write(JSON.object(members).serialized(), to: draft)
    try FileSystem.rename(draft, to: path + ".origin")
    origin = new
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    if descriptor < 0 {
      descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw .system(path, "creating it") }
    }
    var rest = bytes
    while let base = rest.baseAddress, !rest.isEmpty {
      let count = write(descriptor, base, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(errno)
      }
      size += count
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  private func failure(_ code: Int32) -> CheckpointError {
    guard code == ENOSPC || code == EDQUOT, let expectedSize else {
      return .system(path, "writing it", code: code)
    }
    return .inputOutput(
      path: path,
      problem:
        "the disk is full. \(size) bytes of the file are there and kept; free \(expectedSize - size) more and try again"
    )
  }

  func close() {
    guard descriptor >= 0 else { return }
    #if canImport(Glibc)
      Glibc.close(descriptor)
    #else
      Darwin.close(descriptor)
    #endif
    descriptor = -1
  }

  /// A note that cannot be read is none: the download begins anew, or its SHA-256 tells.
  private static func readOrigin(_ path: String) -> Origin? {
    guard FileSystem.size(path) != nil, let file = try? MappedFile(path), file.size < 1 << 16,
      let note = try? JSON.reading(file), let address = note["address"]?.stringValue
    else { return nil }
    return Origin(address: address, entityTag: note["etag"]?.stringValue)
  }
}

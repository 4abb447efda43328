#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Where the index of a collection is kept beside SQLite's file: a snapshot of the graph, and the rows of its vectors.
///
/// Both are caches. A snapshot names the generation of the vectors that belong to it; each time the index is made anew
/// the generation changes, and the older file goes once no snapshot needs it.
struct IndexFiles: Sendable {
  let folder: String
  let number: Int64

  var snapshot: String { "\(folder)/collection-\(number).graph" }
  func vectors(_ generation: UInt64) -> String {
    "\(folder)/collection-\(number)-\(String(generation, radix: 16)).vectors"
  }

  /// A file for the vectors of a new generation, with its header, and with room on the disk for `rows` of them.
  /// - Returns: Nil where it cannot be made: then the vectors stay in memory.
  func makeVectors(_ generation: UInt64, dimension: Int, form: RowForm, rows: Int) -> Int32? {
    let descriptor = open(vectors(generation), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return nil }
    guard hasRoom(descriptor, VectorFile.fileBytes(dimension: dimension, form: form, rows: rows)) else {
      close(descriptor)
      unlink(vectors(generation))
      return nil
    }
    var header = [UInt64](repeating: 0, count: VectorFile.headerBytes / 8)
    header.replaceSubrange(0..<5, with: vectorsHeader(generation, dimension: dimension, form))
    guard writeFully(descriptor, header, header.count * 8, at: 0) else {
      close(descriptor)
      unlink(vectors(generation))
      return nil
    }
    return descriptor
  }

  private func vectorsHeader(_ generation: UInt64, dimension: Int, _ form: RowForm) -> [UInt64] {
    [Self.vectorsMark, Self.version, generation, UInt64(dimension), form.rawValue]
  }

  /// Whether the disk has room for a file of so many bytes, which is asked for at once: whoever finds out by writing has
  /// filled the disk, and others have met it full.
  private func hasRoom(_ descriptor: Int32, _ bytes: Int) -> Bool {
    #if canImport(Glibc)
      return ![ENOSPC, EDQUOT, EFBIG].contains(posix_fallocate(descriptor, 0, off_t(bytes)))
    #else
      return true
    #endif
  }

  /// Opens the vectors that a snapshot names.
  func openVectors(
    _ generation: UInt64, dimension: Int, form: RowForm, rows: Int, forWriting: Bool
  ) -> Int32? {
    let descriptor = open(vectors(generation), (forWriting ? O_RDWR : O_RDONLY) | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    let right = vectorsHeader(generation, dimension: dimension, form)
    var header = [UInt64](repeating: 0, count: right.count)
    var facts = stat()
    let bytes = VectorFile.fileBytes(dimension: dimension, form: form, rows: rows)
    let isRight =
      readFully(descriptor, &header, header.count * 8, at: 0) && header == right
      && fstat(descriptor, &facts) == 0 && Int(facts.st_size) >= bytes
    guard isRight else {
      close(descriptor)
      return nil
    }
    // Rows that came after the snapshot are written again.
    if forWriting { ftruncate(descriptor, off_t(bytes)) }
    return descriptor
  }

  /// The names of the collection's files that there are.
  var names: [String] { Self.names(in: folder).filter { Self.number(of: $0) == number } }

  /// Removes what collections left that are gone: whoever dropped one may have been killed before its files went.
  static func removeFiles(in folder: String, ofOthersThan numbers: Set<Int64>) {
    for name in names(in: folder) {
      if let number = number(of: name), !numbers.contains(number) { unlink(folder + "/" + name) }
    }
  }

  private static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names = [String]()
    while let entry = readdir(directory) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names
  }

  /// The collection's number in the name of one of its files; nil for any other file.
  private static func number(of name: String) -> Int64? {
    let prefix = "collection-"
    guard name.hasPrefix(prefix), [".graph", ".graph.new", ".vectors"].contains(where: name.hasSuffix) else {
      return nil
    }
    return Int64(name.dropFirst(prefix.count).prefix { $0 != "-" && $0 != "." })
  }

  /// Removes the vectors of a generation that came to nothing.
  func removeVectors(_ generation: UInt64) { unlink(vectors(generation)) }

  /// Removes the files of the collection, but for the snapshot with the vectors of one generation.
  func remove(keeping generation: UInt64?) {
    let kept = generation.map { [snapshot, vectors($0)] } ?? []
    for name in names where !kept.contains(folder + "/" + name) { unlink(folder + "/" + name) }
  }

  /// "MARTVECT" and "MARTGRPH".
  static let vectorsMark: UInt64 = 0x5443_4556_5452_414D
  static let snapshotMark: UInt64 = 0x4850_5247_5452_414D
  static let version: UInt64 = 5
}

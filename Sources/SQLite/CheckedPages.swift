import MartletCSQLite

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Gives each page of SQLite's file a checksum, and holds it to that when it is read from the disk.
///
/// SQLite keeps no checksums of its own, so that a bit that changed in a tree's page may hide records without a word. It
/// leaves the last bytes of each page to whoever asks for them, though (byte 20 of the file's header says how many): here
/// they hold XXH64 over the rest of the page, with the page's number as the seed, so that a page in another one's place
/// is found as well. A page that is not what was written is an error (`SQLITE_IOERR_DATA`).
///
/// This is a file system of SQLite's (VFS) in front of the usual one, which opens files as ever. Of the main file of a
/// database the functions that read and write are then replaced. The write-ahead log has checksums of SQLite's, and its
/// pages get theirs when they move into the file.
package enum CheckedPages {
  /// The bytes at the end of each page.
  static let checksumBytes = 8
  /// What `sqlite3_step` gives where a page is not what was written: SQLITE_IOERR with 32 in its upper bytes.
  static let damage: Int32 = SQLITE_IOERR | 32 << 8

  /// What is known of an open file; it lies behind what SQLite's own VFS keeps of it.
  private struct State {
    var inner: UnsafePointer<sqlite3_io_methods>
    var methods: sqlite3_io_methods
    /// Whether the pages have checksums: not in a file of an earlier form, nor in another program's.
    var isChecked: Bool
    /// Whether the connection may write. It then reads pages that it has added itself and not written yet, when it moves
    /// them (in making a table, say); they lie beyond the file's end, and SQLite takes them for empty.
    let adds: Bool
    /// Whose files have checksums.
    let format: SQLiteFormat
    /// The number of the last page that was refused.
    var damagedPage: Int64 = 0
  }

  // MARK: For connections

  /// The name that `sqlite3_open_v2` takes for files of a format; nil where SQLite does not let itself be extended.
  package static func fileSystem(of format: SQLiteFormat) -> String? {
    registered.withLock { registered in
      if let known = registered[format] { return known }
      let name = register(format)
      registered[format] = name
      return name
    }
  }

  private static let registered = Locked([SQLiteFormat: String]())

  /// Has new files made with room for the checksums, and older ones when they are next vacuumed.
  static func reserve(on connection: OpaquePointer) -> Int32 {
    var bytes = Int32(checksumBytes)
    return sqlite3_file_control(connection, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes)
  }

  /// Whether the pages of a connection's file have room for checksums, as it reads them: some may be in the log.
  static func haveRoom(in connection: OpaquePointer) -> Bool {
    var bytes: Int32 = -1
    return sqlite3_file_control(connection, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes) == SQLITE_OK
      && bytes == checksumBytes
  }

  /// The page that a connection was refused last; 0 where there is none.
  static func damagedPage(of connection: OpaquePointer) -> Int {
    Int(state(of: connection)?.pointee.damagedPage ?? 0)
  }

  private static func state(of connection: OpaquePointer) -> UnsafeMutablePointer<State>? {
    var file: UnsafeMutablePointer<sqlite3_file>?
    guard sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK, let file,
      file.pointee.pMethods != nil
    else { return nil }
    return state(of: file)
  }

  // MARK: The file system

  // SQLite's structures never move and are never changed once they are registered.
  private nonisolated(unsafe) static let system = sqlite3_vfs_find(nil)

  private static func register(_ format: SQLiteFormat) -> String? {
    let mark = String(UInt32(truncatingIfNeeded: format.applicationID), radix: 16)
    guard let system, let name = strdup("martlet-pages-\(mark)-\(format.firstCheckedVersion)") else {
      return nil
    }
    let own = UnsafeMutablePointer<FileSystem>.allocate(capacity: 1)
    own.initialize(to: FileSystem(functions: system.pointee, format: format))
    own.pointee.functions.szOsFile = Int32(stateOffset + MemoryLayout<State>.size)
    own.pointee.functions.zName = UnsafePointer(name)
    own.pointee.functions.pNext = nil
    own.pointee.functions.xOpen = open
    let registered = UnsafeMutableRawPointer(own).assumingMemoryBound(to: sqlite3_vfs.self)
    return sqlite3_vfs_register(registered, 0) == SQLITE_OK ? String(cString: name) : nil
  }

  /// What is registered: SQLite's functions first, where it looks for them, and behind them what is ours.
  private struct FileSystem {
    var functions: sqlite3_vfs
    let format: SQLiteFormat
  }

  private static var stateOffset: Int { (Int(system?.pointee.szOsFile ?? 0) + 15) / 16 * 16 }

  private static func state(of file: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutablePointer<State> {
    (UnsafeMutableRawPointer(file) + stateOffset).assumingMemoryBound(to: State.self)
  }

  private static let open:
    @convention(c) (
      UnsafeMutablePointer<sqlite3_vfs>?, UnsafePointer<CChar>?, UnsafeMutablePointer<sqlite3_file>?, Int32,
      UnsafeMutablePointer<Int32>?
    ) -> Int32 = { own, name, file, flags, outFlags in
      guard let own, let system, let file else { return SQLITE_MISUSE }
      let format = UnsafeRawPointer(own).assumingMemoryBound(to: FileSystem.self).pointee.format
      let code = system.pointee.xOpen(system, name, file, flags, outFlags)
      guard code == SQLITE_OK, flags & SQLITE_OPEN_MAIN_DB != 0, let inner = file.pointee.pMethods else {
        return code
      }
      var methods = inner.pointee
      // The third version of the functions maps the file into memory, past those that read.
      methods.iVersion = min(2, methods.iVersion)
      methods.xRead = read
      methods.xWrite = write
      let state = (UnsafeMutableRawPointer(file) + stateOffset).bindMemory(to: State.self, capacity: 1)
      state.initialize(
        to: State(
          inner: inner, methods: methods, isChecked: isNewOrChecked(file, inner, format),
          adds: flags & SQLITE_OPEN_READWRITE != 0, format: format))
      let offset = MemoryLayout<State>.offset(of: \.methods) ?? 0
      file.pointee.pMethods = (UnsafeRawPointer(state) + offset).assumingMemoryBound(
        to: sqlite3_io_methods.self)
      return code
    }

  /// An empty file is about to be made by a connection that has asked for room.
  private static func isNewOrChecked(
    _ file: UnsafeMutablePointer<sqlite3_file>, _ methods: UnsafePointer<sqlite3_io_methods>,
    _ format: SQLiteFormat
  ) -> Bool {
    var size: Int64 = 0
    guard methods.pointee.xFileSize(file, &size) == SQLITE_OK, size > 0 else { return true }
    return withUnsafeTemporaryAllocation(byteCount: 100, alignment: 8) { header in
      guard methods.pointee.xRead(file, header.baseAddress, 100, 0) == SQLITE_OK else { return true }
      return saysSo(UnsafeRawBufferPointer(header), format)
    }
  }

  /// Whether a header is that of a file with checksums. One damaged number alone does not make it another one.
  private static func saysSo(_ header: UnsafeRawBufferPointer, _ format: SQLiteFormat) -> Bool {
    func number(at offset: Int) -> UInt32 {
      UInt32(bigEndian: header.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
    return header[20] == checksumBytes
      || number(at: 68) == format.applicationID && number(at: 60) >= format.firstCheckedVersion
  }

  // MARK: Pages

  private static let read:
    @convention(c) (UnsafeMutablePointer<sqlite3_file>?, UnsafeMutableRawPointer?, Int32, Int64) -> Int32 = {
      file, buffer, count, offset in
      guard let file, let buffer else { return SQLITE_MISUSE }
      let state = state(of: file)
      let code = state.pointee.inner.pointee.xRead(file, buffer, count, offset)
      let shortRead = SQLITE_IOERR | 2 << 8
      guard isPage(count, offset), code == SQLITE_OK || code == shortRead else { return code }
      let page = UnsafeMutableRawBufferPointer(start: buffer, count: Int(count))
      if offset == 0, saysSo(UnsafeRawBufferPointer(page), state.pointee.format) {
        state.pointee.isChecked = true
      }
      guard state.pointee.isChecked, code == SQLITE_OK || !state.pointee.adds else { return code }
      // What others have written is there as a whole: beyond the file's end there is nothing that could be right.
      guard code == SQLITE_OK, checksum(page, offset) == stored(page).pointee else {
        state.pointee.damagedPage = offset / Int64(count) + 1
        return damage
      }
      return SQLITE_OK
    }

  private static let write:
    @convention(c) (UnsafeMutablePointer<sqlite3_file>?, UnsafeRawPointer?, Int32, Int64) -> Int32 = {
      file, buffer, count, offset in
      guard let file, let buffer else { return SQLITE_MISUSE }
      let state = state(of: file)
      let write = state.pointee.inner.pointee.xWrite
      guard isPage(count, offset) else { return write?(file, buffer, count, offset) ?? SQLITE_MISUSE }
      if offset == 0 {
        // Only where SQLite leaves room is there any.
        state.pointee.isChecked =
          UnsafeRawBufferPointer(start: buffer, count: Int(count))[20] == checksumBytes
      }
      guard state.pointee.isChecked else { return write?(file, buffer, count, offset) ?? SQLITE_MISUSE }
      // SQLite's own copy of the page is not ours to change.
      return withUnsafeTemporaryAllocation(byteCount: Int(count), alignment: 16) { page in
        page.copyMemory(from: UnsafeRawBufferPointer(start: buffer, count: Int(count)))
        stored(page).pointee = checksum(page, offset)
        return write?(file, page.baseAddress, count, offset) ?? SQLITE_MISUSE
      }
    }

  /// Whether what is read or written is a page, and no part of one.
  private static func isPage(_ count: Int32, _ offset: Int64) -> Bool {
    count >= 512 && count & (count - 1) == 0 && offset % Int64(count) == 0
  }

  private static func checksum(_ page: UnsafeMutableRawBufferPointer, _ offset: Int64) -> UInt64 {
    let number = UInt64(offset) / UInt64(page.count) + 1
    let content = UnsafeRawBufferPointer(rebasing: page[..<(page.count - checksumBytes)])
    return XXHash64.hash(content, seed: number).littleEndian
  }

  private static func stored(_ page: UnsafeMutableRawBufferPointer) -> UnsafeMutablePointer<UInt64> {
    (page.baseAddress.unsafelyUnwrapped + page.count - checksumBytes).assumingMemoryBound(to: UInt64.self)
  }
}

import MartletSQLite

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The number of the last transaction that was acknowledged, in a small file beside SQLite's.
///
/// SQLite takes the write-ahead log as far as its checksums fit, and what follows for a transaction that never came to
/// its end. A log that was damaged, or deleted, would so lose transactions without a word; this number gives it away. It
/// is written after each commit and not waited for: it may be too small after a loss of power, and never too large.
final class TransactionMark: Sendable {
  private let descriptor: Int32

  static let fileName = "last-transaction"
  /// The word before the number says what the file is, and in which form.
  private static let words = ["martlet-transaction", "1"]
  /// All marks are of one length, so that none needs more of a full disk than the one before.
  private static let length = 72

  /// What a folder's mark says.
  enum Found: Equatable {
    case none, damaged
    case transaction(Int)
  }

  /// Opens the mark for writing; it is made where it is missing. Where that is refused, `note` says so.
  init(folder: String) {
    descriptor = open(folder + "/" + Self.fileName, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Notes that a transaction is kept. False where that could not be written.
  func note(_ transaction: Int) -> Bool {
    let line = Self.line(transaction)
    return descriptor >= 0 && writeFully(descriptor, line, line.count, at: 0)
  }

  /// Forgets what a folder's mark says.
  static func remove(folder: String) throws(VectorStoreError) {
    let path = folder + "/" + fileName
    guard unlink(path) == 0 || errno == ENOENT else { throw .refusal(path: path, number: errno) }
  }

  /// What the mark in a folder says.
  static func read(folder: String) throws(VectorStoreError) -> Found {
    let path = folder + "/" + fileName
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return .none }
      throw .refusal(path: path, number: errno)
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: length + 1)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count >= 0 else { throw .refusal(path: path, number: errno) }
    // A writer that was killed as it made the file left nothing in it.
    if count == 0 { return .none }
    let parts = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: " ")
    guard parts.count == 5, let number = Int(parts[2]), Array(bytes.prefix(count)) == line(number) else {
      return .damaged
    }
    return .transaction(number)
  }

  /// "martlet-transaction 1 NUMBER CHECKSUM" with spaces up to the line's end.
  private static func line(_ transaction: Int) -> [UInt8] {
    let text = (words + ["\(transaction)"]).joined(separator: " ")
    let checksum = Array(text.utf8).withUnsafeBytes { XXHash64.hash($0) }
    let line = Array("\(text) \(String(checksum, radix: 16)) ".utf8)
    return line + [UInt8](repeating: UInt8(ascii: " "), count: length - 1 - line.count) + Array("\n".utf8)
  }
}

import MartletCGMime

/// How far a mailbox was read: so much of a mailbox that has grown since need not be read again.
public struct MailboxPosition: Sendable, Equatable {
  /// The bytes that were read, up to the end of a message.
  public var byteCount: Int
  /// The messages in them.
  public var messageCount: Int
  /// The SHA-256 of those bytes, in hexadecimal digits.
  public var hash: String

  /// Creates a position.
  public init(byteCount: Int, messageCount: Int, hash: String) {
    self.byteCount = byteCount
    self.messageCount = messageCount
    self.hash = hash
  }
}

/// Reads a mailbox in the format mbox message by message, in memory that does not grow with it; or a file that is one
/// message.
///
/// A message begins with a line "From …" at the beginning of the file or after an empty line, and has a line of a header
/// next. Lines of a text that begin with "From " are written as ">From " and read back.
public struct MailboxReader {
  private static let pieceBytes = 1 << 20
  private static let mark = Array("\nFrom ".utf8)

  private let path: String
  private let file: ReadableFile
  private let loader: DocumentLoader
  private let isMailbox: Bool
  /// The bytes of the file that are still to be read.
  private var unread: Int
  private var isAtEnd = false
  private var buffer: [UInt8] = []
  /// Where the next message begins in `buffer`.
  private var start = 0
  /// How many bytes of a message that is too large were dropped.
  private var dropped = 0
  private var consumed = 0
  private let checksum = RunningChecksum()
  private var messages = 0
  private var problems = MailWarnings()

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - kind: `mail` for a file that is one message, else it is read as a mailbox.
  ///   - byteCount: How much of the file is read: what is added meanwhile is left for the next time. Nil reads all.
  ///   - loader: The loader of attachments.
  public init(
    _ path: String, as kind: DocumentKind = .mailbox, byteCount: Int? = nil,
    loader: DocumentLoader = DocumentLoader()
  ) throws(DocumentError) {
    self.path = path
    self.loader = loader
    isMailbox = kind != .mail
    unread = byteCount ?? .max
    do { file = try ReadableFile(path: path) } catch {
      throw DocumentError(path: path, problem: .init(error))
    }
  }

  /// How far it has read: the end of the message that was given last.
  public var position: MailboxPosition {
    MailboxPosition(byteCount: consumed, messageCount: messages, hash: checksum.value)
  }

  /// What a user should know of the messages that were read, each to be read after the file's name.
  public var warnings: [String] { problems.texts }

  /// Goes on where a mailbox ended at an earlier reading.
  ///
  /// - Returns: Whether it begins with what was read then, and a message, or nothing, follows. Where it does not, the
  ///   reader is of no more use.
  public mutating func resume(at position: MailboxPosition) throws(DocumentError) -> Bool {
    while consumed < position.byteCount {
      let piece = try read(upTo: min(Self.pieceBytes, position.byteCount - consumed))
      if piece.isEmpty { return false }
      checksum.append(piece)
      consumed += piece.count
    }
    guard checksum.value == position.hash else { return false }
    messages = position.messageCount
    try fill()
    return buffer.isEmpty || Self.beginsMessage(buffer[...]) == true
  }

  /// The next message; nil at the end.
  public mutating func next() throws -> MailMessage? {
    guard isMailbox else { return try nextFile() }
    guard let (bytes, size) = try nextBytes() else { return nil }
    // Empty lines before the first message are none.
    if messages == 0, size < 1000, bytes.allSatisfy({ $0 <= 0x20 }) { return try next() }
    messages += 1
    if size > MailReader.maximumBytes {
      problems.add("has \(size) bytes; messages are read up to \(MailReader.maximumBytes)", number: messages)
      return MailMessage(number: messages, digest: String(checksum.value.prefix(16)), sections: [])
    }
    let hasEnvelope = Self.beginsMessage(bytes[...]) == true
    return try MailReader.read(
      hasEnvelope ? Self.withoutEnvelope(bytes) : bytes, number: messages, loader: loader, warnings: &problems
    )
  }

  // MARK: Parts

  private mutating func nextFile() throws -> MailMessage? {
    guard messages == 0 else { return nil }
    if case .success(let status) = FileStatus.of(path, followingLinks: true),
      status.byteCount > MailReader.maximumBytes
    {
      throw DocumentError(
        path: path, problem: .tooLarge(size: status.byteCount, limit: MailReader.maximumBytes))
    }
    while !isAtEnd {
      try fill()
      guard buffer.count <= MailReader.maximumBytes else {
        throw DocumentError(
          path: path, problem: .tooLarge(size: buffer.count, limit: MailReader.maximumBytes))
      }
    }
    messages = 1
    consumed = buffer.count
    checksum.append(buffer)
    let bytes = Self.beginsMessage(buffer[...]) == true ? Self.withoutEnvelope(buffer) : buffer
    buffer = []
    return try MailReader.read(bytes, number: nil, loader: loader, warnings: &problems)
  }

  /// The next message with its "From " line, and its size; one that is too large comes without its bytes.
  private mutating func nextBytes() throws -> ([UInt8], Int)? {
    var scan = start
    while true {
      while let found = Self.find(in: buffer, from: scan) {
        let next = found + 1
        let isEnd = Self.follows(emptyLine: buffer, at: found, from: start)
        guard isEnd else {
          scan = next
          continue
        }
        guard let begins = Self.beginsMessage(buffer[next...]) ?? (isAtEnd ? false : nil) else {
          try more(&scan)
          continue
        }
        if begins { return take(through: next) }
        scan = next
      }
      scan = max(scan, buffer.count - Self.mark.count)
      if isAtEnd {
        if start == buffer.count, dropped == 0 { return nil }
        return take(through: buffer.count)
      }
      try more(&scan)
    }
  }

  /// Reads another piece, and forgets what is behind.
  private mutating func more(_ scan: inout Int) throws {
    try Task.checkCancellation()
    if start > 0 {
      buffer.removeFirst(start)
      scan -= start
      start = 0
    }
    if buffer.count > MailReader.maximumBytes {
      // What may be the beginning of the next message's mark stays.
      let gone = min(scan, buffer.count - Self.mark.count) - 2
      if gone > 0 {
        buffer[..<gone].withUnsafeBufferPointer { checksum.append($0) }
        consumed += gone
        dropped += gone
        buffer.removeFirst(gone)
        scan -= gone
      }
    }
    try fill()
  }

  private mutating func take(through end: Int) -> ([UInt8], Int) {
    defer {
      start = end
      dropped = 0
    }
    buffer[start..<end].withUnsafeBufferPointer { checksum.append($0) }
    consumed += end - start
    return dropped > 0 ? ([], dropped + end - start) : (Array(buffer[start..<end]), end - start)
  }

  private mutating func fill() throws(DocumentError) {
    let piece = try read(upTo: Self.pieceBytes)
    if piece.isEmpty { isAtEnd = true } else { buffer += piece }
  }

  private mutating func read(upTo limit: Int) throws(DocumentError) -> [UInt8] {
    let limit = min(limit, unread)
    guard limit > 0 else { return [] }
    do {
      let piece = try file.read(upTo: limit)
      unread -= piece.count
      return piece
    } catch {
      throw DocumentError(path: path, problem: .init(error))
    }
  }

  /// Where the next line that begins with "From " is: the line end before it.
  private static func find(in bytes: [UInt8], from start: Int) -> Int? {
    find(mark, in: bytes, from: start)
  }

  private static func find(_ part: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress, start < bytes.count else { return nil }
      let found = martlet_find(base + start, bytes.count - start, part, part.count)
      return found < 0 ? nil : start + found
    }
  }

  private static func follows(emptyLine bytes: [UInt8], at index: Int, from start: Int) -> Bool {
    guard index > start else { return true }
    if bytes[index - 1] == 0x0A { return true }
    return bytes[index - 1] == 0x0D && (index - 2 < start || bytes[index - 2] == 0x0A)
  }

  /// Whether bytes begin with a "From " line and a line of a header; nil where there are too few of them to tell.
  static func beginsMessage(_ bytes: ArraySlice<UInt8>) -> Bool? {
    let from = mark.dropFirst()
    guard bytes.count >= from.count else { return from.starts(with: bytes) && !bytes.isEmpty ? nil : false }
    guard bytes.starts(with: from) else { return false }
    guard let end = bytes.prefix(longestLine).firstIndex(of: 0x0A) else {
      return bytes.count < longestLine ? nil : false
    }
    let next = bytes[(end + 1)...].prefix(longestLine)
    let name = next.prefix { (0x21...0x7E).contains($0) && $0 != 0x3A }
    guard name.endIndex < next.endIndex else { return next.count < longestLine ? nil : false }
    return !name.isEmpty && next[name.endIndex] == 0x3A
  }

  private static let longestLine = 1000

  /// A message without its "From " line, and without the signs before lines that begin with "From ".
  private static func withoutEnvelope(_ bytes: [UInt8]) -> [UInt8] {
    guard let end = bytes.firstIndex(of: 0x0A) else { return [] }
    let message = Array(bytes[(end + 1)...])
    guard find(Array(">From ".utf8), in: message, from: 0) != nil else { return message }
    let from = mark.dropFirst()
    var out: [UInt8] = []
    out.reserveCapacity(message.count)
    for line in message.split(separator: 0x0A, omittingEmptySubsequences: false) {
      if !out.isEmpty || line.startIndex > 0 { out.append(0x0A) }
      let isEscaped = line.first == 0x3E && line.drop { $0 == 0x3E }.starts(with: from)
      out += isEscaped ? line.dropFirst() : line
    }
    return out
  }
}

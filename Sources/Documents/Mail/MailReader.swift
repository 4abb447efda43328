import MartletCGMime

/// Reads one message: its header, the best readable part of its body, forwarded messages and attachments.
struct MailReader {
  /// A message of more bytes is not read.
  static let maximumBytes = 128 << 20
  /// How deep parts may lie in parts, messages in messages counted.
  static let maximumDepth = 64
  /// How many parts of a message are read.
  static let maximumParts = 10_000
  /// A message that names more boundaries nests to harm.
  static let maximumBoundaries = 4096

  /// The loader of attachments.
  let loader: DocumentLoader
  /// The position of the message in its mailbox; nil for a file that is one message.
  let number: Int?

  private var sections: [Section] = []
  private var attributes: [String: Attribute] = [:]
  private var headings: [String] = []
  private var parts = 0
  private(set) var warnings: MailWarnings

  private init(_ loader: DocumentLoader, number: Int?, warnings: MailWarnings) {
    self.loader = loader
    self.number = number
    self.warnings = warnings
  }

  /// Reads a message.
  ///
  /// - Parameters:
  ///   - bytes: The message, without the "From " line of a mailbox.
  ///   - number: Its position in its mailbox; nil for a file that is one message.
  ///   - loader: The loader of attachments.
  ///   - warnings: Gets what was not read.
  static func read(
    _ bytes: [UInt8], number: Int?, loader: DocumentLoader, warnings: inout MailWarnings
  ) throws -> MailMessage {
    var reader = MailReader(loader, number: number, warnings: warnings)
    defer { warnings = reader.warnings }
    let position = number ?? 1
    guard bytes.count <= maximumBytes else {
      reader.warn("has \(bytes.count) bytes; messages are read up to \(maximumBytes)")
      return MailMessage(number: position, digest: digest(of: bytes, nil), sections: [])
    }
    guard !hasTooManyBoundaries(bytes) else {
      reader.warn("names more than \(maximumBoundaries) boundaries of parts and was not read")
      return MailMessage(number: position, digest: digest(of: bytes, nil), sections: [])
    }
    guard let message = MIMEMessage(bytes) else {
      reader.warn("has no header, and was not read")
      return MailMessage(number: position, digest: digest(of: bytes, nil), sections: [])
    }
    let header = MailHeader(message.message)
    reader.attributes = header.attributes
    try reader.readMessage(message.message, header, depth: loader.mailDepth)
    return MailMessage(
      number: position, digest: digest(of: bytes, header), sections: reader.sections)
  }

  // MARK: Messages and parts

  private mutating func readMessage(
    _ message: UnsafeMutablePointer<GMimeMessage>, _ header: MailHeader, depth: Int
  ) throws {
    if let subject = header.subject {
      headings.append(subject)
      append(Section(text: subject, role: .heading, linesFollowFile: false))
    }
    let lines = [header.from.map { "From: \($0)" }, header.dateText.map { "Date: \($0)" }].compactMap(\.self)
    if !lines.isEmpty {
      append(Section(text: lines.joined(separator: "\n"), role: .metadata, linesFollowFile: false))
    }
    if let body = MIMEPart(bodyOf: message) {
      try walk(body, attachmentsOnly: false, depth: depth)
    } else if header.isEmpty {
      warn("has neither a header nor a body")
    }
    if header.subject != nil { headings.removeLast() }
  }

  private mutating func walk(_ part: MIMEPart, attachmentsOnly: Bool, depth: Int) throws {
    try Task.checkCancellation()
    guard depth < Self.maximumDepth else {
      return warn("nests parts more than \(Self.maximumDepth) deep; what lies deeper was not read")
    }
    parts += 1
    guard parts <= Self.maximumParts else {
      if parts == Self.maximumParts + 1 {
        warn("has more than \(Self.maximumParts) parts; the others were not read")
      }
      return
    }
    if part.isEncrypted { return warn("is encrypted") }
    if part.isMultipart {
      if part.type.1 == "alternative" {
        return try walkAlternatives(part, attachmentsOnly: attachmentsOnly, depth: depth)
      }
      for index in 0..<part.partCount {
        guard let child = part.part(at: index), parts <= Self.maximumParts else { continue }
        try walk(child, attachmentsOnly: attachmentsOnly, depth: depth + 1)
      }
      return
    }
    if part.isMessage {
      guard let inner = part.innerMessage else { return warn("has a forwarded message that is empty") }
      return try readMessage(inner, MailHeader(inner), depth: depth + 1)
    }
    let (type, subtype) = part.type
    let isText = type == "text" && !part.isAttachment && part.fileName == nil
    if isText, ["plain", "html", "enriched", "richtext", "x-amp-html", "watch-html"].contains(subtype) {
      if !attachmentsOnly { try readBody(part, isHTML: subtype != "plain") }
      return
    }
    try readAttachment(part)
  }

  /// The best readable of parts that say the same: plain text where it has any, else the richest that has.
  private mutating func walkAlternatives(_ part: MIMEPart, attachmentsOnly: Bool, depth: Int) throws {
    let children = (0..<min(part.partCount, Self.maximumParts)).compactMap { part.part(at: $0) }
    let plain = children.firstIndex { child in
      child.type == ("text", "plain") && !child.isAttachment && child.content.contains { $0 > 0x20 }
    }
    let rich = children.lastIndex { child in
      child.isMultipart || child.isMessage
        || (child.type.0 == "text" && child.type.1 == "html" && child.content.contains { $0 > 0x20 })
    }
    let chosen = plain ?? rich
    for (index, child) in children.enumerated() {
      // What is attached to one of them, such as an invitation, is in none of the others.
      try walk(
        child, attachmentsOnly: attachmentsOnly || (chosen != nil && index != chosen), depth: depth + 1)
    }
  }

  private mutating func readBody(_ part: MIMEPart, isHTML: Bool) throws {
    let content = part.content
    let decoded = MIMEText(
      content, charset: part.charset ?? (isHTML ? HTMLEncoding.declared(in: content) : nil))
    if let warning = decoded.warning { warn("has a text that \(warning)") }
    guard isHTML else { return MailBody.sections(decoded.text).forEach { append($0) } }
    do {
      let page = try HTMLLoader.parse(Array(decoded.text.utf8), path: "")
      for section in page.sections {
        var section = section
        (section.startLine, section.endLine, section.linesFollowFile) = (nil, nil, false)
        append(section)
      }
    } catch {
      warn("has an HTML text that \(error.explanation)")
    }
  }

  // MARK: Attachments

  private mutating func readAttachment(_ part: MIMEPart) throws {
    let (type, subtype) = part.type
    // Signatures hold no text, and neither does the note that what follows is encrypted.
    if type == "application", subtype.hasSuffix("signature") || subtype == "pgp-encrypted" { return }
    var content = part.content
    guard !content.isEmpty else { return }
    let name = part.fileName
    if type == "text" || type == "message", subtype != "html" || part.charset != nil {
      content = Array(MIMEText(content, charset: part.charset).text.utf8)
    }
    let kind = MailAttachment.kind(type, subtype, name: name, head: Array(content.prefix(8192)))
    guard let kind else { return warnings.addUnread("\(type)/\(subtype)", number: number) }
    let shown = name ?? "\(type)/\(subtype)"
    let outer = (headings, attributes)
    defer { (headings, attributes) = outer }
    headings.append(shown)
    attributes["attachment"] = .text(shown)
    do {
      let summary = try MailAttachment.read(content, as: kind, name: name, loader) { append($0) }
      for warning in summary.warnings { warn("has an attachment, \(shown), that \(warning)") }
    } catch let error as DocumentError {
      if error.problem == .cancelled { throw error }
      warn("has an attachment, \(shown), that \(error.explanation)")
    }
  }

  // MARK: Results

  private mutating func append(_ section: Section) {
    var section = section
    section.headings = headings + section.headings
    section.attributes.merge(attributes) { _, mail in mail }
    if let number { section.place = .message(number) }
    sections.append(section)
  }

  private mutating func warn(_ text: String) { warnings.add(text, number: number) }

  /// Copies of a message differ in how they were delivered, and in white space at the end.
  private static func digest(of bytes: [UInt8], _ header: MailHeader?) -> String {
    let checksum = RunningChecksum()
    let known = [header?.messageID, header?.from, header?.dateText, header?.subject]
    checksum.append(known.map { $0 ?? "" }.joined(separator: "\u{0}").utf8)
    let body = String(decoding: bytes[bodyStart(bytes)...], as: UTF8.self).replacingLineEnds()
    let end = body.utf8.lastIndex { $0 > 0x20 }.map { body.utf8.index(after: $0) } ?? body.utf8.startIndex
    checksum.append(body.utf8[..<end])
    return String(checksum.value.prefix(16))
  }

  /// Behind the first empty line; the beginning where there is none.
  private static func bodyStart(_ bytes: [UInt8]) -> Int {
    var lineStart = 0
    while let end = bytes[lineStart...].firstIndex(of: 0x0A) {
      if end == lineStart || (end == lineStart + 1 && bytes[lineStart] == 0x0D) { return end + 1 }
      lineStart = end + 1
    }
    return 0
  }

  private static func hasTooManyBoundaries(_ bytes: [UInt8]) -> Bool {
    let word = Array("boundary".utf8)
    var count = 0
    var index = 0
    bytes.withUnsafeBufferPointer { bytes in
      while index + word.count <= bytes.count {
        // The rarest letter of the word first.
        if bytes[index] | 0x20 == word[0], bytes[index + 7] | 0x20 == word[7],
          (1..<7).allSatisfy({ bytes[index + $0] | 0x20 == word[$0] })
        {
          count += 1
          index += word.count
        } else {
          index += 1
        }
      }
    }
    return count > maximumBoundaries
  }
}

/// Reads a file that is a message, or a mailbox.
struct MailLoader {
  let path: String
  let kind: DocumentKind
  let loader: DocumentLoader

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    var reader = try MailboxReader(path, as: kind, loader: loader)
    while let message = try reader.next() {
      for section in message.sections { try body(section) }
    }
    return DocumentSummary(kind: kind, warnings: reader.warnings)
  }
}

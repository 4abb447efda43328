import FoundationEssentials

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Reads a file that is attached to a message by the loader for its kind.
enum MailAttachment {
  /// What to read an attachment as: by its type where that says it, else by its name and first bytes. Nil where nothing
  /// reads it.
  static func kind(_ type: String, _ subtype: String, name: String?, head: [UInt8]) -> DocumentKind? {
    switch (type, subtype) {
    case ("text", "html"), ("application", "xhtml+xml"): return .html
    case ("text", "markdown"): return .markdown
    case ("text", "csv"): return .csv
    case ("text", "tab-separated-values"): return .tsv
    case ("application", "pdf"), ("application", "x-pdf"): return .pdf
    case ("message", _): return .text
    case ("image", _), ("audio", _), ("video", _), ("font", _): return nil
    default:
      let kind = DocumentKind.detect(path: name ?? "", head: head)
      // A patch begins as a mailbox does, and is a text.
      return type == "text" && kind == .mailbox ? .text : kind
    }
  }

  /// Reads an attachment from a file of its own, which is removed again.
  static func read(
    _ content: [UInt8], as kind: DocumentKind, name: String?, _ loader: DocumentLoader,
    _ body: (Section) throws -> Void
  ) throws -> DocumentSummary {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // Of the name only a harmless extension is taken.
    let dot = name?.lastIndex(of: ".")
    let suffix = dot.flatMap { name?[$0...].dropFirst() } ?? ""
    let isPlain =
      !suffix.isEmpty && suffix.utf8.count <= 16
      && suffix.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
      }
    let path = "\(folder)/attachment\(isPlain ? "." + suffix : "")"
    do { try Data(content).write(to: URL(filePath: path)) } catch {
      throw DocumentError(path: path, problem: .unreadable(reason: "\(error)"))
    }
    var loader = loader
    loader.mailDepth += 1
    return try loader.read(path, as: kind, body)
  }

  private static func temporaryFolder() throws(DocumentError) -> String {
    let template = FileManager.default.temporaryDirectory.path + "/martlet-mail-XXXXXX"
    var bytes = template.utf8CString.map { $0 }
    let made = bytes.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let made else {
      throw DocumentError(path: template, problem: .unreadable(reason: SystemError(number: errno).reason))
    }
    return made
  }
}

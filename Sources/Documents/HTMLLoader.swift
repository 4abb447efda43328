import MartletCXML2

/// Reads the text of an HTML page by libxml2: title, headings, paragraphs, lists, tables and preformatted text.
///
/// Scripts, styles, navigation and form controls are left out. Lines are those of the file on which the text of a
/// block starts and ends.
struct HTMLLoader {
  /// A page is parsed as a whole, and its tree takes several times the memory of its text.
  static let maximumBytes = 64 * 1024 * 1024

  let path: String

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let size = try FileStatus.of(path, followingLinks: true).mapError {
      DocumentError(path: path, problem: .init($0))
    }.get().byteCount
    guard size <= Self.maximumBytes else {
      throw DocumentError(path: path, problem: .tooLarge(size: size, limit: Self.maximumBytes))
    }
    let (bytes, warnings) = try readText()
    let page = try Self.parse(bytes, path: path)
    for section in page.sections { try body(section) }
    return DocumentSummary(kind: .html, title: page.title, warnings: warnings)
  }

  /// Valid UTF-8 is taken for what it is; other bytes are read by the encoding that the page declares.
  private func readText() throws -> (text: [UInt8], warnings: [String]) {
    let file = try TextFile(path: path)
    if file.encoding != .utf8, file.isGuess, let declared = try declaredEncoding() {
      if let text = try HTMLEncoding.decode(path: path, encoding: declared) { return (text, []) }
      let (text, _) = try file.readAll()
      return (
        text, ["declares the unknown encoding \(declared); it was read as Windows-1252, which is a guess"]
      )
    }
    return try file.readAll()
  }

  private func declaredEncoding() throws -> String? {
    do {
      return HTMLEncoding.declared(in: try ReadableFile(path: path).read(upTo: 4096))
    } catch {
      throw DocumentError(path: path, problem: .init(error))
    }
  }

  /// Parses UTF-8 text.
  static func parse(_ text: [UInt8], path: String) throws(DocumentError) -> HTMLPage {
    var blocks = HTMLBlocks()
    let options =
      HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
      | HTML_PARSE_NONET.rawValue
    let document = text.withUnsafeBytes { buffer in
      htmlReadMemory(
        buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count), nil, "UTF-8",
        Int32(options))
    }
    // An empty file has no tree, and no text either.
    guard let document else {
      if text.allSatisfy({ $0 <= 0x20 }) { return HTMLPage(title: nil, sections: []) }
      throw DocumentError(path: path, problem: .damaged(detail: "libxml2 finds no HTML in it"))
    }
    defer { xmlFreeDoc(document) }
    blocks.walk(document.pointee.children)
    return HTMLPage(title: blocks.title, sections: blocks.sections)
  }
}

/// The text of a page.
struct HTMLPage {
  var title: String?
  var sections: [Section]
}

/// What a page says of its own encoding, and decoding by it.
enum HTMLEncoding {
  /// The name after `charset=` in the first bytes.
  static func declared(in head: [UInt8]) -> String? {
    let lower = head.map { 0x41...0x5A ~= $0 ? $0 + 32 : $0 }
    let key = Array("charset=".utf8)
    guard let at = (0..<max(0, lower.count - key.count)).first(where: { lower[$0...].starts(with: key) })
    else { return nil }
    let rest = lower[(at + key.count)...].drop { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") }
    let name = rest.prefix {
      0x61...0x7A ~= $0 || 0x30...0x39 ~= $0 || $0 == 0x2D || $0 == 0x5F || $0 == 0x3A
    }
    return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
  }

  /// The file as UTF-8, by libxml2's converter (iconv); nil where the encoding is unknown or does not fit.
  static func decode(path: String, encoding: String) throws -> [UInt8]? {
    var bytes = [UInt8]()
    do {
      let file = try ReadableFile(path: path)
      while true {
        let piece = try file.read(upTo: 1 << 20)
        if piece.isEmpty { break }
        bytes += piece
      }
    } catch {
      throw DocumentError(path: path, problem: .init(error))
    }
    return decode(bytes, encoding: encoding)
  }

  /// Bytes as UTF-8, by libxml2's converter (iconv); nil where the encoding is unknown or does not fit.
  static func decode(_ bytes: [UInt8], encoding: String) -> [UInt8]? {
    guard bytes.count < Int(Int32.max), let handler = xmlFindCharEncodingHandler(encoding) else { return nil }
    defer { xmlCharEncCloseFunc(handler) }
    guard let input = xmlBufferCreateSize(bytes.count + 1), let output = xmlBufferCreate() else { return nil }
    defer {
      xmlBufferFree(input)
      xmlBufferFree(output)
    }
    guard xmlBufferAdd(input, bytes, Int32(bytes.count)) == 0, xmlCharEncInFunc(handler, output, input) >= 0,
      let content = xmlBufferContent(output)
    else { return nil }
    let decoded = Array(UnsafeBufferPointer(start: content, count: Int(xmlBufferLength(output))))
    return decoded.isEmpty && !bytes.isEmpty ? nil : decoded.filter { $0 != UInt8(ascii: "\r") }
  }
}

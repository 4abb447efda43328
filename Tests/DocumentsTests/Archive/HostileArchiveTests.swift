import Testing

@testable import MartletDocuments

/// Files that are made to do harm are refused, with what is wrong with them.
@Suite struct HostileArchiveTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func problem(_ path: String) -> DocumentError.Problem? {
    do {
      _ = try DocumentLoader().load(path)
      return nil
    } catch { return error.problem }
  }

  private func isHostile(_ path: String, _ words: String) -> Bool {
    guard case .hostile(let detail) = problem(path) else { return false }
    return detail.contains(words)
  }

  @Test func `A ZIP bomb is named`() throws {
    let block = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
    let path = try folder.writeArchive(
      "bomb.docx",
      [
        (WordParts.relationships.0, Array(WordParts.relationships.1.utf8), 1),
        ("word/document.xml", block, 64),
      ])
    #expect(isHostile(path, "ZIP bomb"))
  }

  @Test func `A bomb of XML entities is named`() throws {
    var entities = "<!ENTITY a0 \"ha\">"
    for level in 1..<30 { entities += "<!ENTITY a\(level) \"&a\(level - 1);&a\(level - 1);\">" }
    let path = try folder.writeArchive(
      "entities.docx",
      [
        WordParts.relationships,
        WordParts.document("<w:p><w:r><w:t>&a29;</w:t></w:r></w:p>", before: "<!DOCTYPE d [\(entities)]>"),
      ])
    #expect(isHostile(path, "declares entities"))
    let picture = try folder.write(
      "entities.svg",
      "<!DOCTYPE svg [\(entities)]><svg xmlns=\"http://www.w3.org/2000/svg\"><text>&a29;</text></svg>")
    #expect(isHostile(picture, "declares entities"))
  }

  @Test func `External entities are named and not read`() throws {
    let secret = try folder.write("secret.txt", "the secret")
    for declaration in [
      "<!ENTITY x SYSTEM \"file://\(secret)\">", "<!ENTITY x SYSTEM \"http://127.0.0.1:9/x\">",
      "<!ENTITY % x SYSTEM \"file://\(secret)\"> %x;",
    ] {
      let path = try folder.writeArchive(
        "external.docx",
        [
          WordParts.relationships,
          WordParts.document("<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", before: "<!DOCTYPE d [\(declaration)]>"),
        ])
      #expect(isHostile(path, "external entities"))
    }
  }

  @Test(arguments: ["../evil.xml", "/etc/evil.xml", "word/../../evil.xml", "..\\evil.xml", "C:\\evil.xml"])
  func `A path out of the archive is named`(_ name: String) throws {
    let path = try folder.writeArchive(
      "escape.docx", [(name, "x"), WordParts.relationships, WordParts.document("")])
    #expect(isHostile(path, "leads out of the archive"))
  }

  @Test func `Too many members are named`() throws {
    let path = try folder.writeArchive("many.docx", (0..<40).map { ("word/\($0).xml", "x") })
    let error = #expect(throws: DocumentError.self) {
      _ = try ArchiveReader(path: path, limits: ArchiveLimits(members: 20))
    }
    #expect(error?.problem == .hostile(detail: "it has more than 20 members"))
  }

  @Test func `Elements that nest without end and groups of RTF are refused`() throws {
    let deep = String(repeating: "<w:p>", count: 100_000)
    let path = try folder.writeArchive("deep.docx", [WordParts.relationships, WordParts.document(deep)])
    guard case .damaged = problem(path) else {
      return #expect(Bool(false), "\(String(describing: problem(path)))")
    }
    let rtf = try folder.write("deep.rtf", "{\\rtf1" + String(repeating: "{", count: 100_000))
    #expect(isHostile(rtf, "nest"))
  }

  @Test func `A sheet of cells far apart is bounded`() throws {
    var grid = SheetGrid()
    for row in 0..<4000 {
      // Each row ends further to the right than all that is read of the others.
      grid.append("x", row: row, column: 16383)
      for column in stride(from: row % 2, to: 16383, by: 331) { grid.append("x", row: row, column: column) }
    }
    let dense = try grid.dense(path: "x")
    #expect(dense.rows.count == 4000)
    #expect(dense.rows[0].count < 200)
  }

  @Test(arguments: [
    "report.docx", "slides.pptx", "stock.xlsx", "lamp.odt", "tides.ods", "signals.odp", "year.epub",
    "log.rtf",
  ])
  func `A file that was cut off is damaged or read in part`(_ name: String) throws {
    let bytes = try OfficeFixtures.bytes(name)
    for share in [1, 3, 7, 9] {
      let path = try folder.write("\(share)-\(name)", Array(bytes.prefix(bytes.count * share / 10)))
      switch problem(path) {
      case nil, .damaged: break
      case let other: #expect(Bool(false), "\(name) cut to \(share) tenths: \(String(describing: other))")
      }
    }
  }

  @Test func `Locked documents are named`() throws {
    let book = try folder.writeArchive(
      "locked.epub",
      [
        ("META-INF/container.xml", "<container/>"),
        (
          "META-INF/encryption.xml",
          """
          <encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData><e:EncryptionMethod
          Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></e:EncryptedData></encryption>
          """
        ),
      ])
    #expect(problem(book) == .protected(by: "digital rights management (DRM)"))
    let text = try folder.writeArchive(
      "locked.odt",
      [
        (
          "META-INF/manifest.xml",
          """
          <m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:file-entry
          m:full-path="content.xml"><m:encryption-data/></m:file-entry></m:manifest>
          """
        ), ("content.xml", "x"),
      ])
    #expect(problem(text) == .protected(by: "a password"))
  }
}

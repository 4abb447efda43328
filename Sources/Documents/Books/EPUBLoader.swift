/// Reads EPUB books (versions 2 and 3): their chapters in reading order, each as a page of HTML.
struct EPUBLoader {
  let path: String

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let archive = try ArchiveReader(path: path)
    try refuseProtected(archive)
    let package = try packagePart(archive)
    guard let bytes = try archive.read(package) else {
      throw DocumentError(path: path, problem: .damaged(detail: "it has no \(package)"))
    }
    let tree = try XMLElement(parsing: bytes, path: path, part: package)
    let title = tree.firstDescendant("dc:title").map { SectionBuilder.oneLine($0.text) }
    var chapters = Chapters(tree, folder: OfficePackage.split(package).folder)
    let wanted = Set(chapters.parts)
    let pages = try archive.read { wanted.contains($0) }
    if let title, !title.isEmpty {
      try body(Section(text: title, role: .metadata, linesFollowFile: false))
    }
    for part in chapters.parts {
      guard let page = pages[part] else {
        chapters.missing.append(part)
        continue
      }
      guard page.count <= HTMLLoader.maximumBytes else {
        throw DocumentError(path: path, problem: .tooLarge(size: page.count, limit: HTMLLoader.maximumBytes))
      }
      for section in try HTMLLoader.parse(Self.utf8(page), path: path).sections
      where section.role != .metadata {
        try body(section.withoutLines)
      }
    }
    var warnings: [String] = []
    if chapters.leftOutContents { warnings.append("has a table of contents, which was left out") }
    if !chapters.missing.isEmpty {
      warnings.append(
        "names chapters that it does not have: \(chapters.missing.prefix(10).joined(separator: ", "))")
    }
    return DocumentSummary(kind: .epub, title: title == "" ? nil : title, warnings: warnings)
  }

  /// The part that lists the chapters, which META-INF/container.xml names.
  private func packagePart(_ archive: ArchiveReader) throws(DocumentError) -> String {
    guard let bytes = try archive.read("META-INF/container.xml") else {
      throw DocumentError(
        path: path, problem: .damaged(detail: "it is an archive without META-INF/container.xml"))
    }
    let container = try XMLElement(parsing: bytes, path: path, part: "META-INF/container.xml")
    guard let name = container.descendants(["rootfile"]).first?["full-path"] else {
      throw DocumentError(path: path, problem: .damaged(detail: "its META-INF/container.xml names no book"))
    }
    return OfficePackage.resolve(name, from: "")
  }

  /// Fonts are scrambled in books that anyone may read; anything else that is encrypted is locked.
  private func refuseProtected(_ archive: ArchiveReader) throws(DocumentError) {
    let drm = DocumentError(path: path, problem: .protected(by: "digital rights management (DRM)"))
    if archive.has("META-INF/sinf.xml") || archive.has("META-INF/license.lcpl") { throw drm }
    guard let bytes = try archive.read("META-INF/encryption.xml") else { return }
    let tree = try XMLElement(parsing: bytes, path: path, part: "META-INF/encryption.xml")
    let fonts = ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"]
    for data in tree.descendants(["enc:EncryptedData"]) {
      let method = data.first("enc:EncryptionMethod")?["Algorithm"] ?? ""
      if !fonts.contains(method) { throw drm }
    }
  }

  /// The text of a chapter as UTF-8, which is what XML is in where it says nothing else.
  private static func utf8(_ bytes: [UInt8]) -> [UInt8] {
    if let declared = XMLDeclaration.encoding(in: bytes),
      let text = HTMLEncoding.decode(bytes, encoding: declared)
    {
      return text
    }
    return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
  }
}

/// The chapters that a book's package lists, in reading order.
private struct Chapters {
  private(set) var parts: [String] = []
  private(set) var leftOutContents = false
  var missing: [String] = []

  init(_ package: XMLElement, folder: String) {
    let manifest = package.first("manifest") ?? package.firstDescendant("manifest")
    let spine = package.first("spine") ?? package.firstDescendant("spine")
    var items: [String: XMLElement] = [:]
    for item in manifest?.all("item") ?? [] { if let id = item["id"] { items[id] = item } }
    var seen: Set<String> = []
    for reference in spine?.all("itemref") ?? [] {
      guard let item = reference["idref"].flatMap({ items[$0] }), let target = item["href"] else { continue }
      let type = item["media-type"] ?? "application/xhtml+xml"
      guard type.contains("html") || type.contains("xml"), !type.contains("svg") else { continue }
      if item["properties"]?.split(separator: " ").contains("nav") == true {
        leftOutContents = true
        continue
      }
      let part = OfficePackage.resolve(Self.decoded(String(target.prefix { $0 != "#" })), from: folder)
      if seen.insert(part).inserted { parts.append(part) }
    }
  }

  /// An address without %XX.
  private static func decoded(_ target: String) -> String {
    guard target.contains("%") else { return target }
    var bytes: [UInt8] = []
    var rest = Array(target.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(code)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Section {
  /// The section without lines, which are those of a part of its file.
  var withoutLines: Section {
    var section = self
    if let table {
      let rows = table.rows.map { Table.Row($0.text) }
      section = Section(
        Table(
          header: table.header.map { Table.Row($0.text) }, rows: rows,
          startsWithHeader: table.startsWithHeader),
        page: page, headings: headings, linesFollowFile: false)
      section.place = place
      section.attributes = attributes
    }
    (section.startLine, section.endLine, section.linesFollowFile) = (nil, nil, false)
    return section
  }
}

/// The encoding that an XML text declares.
enum XMLDeclaration {
  /// The name in `<?xml … encoding="NAME"?>`; nil where there is none.
  static func encoding(in head: [UInt8]) -> String? {
    var head = head.prefix(200)
    if head.starts(with: [0xEF, 0xBB, 0xBF]) { head = head.dropFirst(3) }
    guard head.starts(with: Array("<?xml".utf8)), let end = head.firstIndex(of: UInt8(ascii: ">")) else {
      return nil
    }
    let declaration = String(decoding: head[..<end], as: UTF8.self)
    guard let key = declaration.firstRange(of: "encoding") else { return nil }
    let rest = declaration[key.upperBound...].drop { $0 == " " || $0 == "=" }
    guard let quote = rest.first, quote == "\"" || quote == "'" else { return nil }
    let name = rest.dropFirst().prefix { $0 != quote }
    return name.isEmpty || !name.allSatisfy(\.isASCII) ? nil : String(name)
  }
}

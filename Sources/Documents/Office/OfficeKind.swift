/// Tells documents that are ZIP archives from one another.
enum OfficeKind {
  /// The kind of an archive by what its first members are, and where they say nothing by its name.
  ///
  /// OpenDocument and EPUB begin with a member that says what the archive is; in Office Open XML the folders do.
  static func detect(suffix: String, head: [UInt8]) -> DocumentKind? {
    if let type = mediaType(head) {
      if type.hasPrefix("application/epub") { return .epub }
      let opendocument = "application/vnd.oasis.opendocument."
      if type.hasPrefix(opendocument) {
        switch type.dropFirst(opendocument.count) {
        case "text", "text-template", "text-master", "text-web": return .odt
        case "spreadsheet", "spreadsheet-template": return .ods
        case "presentation", "presentation-template": return .odp
        default: return byName(suffix)
        }
      }
    }
    let names = memberNames(head)
    if names.contains("[Content_Types].xml") || names.contains(where: { $0.hasPrefix("_rels/") }) {
      for (folder, kind) in [("word/", DocumentKind.docx), ("xl/", .xlsx), ("ppt/", .pptx)]
      where names.contains(where: { $0.hasPrefix(folder) }) {
        return kind
      }
    }
    if names.contains("META-INF/container.xml") { return .epub }
    return byName(suffix)
  }

  /// The kind by the extension of a name alone.
  static func byName(_ suffix: String) -> DocumentKind? {
    switch suffix {
    case "docx", "docm", "dotx", "dotm": .docx
    case "pptx", "pptm", "ppsx", "ppsm", "potx", "potm": .pptx
    case "xlsx", "xlsm", "xltx", "xltm": .xlsx
    case "odt", "ott", "odm": .odt
    case "odp", "otp": .odp
    case "ods", "ots": .ods
    case "epub": .epub
    case "rtf": .rtf
    default: nil
    }
  }

  /// What the member "mimetype" says, which stands first and uncompressed.
  private static func mediaType(_ head: [UInt8]) -> String? {
    guard head.count > 38, Array(head[30..<38]) == Array("mimetype".utf8) else { return nil }
    let extra = Int(head[28]) | Int(head[29]) << 8
    let text = head.dropFirst(38 + extra).prefix { 0x21...0x7E ~= $0 }
    // The next header follows at once, and begins with letters.
    var type = String(decoding: text.prefix(100), as: UTF8.self)
    if let end = type.firstRange(of: "PK") { type = String(type[..<end.lowerBound]) }
    return type
  }

  /// The names in the local headers that are among the first bytes.
  private static func memberNames(_ head: [UInt8]) -> [String] {
    var names: [String] = []
    var at = 0
    while at + 30 <= head.count {
      guard head[at] == 0x50, head[at + 1] == 0x4B, head[at + 2] == 3, head[at + 3] == 4 else {
        at += 1
        continue
      }
      let length = Int(head[at + 26]) | Int(head[at + 27]) << 8
      guard at + 30 + length <= head.count else { break }
      names.append(String(decoding: head[(at + 30)..<(at + 30 + length)], as: UTF8.self))
      at += 30 + length
    }
    return names
  }
}

/// A format of documents that is not read, but known, so that its name and what converts it can be said.
public struct UnsupportedFormat: Sendable, Equatable, Hashable {
  /// What a file of the format is, as "a Word 97 document".
  public var name: String
  /// What to do about it, as "save it as .docx: libreoffice --headless --convert-to docx FILE".
  public var advice: String

  /// Creates a format.
  public init(name: String, advice: String) {
    self.name = name
    self.advice = advice
  }
}

extension UnsupportedFormat {
  static let binaryWorkbook = UnsupportedFormat(
    name: "a binary Excel workbook", advice: saved(as: "xlsx"))

  private static func saved(as suffix: String) -> String {
    "save it as .\(suffix): libreoffice --headless --convert-to \(suffix) FILE"
  }

  private static func book(_ name: String) -> UnsupportedFormat {
    UnsupportedFormat(name: name, advice: "convert it to .epub: ebook-convert FILE book.epub")
  }

  private static func office(_ name: String, _ suffix: String) -> UnsupportedFormat {
    UnsupportedFormat(name: name, advice: saved(as: suffix))
  }

  /// The format that a file's first bytes, and where these say too little its name, tell of; nil for all others.
  ///
  /// - Parameters:
  ///   - suffix: What follows the last dot of the name, in small letters.
  ///   - head: The first bytes of the file.
  static func detect(suffix: String, head: [UInt8]) -> UnsupportedFormat? {
    if head.starts(with: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) { return compound(suffix) }
    if head.starts(with: Array("PK".utf8)) { return archived(suffix) }
    if head.dropFirst(60).starts(with: Array("BOOKMOBI".utf8))
      || head.dropFirst(60).starts(with: Array("TEXtREAd".utf8))
    {
      return book(suffix.hasPrefix("azw") ? "a Kindle book" : "a Mobipocket book")
    }
    if head.starts(with: Array("AT&TFORM".utf8)) {
      return UnsupportedFormat(name: "a DjVu document", advice: "convert it to text: djvutxt FILE text.txt")
    }
    if head.starts(with: [0xE4, 0x52, 0x5C, 0x7B, 0x8C, 0xD8, 0xA7, 0x4D]) {
      return UnsupportedFormat(name: "a OneNote section", advice: "export it as .docx or PDF in OneNote")
    }
    if head.starts(with: Array("%!PS".utf8)) {
      return UnsupportedFormat(
        name: "a PostScript document", advice: "convert it to PDF: ps2pdf FILE document.pdf")
    }
    if head.starts(with: Array("ITSF".utf8)) {
      return UnsupportedFormat(
        name: "a compiled HTML help file", advice: "unpack it and index its pages: extract_chmLib FILE FOLDER"
      )
    }
    if head.starts(with: Array("ITOLITLS".utf8)) { return book("a Microsoft Reader book") }
    if head.starts(with: [0xF7, 0x02]), suffix == "dvi" {
      return UnsupportedFormat(name: "a DVI document", advice: "convert it to PDF: dvipdfm FILE")
    }
    if head.starts(with: [0xFF, 0x57, 0x50, 0x43]) { return office("a WordPerfect document", "docx") }
    if head.starts(with: [0x31, 0xBE, 0x00, 0x00]) || head.starts(with: [0xDB, 0xA5]) {
      return office("a document of an early Word", "docx")
    }
    return nil
  }

  /// Formats within Microsoft's compound files, whose directory names the streams.
  private static func compound(_ suffix: String) -> UnsupportedFormat {
    switch suffix {
    case "doc", "dot", "wiz": office("a Word 97 document", "docx")
    case "xls", "xlt", "xla": office("an Excel 97 workbook", "xlsx")
    case "ppt", "pps", "pot": office("a PowerPoint 97 presentation", "pptx")
    case "docx", "docm", "xlsx", "xlsm", "pptx", "pptm":
      UnsupportedFormat(
        name: "an encrypted Office document", advice: "open it with its password and save it without one")
    case "msg": UnsupportedFormat(name: "an Outlook message", advice: "convert it to .eml: msgconvert FILE")
    case "pub": office("a Publisher document", "pdf")
    case "vsd": office("a Visio drawing", "pdf")
    case "wps": office("a Works document", "docx")
    case "hwp": office("a Hangul document", "docx")
    case "mpp": UnsupportedFormat(name: "a Project plan", advice: "export it as a table or PDF in Project")
    default:
      UnsupportedFormat(
        name: "a document of an old Office program",
        advice: "save it in a newer format: libreoffice --headless --convert-to pdf FILE")
    }
  }

  /// Formats that are ZIP archives and no document of this program's.
  private static func archived(_ suffix: String) -> UnsupportedFormat? {
    switch suffix {
    case "pages": UnsupportedFormat(name: "a Pages document", advice: "export it as .docx in Pages")
    case "numbers": UnsupportedFormat(name: "a Numbers workbook", advice: "export it as .xlsx in Numbers")
    case "key": UnsupportedFormat(name: "a Keynote presentation", advice: "export it as .pptx in Keynote")
    case "xlsb": binaryWorkbook
    case "sxw", "stw": office("an OpenOffice 1 document", "odt")
    case "sxc", "stc": office("an OpenOffice 1 workbook", "ods")
    case "sxi", "sti": office("an OpenOffice 1 presentation", "odp")
    case "odg", "otg": office("an OpenDocument drawing", "pdf")
    case "vsdx": office("a Visio drawing", "pdf")
    case "hwpx": office("a Hangul document", "docx")
    case "one", "onepkg": UnsupportedFormat(name: "a OneNote notebook", advice: "export it as .docx or PDF")
    case "fbz": book("a FictionBook")
    default: nil
    }
  }
}

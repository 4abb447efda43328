/// What a file is read as.
public enum DocumentKind: Sendable, Equatable, Hashable, CustomStringConvertible {
  /// Plain text: paragraphs between blank lines.
  case text
  /// Markdown as GitHub writes it, read by cmark-gfm.
  case markdown
  /// HTML, read by libxml2.
  case html
  /// PDF, read by poppler's `pdftotext` in a process of its own.
  case pdf
  /// A table of comma-separated values; the separator is detected.
  case csv
  /// A table of tab-separated values.
  case tsv
  /// One message of mail, read by GMime.
  case mail
  /// A mailbox in the format mbox.
  case mailbox
  /// Source code in the named language, split at its declarations.
  case source(language: String)
  /// Word's documents.
  case docx
  /// PowerPoint's presentations.
  case pptx
  /// Excel's workbooks.
  case xlsx
  /// OpenDocument text.
  case odt
  /// OpenDocument presentations.
  case odp
  /// OpenDocument workbooks.
  case ods
  /// Rich Text Format.
  case rtf
  /// EPUB books.
  case epub
  /// Jupyter's notebooks.
  case notebook
  /// reStructuredText.
  case restructuredText
  /// LaTeX.
  case latex
  /// Org mode's outlines.
  case org
  /// Subtitles, SubRip or WebVTT, with the times at which they are shown.
  case subtitles
  /// JSON Lines: a row a line.
  case jsonLines
  /// A picture in SVG, of which the text is read.
  case svg
  /// A log: a row a line.
  case log
  /// A known format that is not read.
  case unsupported(UnsupportedFormat)

  /// The name that `index` reports, as "text", "pdf" or "docx"; the language of source code.
  public var description: String {
    switch self {
    case .text: "text"
    case .markdown: "markdown"
    case .html: "html"
    case .pdf: "pdf"
    case .csv: "csv"
    case .tsv: "tsv"
    case .mail: "mail"
    case .mailbox: "mailbox"
    case .source(let language): language
    case .docx: "docx"
    case .pptx: "pptx"
    case .xlsx: "xlsx"
    case .odt: "odt"
    case .odp: "odp"
    case .ods: "ods"
    case .rtf: "rtf"
    case .epub: "epub"
    case .notebook: "notebook"
    case .restructuredText: "rst"
    case .latex: "latex"
    case .org: "org"
    case .subtitles: "subtitles"
    case .jsonLines: "jsonl"
    case .svg: "svg"
    case .log: "log"
    case .unsupported: "unsupported"
    }
  }

  /// The kind of a file by its first bytes and the extension of its name.
  ///
  /// - Parameters:
  ///   - path: The file's path; only the last component is looked at.
  ///   - head: The first bytes of the file (8 KiB are plenty).
  /// - Returns: nil where the bytes are binary and of no known format, which is to say hold NUL bytes and are not text
  ///   in UTF-16.
  public static func detect(path: String, head: [UInt8]) -> DocumentKind? {
    if head.starts(with: Array("%PDF-".utf8)) { return .pdf }
    let name = (path.split(separator: "/").last.map(String.init) ?? path).lowercased()
    let suffix = suffix(of: name)
    if let format = UnsupportedFormat.detect(suffix: suffix, head: head) { return .unsupported(format) }
    let kind = byName(name)
    if kind == .pdf { return .pdf }
    if head.starts(with: Array("PK\u{3}\u{4}".utf8)) { return OfficeKind.detect(suffix: suffix, head: head) }
    if head.starts(with: Array("{\\rtf".utf8)) { return .rtf }
    // An archive that is damaged, or no archive: the loader says so.
    if let kind = OfficeKind.byName(suffix), !head.isEmpty || kind != .rtf { return kind }
    if kind == .mail || MailboxReader.beginsMessage(head[...]) == true {
      return kind == .mail ? .mail : .mailbox
    }
    guard TextSample.isText(head) else { return nil }
    if let kind = byText(suffix, head) { return kind }
    return kind ?? .text
  }

  private static func suffix(of name: String) -> String {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return String(name[name.index(after: dot)...])
  }

  /// What text is, where its first words say more than its name.
  private static func byText(_ suffix: String, _ head: [UInt8]) -> DocumentKind? {
    let start = head.drop { $0 <= 0x20 || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }.prefix(1024)
    // Spreadsheets that web sites send are pages or tables under another name.
    if ["xls", "doc"].contains(suffix) {
      let words = String(decoding: start, as: UTF8.self).lowercased()
      if words.hasPrefix("<") { return words.contains("<?xml") && !words.contains("<html") ? nil : .html }
      return suffix == "xls" ? .csv : nil
    }
    if suffix.isEmpty || suffix == "txt" {
      if start.starts(with: Array("WEBVTT".utf8)) { return .subtitles }
      if suffix.isEmpty, start.starts(with: Array("\\documentclass".utf8)) { return .latex }
    }
    return nil
  }

  private static func byName(_ name: String) -> DocumentKind? {
    if let language = languagesByName[name] { return .source(language: language) }
    let suffix = suffix(of: name)
    switch suffix {
    case "md", "markdown", "mdown", "mkd", "mdx": return .markdown
    case "html", "htm", "xhtml": return .html
    case "pdf": return .pdf
    case "eml": return .mail
    case "mbox": return .mailbox
    case "csv": return .csv
    case "tsv", "tab": return .tsv
    case "ipynb": return .notebook
    case "rst", "rest": return .restructuredText
    case "tex", "latex", "ltx": return .latex
    case "org": return .org
    case "srt", "vtt", "sbv": return .subtitles
    case "jsonl", "ndjson", "jsonlines": return .jsonLines
    case "svg": return .svg
    case "log": return .log
    default: return languagesBySuffix[suffix].map { .source(language: $0) }
    }
  }

  private static let languagesByName = [
    "makefile": "make", "gnumakefile": "make", "dockerfile": "docker", "cmakelists.txt": "cmake",
    "rakefile": "ruby", "gemfile": "ruby",
  ]

  private static let languagesBySuffix = [
    "swift": "swift", "py": "python", "pyi": "python", "c": "c", "h": "c", "cc": "c++", "cpp": "c++",
    "cxx": "c++", "hpp": "c++", "hh": "c++", "hxx": "c++", "cu": "c++", "m": "objective-c",
    "mm": "objective-c", "java": "java", "kt": "kotlin", "kts": "kotlin", "scala": "scala",
    "js": "javascript",
    "mjs": "javascript", "cjs": "javascript", "jsx": "javascript", "ts": "typescript", "tsx": "typescript",
    "go": "go", "rs": "rust", "sh": "shell", "bash": "shell", "zsh": "shell", "rb": "ruby", "pl": "perl",
    "pm": "perl", "php": "php", "cs": "c#", "fs": "f#", "lua": "lua", "r": "r", "jl": "julia",
    "hs": "haskell", "ml": "ocaml", "ex": "elixir", "exs": "elixir", "erl": "erlang", "clj": "clojure",
    "dart": "dart", "sql": "sql", "zig": "zig", "nim": "nim", "v": "verilog", "vhd": "vhdl", "cmake": "cmake",
    "mk": "make", "css": "css", "scss": "css", "el": "lisp", "lisp": "lisp", "scm": "scheme",
    "asm": "assembly",
    "s": "assembly", "tcl": "tcl", "proto": "protobuf",
  ]
}

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

  /// The name that `index` reports: "text", "markdown", "html", "pdf", "csv", "tsv", "mail", "mailbox" or the
  /// language.
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
    }
  }

  /// The kind of a file by the extension of its name and, where that says nothing, by its first bytes.
  ///
  /// - Parameters:
  ///   - path: The file's path; only the last component is looked at.
  ///   - head: The first bytes of the file (8 KiB are plenty).
  /// - Returns: nil where the bytes are binary, which is to say hold a NUL and no UTF-16 byte order mark.
  public static func detect(path: String, head: [UInt8]) -> DocumentKind? {
    if head.starts(with: Array("%PDF-".utf8)) { return .pdf }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let kind = byName(name.lowercased())
    if kind == .pdf { return .pdf }
    if kind == .mail || MailboxReader.beginsMessage(head[...]) == true {
      return kind == .mail ? .mail : .mailbox
    }
    let hasUTF16Mark = head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF])
    if !hasUTF16Mark && head.contains(0) { return nil }
    return kind ?? .text
  }

  private static func byName(_ name: String) -> DocumentKind? {
    if let language = languagesByName[name] { return .source(language: language) }
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
    let suffix = String(name[name.index(after: dot)...])
    switch suffix {
    case "md", "markdown", "mdown", "mkd", "mdx": return .markdown
    case "html", "htm", "xhtml": return .html
    case "pdf": return .pdf
    case "eml": return .mail
    case "mbox": return .mailbox
    case "csv": return .csv
    case "tsv", "tab": return .tsv
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

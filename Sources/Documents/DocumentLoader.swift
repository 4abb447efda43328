/// Reads a file of any kind that Martlet knows, passage by passage.
///
/// ```swift
/// let summary = try DocumentLoader().read("manual.pdf") { print($0.page ?? 0, $0.text) }
/// ```
///
/// Plain text, logs, JSON Lines and tables of separated values stream in bounded memory whatever their size. Markdown and
/// source code beyond 16 MiB are read as plain text, with a warning; HTML beyond 64 MiB and archives that unpack to more
/// than 512 MiB are refused.
public struct DocumentLoader: Sendable {
  /// The most memory that reading a PDF may take, in bytes.
  public var pdfMemoryLimit = 2 << 30
  /// The longest that reading a PDF may take, in seconds.
  public var pdfTimeLimit = 300
  /// How many messages the file is attached to, one in the other.
  var mailDepth = 0

  /// Creates a loader.
  public init() {}

  /// Reads a file and hands over its passages in order.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - kind: What to read it as; nil to tell from its name and first bytes.
  ///   - body: Called for each passage. What it throws ends the reading and is thrown on.
  /// - Returns: The kind, the title, the warnings and the page counts.
  /// - Throws: `DocumentError`, or what `body` throws.
  @discardableResult
  public func read(
    _ path: String, as kind: DocumentKind? = nil, _ body: (Section) throws -> Void
  ) throws -> DocumentSummary {
    let kind = try kind ?? detect(path)
    switch kind {
    case .text:
      var filter = PayloadFilter()
      var summary = try PlainTextLoader(path: path).load { section in
        if let section = filter.stripped(section) { try body(section) }
      }
      summary.warnings += filter.warnings
      return summary
    case .markdown:
      if let summary = try loadAsTextIfLarge(path, kind, body) { return summary }
      var filter = PayloadFilter()
      var summary = try MarkdownLoader(path: path).load { section in
        if let section = filter.stripped(section) { try body(section) }
      }
      summary.warnings += filter.warnings
      return summary
    case .html: return try HTMLLoader(path: path).load(body)
    case .pdf:
      return try PDFLoader(path: path, memoryLimit: pdfMemoryLimit, timeLimit: pdfTimeLimit).load(body)
    case .csv: return try CSVLoader(path: path, kind: kind).load(body)
    case .tsv: return try CSVLoader(path: path, kind: kind, separator: UInt8(ascii: "\t")).load(body)
    case .mail, .mailbox: return try MailLoader(path: path, kind: kind, loader: self).load(body)
    case .source(let language):
      if let summary = try loadAsTextIfLarge(path, kind, body) { return summary }
      return try SourceCodeLoader(path: path, language: language).load(body)
    case .docx: return try DOCXLoader(path: path).load(body)
    case .pptx: return try PPTXLoader(path: path).load(body)
    case .xlsx: return try XLSXLoader(path: path).load(body)
    case .odt, .odp, .ods: return try ODFLoader(path: path, kind: kind).load(body)
    case .epub: return try EPUBLoader(path: path).load(body)
    case .rtf: return try RTFLoader(path: path).load(body)
    case .notebook: return try NotebookLoader(path: path).load(body)
    case .restructuredText: return try RestructuredTextLoader(path: path).load(body)
    case .latex: return try LaTeXLoader(path: path).load(body)
    case .org: return try OrgLoader(path: path).load(body)
    case .subtitles: return try SubtitleLoader(path: path).load(body)
    case .jsonLines: return try JSONLinesLoader(path: path).load(body)
    case .svg: return try SVGLoader(path: path).load(body)
    case .log: return try LogLoader(path: path).load(body)
    case .unsupported(let format): throw DocumentError(path: path, problem: .unsupported(format))
    }
  }

  /// Reads a whole file into memory.
  public func load(_ path: String, as kind: DocumentKind? = nil) throws(DocumentError) -> LoadedDocument {
    var sections = [Section]()
    do {
      let summary = try read(path, as: kind) { sections.append($0) }
      return LoadedDocument(summary: summary, sections: sections)
    } catch {
      throw DocumentError.from(error, path: path)
    }
  }

  private func detect(_ path: String) throws(DocumentError) -> DocumentKind {
    do {
      let head = try ReadableFile(path: path).read(upTo: 8192)
      // Text that is none is told from binary by the whole file; the loader of plain text does so.
      return DocumentKind.detect(path: path, head: head) ?? .text
    } catch {
      throw DocumentError(path: path, problem: .init(error))
    }
  }

  private func loadAsTextIfLarge(
    _ path: String, _ kind: DocumentKind, _ body: (Section) throws -> Void
  ) throws -> DocumentSummary? {
    guard case .success(let status) = FileStatus.of(path, followingLinks: true),
      status.byteCount > SourceCodeLoader.maximumBytes
    else { return nil }
    var summary = try PlainTextLoader(path: path).load(body)
    summary.warnings.append("is large and was read as plain text, without the structure of \(kind)")
    return summary
  }
}

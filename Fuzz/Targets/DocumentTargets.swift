import MartletDocuments

func readHTML(_ input: [UInt8]) { readDocument(input, as: .html, named: "html") }

func readMarkdown(_ input: [UInt8]) { readDocument(input, as: .markdown, named: "md") }

/// Comma-separated values, which the loader also tries with other separators.
func readCSV(_ input: [UInt8]) { readDocument(input, as: .csv, named: "csv") }

/// One message of mail, with its attachments.
func readMail(_ input: [UInt8]) { readDocument(input, as: .mail, named: "eml") }

func readMailbox(_ input: [UInt8]) { readDocument(input, as: .mailbox, named: "mbox") }

/// Plain text in any encoding.
func readText(_ input: [UInt8]) { readDocument(input, as: .text, named: "txt") }

/// An archive that holds a document, read as each kind that it may be.
func readArchive(_ input: [UInt8]) {
  for kind in [DocumentKind.docx, .pptx, .xlsx, .odt, .odp, .ods, .epub] {
    readDocument(input, as: kind, named: "\(kind)")
  }
}

func readRTF(_ input: [UInt8]) { readDocument(input, as: .rtf, named: "rtf") }

func readNotebook(_ input: [UInt8]) { readDocument(input, as: .notebook, named: "ipynb") }

/// Text in reStructuredText, LaTeX, Org and the like.
func readMarkup(_ input: [UInt8]) {
  for kind in [DocumentKind.restructuredText, .latex, .org, .subtitles, .jsonLines, .svg, .log] {
    readDocument(input, as: kind, named: "\(kind)")
  }
}

func readSourceCode(_ input: [UInt8]) { readDocument(input, as: .source(language: "swift"), named: "swift") }

/// What `pdftotext` prints, its layout of the same pages, and the list of `pdfimages`: the programs themselves run in
/// processes of their own.
func readPDFPages(_ input: [UInt8]) {
  _ = PDFPictures(listing: input).cover(1, width: 595, height: 842)
  let pages = input.split(separator: 0x0C, omittingEmptySubsequences: false)
  let layout = PDFLayout(parsing: input)
  let sections = PDFPages(pages.map { String(decoding: $0, as: UTF8.self) }, layout: layout).sections()
  cut(LoadedDocument(summary: DocumentSummary(kind: .pdf), sections: sections))
}

/// A `.gitignore` file, and the paths that it is asked about, one a line.
func readIgnoreRules(_ input: [UInt8]) {
  let parts = parts(of: input)
  let rules = IgnoreRules(parsing: parts[0])
  for line in parts.dropFirst().joined().split(separator: UInt8(ascii: "\n")).prefix(100) {
    let path = line.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
    _ = (rules.decision(path: path, isFolder: false), rules.decision(path: path, isFolder: true))
  }
}

/// Loads a document and cuts it into chunks.
private func readDocument(_ input: [UInt8], as kind: DocumentKind, named suffix: String) {
  withFile(input, suffix) { path in
    _ = DocumentKind.detect(path: path, head: Array(input.prefix(8192)))
    if let document = try? DocumentLoader().load(path, as: kind) { cut(document) }
  }
}

private func cut(_ document: LoadedDocument) {
  let chunker = Chunker(maximumTokens: 20, overlapTokens: 5) { $0.utf8.count / 4 }
  var detector = LanguageDetector()
  for chunk in chunker.chunks(of: document) {
    detector.append(chunk.text)
    _ = SentenceSplitter.sentences(chunk.text)
  }
}

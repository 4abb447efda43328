#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Reads the text of a PDF, page by page, by poppler's `pdftotext` in a process of its own: an evil file can then
/// only kill that process, which has limits on time and memory.
struct PDFLoader {
  let path: String
  var memoryLimit = 2 << 30
  var timeLimit = 300
  /// The text that one file may have; a PDF of a thousand pages has some three megabytes.
  var textLimit = 256 << 20

  /// A page with fewer characters of its own than this, under a picture, is a scan with a stamp on it: a page number, the
  /// name of the scanner. Real pages with so few characters are titles, and have no picture of their size.
  private static let stampCharacters = 32

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let (texts, complaints) = try readTexts()
    let missing = PDFLanguageData.missing(in: complaints)
    var warnings = complaintWarning(complaints)
    if !missing.isEmpty { warnings.append(PDFLanguageData.warning(missing)) }
    var layout = PDFLayout.Reader()
    _ = try read("pdftotext", ["-bbox-layout", "-enc", "UTF-8"]) { layout.append($0) }
    let pages = PDFPages(texts, layout: layout.finish())
    let characters = texts.map(PDFPages.characters)
    let empty = try pagesWithoutText(pages, characters)
    if empty.count == texts.count {
      if !missing.isEmpty { throw error(.missingLanguageData(collections: missing)) }
      throw error(.noTextLayer(pages: texts.count))
    }
    for section in pages.sections() { try body(section) }
    return DocumentSummary(
      kind: .pdf, warnings: warnings + emptyPageWarning(empty, of: texts.count), pageCharacters: characters,
      runningLines: pages.runningLines)
  }

  private func error(_ problem: DocumentError.Problem) -> DocumentError {
    DocumentError(path: path, problem: problem)
  }

  /// The numbers of the pages that have no text, or a stamp alone on a picture.
  private func pagesWithoutText(_ pages: PDFPages, _ characters: [Int]) throws -> [Int] {
    let own = pages.ownCharacters
    let sparse = own.indices.filter { own[$0] < Self.stampCharacters }
    let doubtful = sparse.filter { characters[$0] > 0 }
    guard let first = doubtful.first, let last = doubtful.last else { return sparse.map { $0 + 1 } }
    var listing: [UInt8] = []
    _ = try read("pdfimages", ["-list", "-f", "\(first + 1)", "-l", "\(last + 1)"], output: []) {
      listing += $0
    }
    let pictures = PDFPictures(listing: listing)
    return sparse.map { $0 + 1 }.filter { number in
      if characters[number - 1] == 0 { return true }
      guard let size = pages.size(ofPage: number) else { return false }
      return pictures.cover(number, width: size.width, height: size.height)
    }
  }

  private func emptyPageWarning(_ empty: [Int], of count: Int) -> [String] {
    guard let first = empty.first else { return [] }
    if empty.count == 1 { return ["page \(first) of \(count) has no text layer"] }
    var ranges: [ClosedRange<Int>] = []
    for page in empty {
      if let last = ranges.last, last.upperBound == page - 1 {
        ranges[ranges.count - 1] = last.lowerBound...page
      } else {
        ranges.append(page...page)
      }
    }
    let list = ranges.prefix(10).map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)"
    }
    return [
      "\(empty.count) of \(count) pages have no text layer: \(list.joined(separator: ", "))"
        + (ranges.count > 10 ? ", …" : "")
    ]
  }

  /// The text of each page, and what `pdftotext` complained of. It ends each page with a form feed.
  private func readTexts() throws -> (pages: [String], complaints: [String]) {
    // A missing or unreadable file is told apart from a broken one before poppler words it in its own way.
    do { _ = try ReadableFile(path: path) } catch { throw self.error(.init(error)) }
    var output = [UInt8]()
    let complaints = try read("pdftotext", ["-enc", "UTF-8"]) { piece in
      output += piece
      if output.count > textLimit { throw error(.tooLarge(size: output.count, limit: textLimit)) }
    }
    var pages = output.split(separator: 0x0C, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    if pages.last?.isEmpty == true { pages.removeLast() }
    if pages.isEmpty { throw error(.damaged(detail: complaints.first ?? "it has no pages")) }
    return (pages, complaints)
  }

  /// Runs one of poppler's programs on the file, and gives what it complained of.
  private func read(
    _ program: String, _ options: [String], output: [String] = ["-"], _ body: ([UInt8]) throws -> Void
  ) throws -> [String] {
    let child = ChildProcess(memoryLimit: memoryLimit, timeLimit: timeLimit)
    let file = path.hasPrefix("-") ? "./" + path : path
    let (ending, errors) = try child.run(program, options + [file] + output, body)
    let complaints = errors.split(separator: "\n").map(String.init)
    try check(ending, program, complaints)
    return complaints
  }

  private func check(_ ending: ChildProcess.Ending, _ program: String, _ complaints: [String]) throws {
    let all = complaints.joined(separator: "\n")
    switch ending {
    case .exited(0): return
    case .exited(127): throw error(.missingProgram(name: program, package: "poppler-utils"))
    case .timedOut: throw error(.timeLimit(seconds: timeLimit))
    // Ctrl-C in a terminal goes to all programs of the job: the program may hear of it before this one does.
    case .cancelled, .signalled(SIGINT), .signalled(SIGTERM): throw error(.cancelled)
    case .signalled(24), .signalled(9): throw error(.timeLimit(seconds: timeLimit))
    case .notStarted: throw error(.unreadable(reason: "\(program) did not start: \(all)"))
    case .exited, .signalled:
      if all.contains("ncorrect password") || all.contains("ncrypt") { throw error(.encrypted) }
      if all.contains("memory") || all.contains("bad_alloc") {
        throw error(.memoryLimit(megabytes: memoryLimit >> 20))
      }
      throw error(.damaged(detail: complaints.last ?? "\(program) failed without a word"))
    }
  }

  /// Poppler repairs what it can and says so; the text may then lack something.
  private func complaintWarning(_ complaints: [String]) -> [String] {
    let real = complaints.filter { complaint in
      (complaint.hasPrefix("Syntax Error") || complaint.hasPrefix("Internal Error"))
        && PDFLanguageData.missing(in: [complaint]).isEmpty
    }
    guard let first = real.first else { return [] }
    return [
      "may be incomplete: pdftotext reported \(real.count) \(real.count == 1 ? "error" : "errors"), first \"\(first)\""
    ]
  }
}

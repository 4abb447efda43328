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

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let (pages, warnings) = try readPages()
    let characters = pages.map { page in page.unicodeScalars.count { !$0.properties.isWhitespace } }
    let empty = characters.indices.filter { characters[$0] == 0 }.map { $0 + 1 }
    if empty.count == pages.count { throw error(.noTextLayer(pages: pages.count)) }
    for section in PDFPages(pages).sections() { try body(section) }
    return DocumentSummary(
      kind: .pdf, warnings: warnings + emptyPageWarning(empty, of: pages.count), pageCharacters: characters)
  }

  private func error(_ problem: DocumentError.Problem) -> DocumentError {
    DocumentError(path: path, problem: problem)
  }

  private func emptyPageWarning(_ empty: [Int], of count: Int) -> [String] {
    guard let first = empty.first else { return [] }
    let list = empty.prefix(10).map(String.init).joined(separator: ", ") + (empty.count > 10 ? ", …" : "")
    return empty.count == 1
      ? ["page \(first) of \(count) has no text layer"]
      : ["\(empty.count) of \(count) pages have no text layer: \(list)"]
  }

  /// The text of each page. `pdftotext` ends each page with a form feed.
  private func readPages() throws -> (pages: [String], warnings: [String]) {
    // A missing or unreadable file is told apart from a broken one before poppler words it in its own way.
    do { _ = try ReadableFile(path: path) } catch { throw self.error(.init(error)) }
    var output = [UInt8]()
    let child = ChildProcess(memoryLimit: memoryLimit, timeLimit: timeLimit)
    let file = path.hasPrefix("-") ? "./" + path : path
    let (ending, errors) = try child.run("pdftotext", ["-enc", "UTF-8", file, "-"]) { piece in
      output += piece
      if output.count > textLimit { throw error(.tooLarge(size: output.count, limit: textLimit)) }
    }
    let complaints = errors.split(separator: "\n").map(String.init)
    try check(ending, complaints)
    var pages = output.split(separator: 0x0C, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    if pages.last?.isEmpty == true { pages.removeLast() }
    if pages.isEmpty { throw error(.damaged(detail: complaints.first ?? "it has no pages")) }
    return (pages, complaintWarning(complaints))
  }

  private func check(_ ending: ChildProcess.Ending, _ complaints: [String]) throws {
    let all = complaints.joined(separator: "\n")
    switch ending {
    case .exited(0): return
    case .exited(127): throw error(.missingProgram(name: "pdftotext", package: "poppler-utils"))
    case .timedOut: throw error(.timeLimit(seconds: timeLimit))
    // Ctrl-C in a terminal goes to all programs of the job: pdftotext may hear of it before this one does.
    case .cancelled, .signalled(SIGINT), .signalled(SIGTERM): throw error(.cancelled)
    case .signalled(24), .signalled(9): throw error(.timeLimit(seconds: timeLimit))
    case .notStarted: throw error(.unreadable(reason: "pdftotext did not start: \(all)"))
    case .exited, .signalled:
      if all.contains("ncorrect password") || all.contains("ncrypt") { throw error(.encrypted) }
      if all.contains("memory") || all.contains("bad_alloc") {
        throw error(.memoryLimit(megabytes: memoryLimit >> 20))
      }
      throw error(.damaged(detail: complaints.last ?? "pdftotext failed without a word"))
    }
  }

  /// Poppler repairs what it can and says so; the text may then lack something.
  private func complaintWarning(_ complaints: [String]) -> [String] {
    let real = complaints.filter { $0.hasPrefix("Syntax Error") || $0.hasPrefix("Internal Error") }
    guard let first = real.first else { return [] }
    return [
      "may be incomplete: pdftotext reported \(real.count) \(real.count == 1 ? "error" : "errors"), first \"\(first)\""
    ]
  }
}

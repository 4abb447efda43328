import Foundation
import MartletVectorStore
import Testing

@testable import MartletRetrieval

@Suite("An indexing run keeps files and passages together", .needs(model: embedderName))
struct IndexRunTests {
  /// The texts of each file's passages, by its name.
  private func texts(_ library: Library) throws -> [String: [String]] {
    let records = try library.documents.records.get(RecordSelection(limit: 10_000))
    return Dictionary(grouping: records) { URL(filePath: $0.path ?? "").lastPathComponent }
      .mapValues { $0.map { $0.document ?? "" } }
  }

  private func rename(_ place: Workplace, _ old: String, _ new: String) throws {
    try FileManager.default.moveItem(
      at: place.documents.appending(path: old), to: place.documents.appending(path: new))
  }

  @Test("Files that swap or rotate their names have their own passages afterwards")
  func swap() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try place.library()
    let contents = ["The swift sleeps on the wing.", "The barn owl hunts voles.", "The kite circles."]
    for (name, text) in zip(["a", "b", "c"], contents) { try place.write(name, text) }
    _ = try library.index([place.documents.path()])

    for (old, new) in [("a", "x"), ("b", "a"), ("x", "b")] { try rename(place, old, new) }
    _ = try library.index([place.documents.path()])
    #expect(try texts(library) == ["a": [contents[1]], "b": [contents[0]], "c": [contents[2]]])
    #expect(try library.search("owl hunting voles", limit: 1).map(\.path) == [place.documents.path() + "/a"])

    // a → b → c → a
    for (old, new) in [("c", "x"), ("b", "c"), ("a", "b"), ("x", "a")] { try rename(place, old, new) }
    _ = try library.index([place.documents.path()])
    #expect(try texts(library) == ["a": [contents[2]], "b": [contents[1]], "c": [contents[0]]])
    let again = try library.index([place.documents.path()])
    #expect((again.unchangedCount, again.chunkCount, again.reusedChunkCount) == (3, 0, 0))
  }

  @Test("A file that was only touched is known by its new time from then on")
  func touched() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try place.library()
    let path = try place.write("a.txt", "A martlet never lands.")
    _ = try library.index([place.documents.path()])
    let before = try #require(try library.documents.sources()[path])
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: path)
    let report = try library.index([place.documents.path()])
    #expect((report.unchangedCount, report.changedCount, report.chunkCount) == (1, 0, 0))
    let after = try #require(try library.documents.sources()[path])
    #expect(after.modificationDate > before.modificationDate)
    let times = [before, after].map { $0.details["indexed"]?.integerValue ?? 0 }
    #expect(times[0] < times[1])
  }

  private static let paragraphs = (0..<600).map { "Swift \($0) came over the tower at noon." }

  @Test("A text that is read piece by piece gives the passages of one that is read as a whole")
  func streamed() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try place.library()
    try place.write("long.txt", Self.paragraphs.prefix(300).joined(separator: "\n\n"))
    let whole = try library.index([place.documents.path()], settings: IndexSettings(chunkTokens: 16))
    let expected = try library.documents.records.get(RecordSelection(limit: 10_000))
    let streamed = try library.index(
      [place.documents.path()], settings: IndexSettings(chunkTokens: 16, force: true, streamedBytes: 100))
    #expect(whole.chunkCount > 256 && streamed.chunkCount == whole.chunkCount)
    let found = try library.documents.records.get(RecordSelection(limit: 10_000))
    #expect(found.map(\.id) == expected.map(\.id))
    #expect(found.map(\.document) == expected.map(\.document))
  }

  @Test("Broken off in the midst of a long text, a run leaves all as it was, and the next one does it")
  func cancelled() async throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try place.library()
    let settings = IndexSettings(chunkTokens: 16, streamedBytes: 100)
    let folder = place.documents.path()
    try place.write("a.txt", "A martlet never lands.")
    try place.write("long.txt", "The old text.")
    _ = try library.index([folder], settings: settings)
    let before = try texts(library)

    try place.write("long.txt", Self.paragraphs.joined(separator: "\n\n"))
    let task = Task.detached {
      try library.index([folder], settings: settings) { progress in
        if progress.chunkCount > 0 { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try texts(library) == before)

    let report = try library.index([folder], settings: settings)
    #expect((report.changedCount, report.unchangedCount) == (1, 1))
    #expect(try texts(library)["long.txt"]?.count == report.chunkCount)
  }
}

@Suite("Quotes are words of the document", .needs(model: embedderName))
struct QuotePlaceTests {
  /// The documents as a person sees them: a PDF's text by poppler's own tool, page by page.
  private func text(of quote: Quote) throws -> String {
    guard let page = quote.page else { return try String(contentsOfFile: quote.path, encoding: .utf8) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["pdftotext", "-f", "\(page)", "-l", "\(page)", "-enc", "UTF-8", quote.path, "-"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self)
  }

  @Test(
    "Of Markdown, source code and PDF, quotes stand word for word in their file, on their page or lines",
    arguments: ["swifts.md", "code/nest_log.py", "handbook.pdf", "maintenance.pdf"])
  func verbatim(name: String) throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try place.library()
    let file = Shared.package.appending(path: "Examples/documents/\(name)").path()
    _ = try library.index([file])
    let questions = [
      "How often is the gallery ladder inspected?", "When do the swifts come back?",
      "Who keeps the weather mast?",
      "How are nests counted?",
    ]
    // Words that were hyphenated at a line's end are joined in passages; all else is to the letter.
    let bare = { (text: String) in String(text.filter { !$0.isWhitespace && $0 != "-" }) }
    for question in questions {
      let quotes = try library.evidence(for: question, quotes: 5).quotes
      #expect(!quotes.isEmpty)
      for quote in quotes {
        let whole = try text(of: quote)
        if quote.page != nil {
          #expect(bare(whole).contains(bare(quote.text)), "\(quote.text)")
          #expect(quote.startLine == nil && quote.endLine == nil)
        } else {
          #expect(whole.contains(quote.text), "\(quote.text)")
          let lines = whole.split(separator: "\n", omittingEmptySubsequences: false)
          let (start, end) = (try #require(quote.startLine), try #require(quote.endLine))
          #expect(lines[(start - 1)..<end].joined(separator: "\n").contains(quote.text), "\(quote.text)")
        }
      }
    }
  }
}

import Foundation
import MartletDocuments
import MartletVectorStore
import Synchronization
import Testing

@testable import MartletRetrieval

/// Embeds each text as the counts of its letters, and remembers how many it was given.
private final class LetterEmbedder: PassageEmbedder {
  let embedded = Mutex(0)
  let identity = EmbedderIdentity(name: "letters", revision: "1", maximumTokens: 256, precision: "float32")
  let dimension = 27
  let maximumTokens = 256
  let passageTokenLimit = 256
  let languages: [String] = []
  let evidenceThreshold = 0.5
  let warnings: [String] = []

  func countTokens(_ text: String) -> Int { text.split(whereSeparator: \.isWhitespace).count }

  func embeddings(ofDocuments texts: [String]) throws -> [TextEmbedding] {
    embedded.withLock { $0 += texts.count }
    return texts.map { text in
      var counts = [Float](repeating: 0, count: 27)
      for byte in text.lowercased().utf8 { counts[(0x61...0x7A).contains(byte) ? Int(byte - 0x61) : 26] += 1 }
      return TextEmbedding(counts, isTruncated: false)
    }
  }

  func embeddings(ofQueries texts: [String]) throws -> [TextEmbedding] { try embeddings(ofDocuments: texts) }
}

@Suite("Mail is kept once, and read from where it ended")
struct MailIndexTests {
  private let mark = "From ada@example.org Fri Mar  1 09:30:00 2024\n"

  private func message(_ name: String, from: String = "Ada Müller <ada@example.org>", day: Int = 1) -> String
  {
    "From: \(from)\nTo: Björn <bjorn@example.net>\nSubject: Subject \(name)\n"
      + "Date: Fri, 0\(day) Mar 2024 09:30:00 +0000\nMessage-ID: <\(name)@example.org>\n\nWords of \(name).\n"
  }

  private func mailbox(_ names: [String]) -> String { names.map { mark + message($0) + "\n" }.joined() }

  /// The subjects that the collection has, with the file of each.
  private func contents(_ library: Library) throws -> [String: String] {
    var contents: [String: String] = [:]
    for path in try library.documents.sources().keys {
      for record in try library.documents.records(ofSource: path) {
        let subject = record.metadata["subject"]?.stringValue ?? ""
        #expect(contents[subject] == nil, "\(subject) is there twice")
        contents[subject] = URL(filePath: path).lastPathComponent
      }
    }
    return contents
  }

  private func withLibrary(_ body: (Workplace, Library, LetterEmbedder) throws -> Void) throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let embedder = LetterEmbedder()
    try body(place, try Library.openOrCreate(in: place.database, embedding: embedder), embedder)
  }

  @Test("Of a mailbox that grows only what is new is embedded, and its messages are counted on")
  func growth() throws {
    try withLibrary { place, library, embedder in
      try place.write("inbox", mailbox(["a", "b"]))
      #expect(try library.index([place.documents.path()]).chunkCount == 2)
      try place.write("inbox", mailbox(["a", "b", "c"]))
      let report = try library.index([place.documents.path()])
      #expect(report.chunkCount == 1 && report.changedCount == 1 && embedder.embedded.withLock { $0 } == 3)
      #expect(try contents(library).count == 3)
      let found = try library.search("words of c", by: .keyword, limit: 1)
      #expect(found.first?.place == .message(3))
      #expect(try library.index([place.documents.path()]).unchangedCount == 1)
    }
  }

  @Test("Of a mailbox that lost a message the others are not embedded again")
  func deletion() throws {
    try withLibrary { place, library, embedder in
      try place.write("inbox", mailbox(["a", "b", "c"]))
      _ = try library.index([place.documents.path()])
      try place.write("inbox", mailbox(["a", "c", "d"]))
      let report = try library.index([place.documents.path()])
      #expect(
        report.chunkCount == 1 && report.reusedChunkCount == 2 && embedder.embedded.withLock { $0 } == 4)
      #expect(try contents(library).keys.sorted() == ["Subject a", "Subject c", "Subject d"])
    }
  }

  @Test("A message that is in two files is kept once, and stays when either loses it")
  func duplicates() throws {
    try withLibrary { place, library, _ in
      let root = place.documents.path()
      try place.write("a/inbox", mailbox(["one", "two", "two"]))
      let copy = try place.write("b/two.eml", "Received: by x\n" + message("two"))
      try place.write("c/archive", mailbox(["two", "three"]))
      let report = try library.index([root])
      #expect(report.duplicateMessageCount == 3 && report.warnings.isEmpty)
      #expect(
        try contents(library) == ["Subject one": "inbox", "Subject two": "inbox", "Subject three": "archive"])
      // The file that has it loses it: one of the others takes it in.
      try place.write("a/inbox", mailbox(["one"]))
      _ = try library.index([root])
      #expect(try contents(library)["Subject two"] == "two.eml")
      try FileManager.default.removeItem(atPath: copy)
      _ = try library.index([root])
      #expect(
        try contents(library) == [
          "Subject one": "inbox", "Subject two": "archive", "Subject three": "archive",
        ])
      #expect(try library.index([root]).unchangedCount == 2)
    }
  }

  @Test("A message of a Maildir that is read and renamed is not embedded again")
  func renamed() throws {
    try withLibrary { place, library, embedder in
      for name in ["cur", "new", "tmp"] {
        try FileManager.default.createDirectory(
          at: place.documents.appending(path: name), withIntermediateDirectories: true)
      }
      let new = try place.write("new/1.M1", message("a"))
      try place.write("cur/2.M2:2,S", message("b"))
      _ = try library.index([place.documents.path()])
      try FileManager.default.moveItem(atPath: new, toPath: place.documents.path() + "/cur/1.M1:2,S")
      let report = try library.index([place.documents.path()])
      #expect(
        report.chunkCount == 0 && report.removedPaths == [new] && embedder.embedded.withLock { $0 } == 2)
      #expect(try contents(library) == ["Subject a": "1.M1:2,S", "Subject b": "2.M2:2,S"])
      #expect(try library.index([place.documents.path()]).unchangedCount == 2)
    }
  }

  @Test("A run that is interrupted in a mailbox is carried on from the messages that were written")
  func interrupted() async throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try Library.openOrCreate(in: place.database, embedding: LetterEmbedder())
    try place.write("inbox", mailbox((1...1000).map { "n\($0)" }))
    let root = place.documents.path()
    let task = Task {
      try library.index([root]) { progress in
        if progress.chunkCount >= 600 { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    let written = try library.documents.records.count()
    #expect(written > 0 && written < 1000)
    let report = try library.index([root])
    #expect(report.chunkCount == 1000 - written && report.changedCount == 1)
    #expect(try contents(library).count == 1000)
    #expect(try library.index([root]).unchangedCount == 1)
  }

  @Test("A file that was indexed as a text before it was known as mail is read again")
  func otherKind() throws {
    try withLibrary { place, library, _ in
      let path = try place.write("a.eml", message("a"))
      _ = try library.index([path])
      var source = try #require(try library.documents.sources()[path])
      source.details["kind"] = "text"
      try library.documents.note(source)
      #expect(try library.index([path]).changedCount == 1)
      #expect(try library.index([path]).unchangedCount == 1)
    }
  }

  @Test(
    "Passages are chosen by sender, recipient, subject and date, and by any condition on what is known of them"
  )
  func filters() throws {
    try withLibrary { place, library, _ in
      try place.write("a.eml", message("alpha", day: 1))
      try place.write("b.eml", message("beta", from: "Carl Worth <cworth@example.com>", day: 8))
      try place.write("c.txt", "Words of no message.")
      _ = try library.index([place.documents.path()])
      func found(_ filter: PassageFilter, by method: SearchMethod = .hybrid) throws -> [String] {
        try library.search("words", by: method, limit: 10, where: filter.filter())
          .map { URL(filePath: $0.path).lastPathComponent }.sorted()
      }
      for method in SearchMethod.allCases {
        #expect(try found(PassageFilter(), by: method) == ["a.eml", "b.eml", "c.txt"])
        #expect(try found(PassageFilter(from: "muller"), by: method) == ["a.eml"])
        #expect(try found(PassageFilter(from: "CWORTH@example.com"), by: method) == ["b.eml"])
        #expect(try found(PassageFilter(from: "Worth, Carl"), by: method) == ["b.eml"])
        #expect(try found(PassageFilter(from: "Carl Müller"), by: method) == [])
        #expect(try found(PassageFilter(to: "björn"), by: method) == ["a.eml", "b.eml"])
        #expect(try found(PassageFilter(subject: "beta"), by: method) == ["b.eml"])
        #expect(try found(PassageFilter(since: 1_709_856_000), by: method) == ["b.eml"])
        #expect(try found(PassageFilter(until: 1_709_285_400), by: method) == [])
        #expect(try found(PassageFilter(until: 1_709_285_401), by: method) == ["a.eml"])
        #expect(
          try found(
            PassageFilter(to: "bjorn", condition: .metadata("message_id", .equal("beta@example.org"))),
            by: method)
            == ["b.eml"])
      }
      #expect(throws: PassageFilterError.noWords(name: "from", text: "?")) {
        try PassageFilter(from: "?").filter()
      }
      let evidence = try library.evidence(for: "words", where: PassageFilter(from: "carl").filter())
      #expect(evidence.results.map(\.attributes["message_id"]) == [.text("beta@example.org")])
    }
  }

  @Test("Places and attributes of every kind come back from the store as they were")
  func roundTrip() {
    let places: [MartletDocuments.Place?] = [
      nil, .message(3), .slide(2), .sheet("Übersicht"), .cell(7), .time(1.5...62),
    ]
    let attributes: [String: Attribute] = [
      "from": .text("Ada <ada@example.org>"), "date": .number(1_709_285_400), "ratio": .number(0.5),
    ]
    for place in places {
      var chunk = Chunk(text: "x", page: 4, startLine: 1, endLine: 2, headings: ["a", "b"])
      (chunk.place, chunk.attributes) = (place, attributes)
      let result = SearchResult(PassageRecord.make(chunk, path: "/a", embedding: [1]))
      #expect(result.place == place && result.attributes == attributes)
    }
  }
}

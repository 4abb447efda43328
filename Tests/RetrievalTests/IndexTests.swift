import Foundation
import MartletCheckpoints
import MartletVectorStore
import Testing

@testable import MartletRetrieval

@Suite("Indexing brings a collection up to date", .needs(model: embedderName))
struct IndexTests {
  @Test("Unchanged files are skipped, changed ones replaced, deleted ones dropped")
  func incremental() throws {
    let place = try Workplace()
    let library = try place.library()
    let swift = try place.write("swift.txt", "The swift sleeps on the wing.")
    let owl = try place.write("notes/owl.md", "# Owl\n\nThe barn owl hunts voles at night.")
    let first = try library.index([place.documents.path()])
    #expect((first.addedCount, first.changedCount, first.unchangedCount) == (2, 0, 0))
    let before = try library.documents.records.get(RecordSelection(limit: 100))
    let second = try library.index([place.documents.path()])
    #expect(
      (second.addedCount, second.changedCount, second.unchangedCount, second.chunkCount) == (0, 0, 2, 0))
    #expect(try library.documents.records.get(RecordSelection(limit: 100)) == before)

    try place.write("swift.txt", "The swift drinks in flight, too.")
    try FileManager.default.removeItem(atPath: owl)
    let third = try library.index([place.documents.path()])
    #expect((third.addedCount, third.changedCount, third.removedPaths) == (0, 1, [owl]))
    let texts = try library.documents.records.get(RecordSelection(limit: 100)).map { $0.document ?? "" }
    #expect(texts == ["The swift drinks in flight, too."])
    #expect(try library.search("bird that drinks", limit: 3).map(\.path) == [swift])
  }

  @Test("Indexing again, by force or by another path to the same folder, makes no passage stand twice")
  func noDuplicates() throws {
    let place = try Workplace()
    let library = try place.library()
    try place.write("a.txt", "A martlet never lands.")
    _ = try library.index([place.documents.path()])
    let ids = try library.documents.records.get(RecordSelection(limit: 10)).map(\.id)
    _ = try library.index([place.documents.path()], settings: IndexSettings(force: true))
    _ = try library.index(["\(place.documents.path())/../documents/a.txt", place.documents.path()])
    #expect(try library.documents.records.get(RecordSelection(limit: 10)).map(\.id) == ids)
  }

  @Test("A copy and a moved file take over the vectors of the same content")
  func reuse() throws {
    let place = try Workplace()
    let library = try place.library()
    let old = try place.write("old.txt", "Swifts nest under the roof.")
    _ = try library.index([place.documents.path()])
    try FileManager.default.removeItem(atPath: old)
    let new = try place.write("new.txt", "Swifts nest under the roof.")
    let report = try library.index([place.documents.path()])
    #expect((report.chunkCount, report.reusedChunkCount, report.removedPaths) == (0, 1, [old]))
    #expect(try library.search("roof", limit: 5).map(\.path) == [new])
  }

  @Test("Content that is read in another way under its new name is read anew")
  func renamedKind() throws {
    let place = try Workplace()
    let library = try place.library()
    let text = "<html><body><p>Swifts nest under the roof.</p></body></html>"
    let old = try place.write("old.txt", text)
    _ = try library.index([place.documents.path()])
    try FileManager.default.removeItem(atPath: old)
    try place.write("new.html", text)
    let report = try library.index([place.documents.path()])
    #expect((report.chunkCount, report.reusedChunkCount, report.removedPaths) == (1, 0, [old]))
    let found = try #require(try library.search("roof", limit: 1).first)
    #expect(found.text == "Swifts nest under the roof.")
  }

  @Test("A file that cannot be read is reported and never stops the rest")
  func unreadable() throws {
    let place = try Workplace()
    let library = try place.library()
    let broken = try place.write("broken.pdf", "%PDF-1.7\nthis is no PDF")
    let good = try place.write("good.txt", "The gallery ladder is inspected in March.")
    try place.write("empty.txt", "")
    let report = try library.index([place.documents.path()])
    #expect(report.failures.map(\.path) == [broken])
    #expect(report.failedRoots.isEmpty)
    #expect(report.warnings.contains { $0.path.hasSuffix("empty.txt") && $0.text.contains("no text") })
    #expect(try library.search("ladder", limit: 5).map(\.path) == [good])
  }

  @Test("Passages of a file that has become unreadable in itself go; those of a folder out of reach stay")
  func staleness() throws {
    let place = try Workplace()
    let library = try place.library()
    try place.write("a.txt", "The oak door swells in wet winters.")
    _ = try library.index([place.documents.path()])
    try place.write("a.txt", "\u{7F}ELF" + String(repeating: "\u{0}\u{1}\u{0}", count: 100))
    _ = try library.index([place.documents.path()])
    #expect(try library.documents.records.count() == 0)

    try place.write("a.txt", "The oak door swells in wet winters.")
    _ = try library.index([place.documents.path()])
    let gone = "\(place.folder.path())/not-mounted"
    let report = try library.index([gone])
    #expect(report.failedRoots.map(\.path) == [gone])
    #expect(try library.documents.records.count() == 1)
  }

  @Test("A text in a language that the embedder does not know is warned of")
  func language() throws {
    let place = try Workplace()
    let library = try place.library()
    try place.write(
      "mauersegler.txt",
      "Der Mauersegler ist ein Vogel, der fast sein ganzes Leben in der Luft verbringt. Er schläft im Flug und "
        + "landet nur zum Brüten. Die Jungen verlassen das Nest nach sechs Wochen und sind dann für zwei bis drei "
        + "Jahre ununterbrochen in der Luft.")
    try place.write(
      "english.txt", "The swift is a bird that spends nearly all of its life in the air, and sleeps there.")
    let report = try library.index([place.documents.path()])
    #expect(report.foreignPaths.keys.sorted() == ["German"])
  }

  @Test("Every chunk is read whole by the embedder, whatever size is asked for")
  func chunkSizes() throws {
    let place = try Workplace()
    let library = try place.library()
    let paragraph = (1...400).map { "Sentence number \($0) speaks of swifts, towers and rain." }.joined(
      separator: " ")
    try place.write("long.txt", paragraph)
    let report = try library.index([place.documents.path()], settings: IndexSettings(chunkTokens: 4000))
    #expect(report.chunkCount > 10)
    #expect(report.truncatedChunkCount == 0)
    #expect(report.warnings.contains { $0.text.contains("254") })
    // With other settings the same file is cut anew.
    let smaller = try library.index([place.documents.path()], settings: IndexSettings(chunkTokens: 64))
    #expect(smaller.changedCount == 1 && smaller.chunkCount > report.chunkCount)
  }

  @Test("A collection keeps its embedder, and refuses another")
  func wrongEmbedder() throws {
    let place = try Workplace()
    _ = try place.library()
    let copy = place.folder.appending(path: "another-model")
    try FileManager.default.copyItem(
      atPath: "\(ModelCache().root)/\(embedderName)", toPath: copy.path())
    #expect(throws: (any Error).self) {
      try Library.openOrCreate(in: place.database, embedder: copy.path(), device: sharedDevice.get())
    }
  }
}

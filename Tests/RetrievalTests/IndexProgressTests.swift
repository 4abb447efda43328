import Foundation
import MartletVectorStore
import Testing

@testable import MartletRetrieval

@Suite("Progress counts what is embedded and kept", .needs(model: embedderName))
struct IndexProgressTests {
  private func progress(_ place: Workplace, _ settings: IndexSettings) throws -> [IndexProgress] {
    let library = try place.library()
    var told: [IndexProgress] = []
    _ = try library.index([place.documents.path()], settings: settings) { progress in
      told.append(progress)
      // A file is done when other readers can find it.
      let kept = try? library.documents.sources().count
      #expect(progress.doneFiles <= kept ?? 0)
    }
    return told
  }

  @Test(
    "Bytes of one large file are done as its passages are embedded, whether it is read as a whole or in pieces",
    arguments: [16 << 20, 100])
  func largeFile(streamedBytes: Int) throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let paragraphs = (0..<900).map { "Swift \($0) came over the tower at noon." }
    try place.write("long.txt", paragraphs.joined(separator: "\n\n"))
    let told = try progress(place, IndexSettings(chunkTokens: 16, streamedBytes: streamedBytes))
    let chunks = try #require(told.last?.chunkCount)
    #expect(chunks >= 900)
    for (before, after) in zip(told, told.dropFirst()) { #expect(before.doneBytes <= after.doneBytes) }
    for progress in told {
      let share = Double(progress.doneBytes) / Double(progress.totalBytes)
      #expect(abs(share - Double(progress.chunkCount) / Double(chunks)) < 0.05, "\(progress)")
    }
    #expect(told.contains { 0.2 < Double($0.doneBytes) / Double($0.totalBytes) && $0.doneFiles == 0 })
    #expect(told.last?.doneBytes == told.last?.totalBytes && told.last?.doneFiles == 1)
  }

  @Test("Files without anything to embed are done, too: empty, unreadable, copied and touched ones")
  func nothingToEmbed() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let touched = try place.write("touched.txt", "A martlet never lands.")
    _ = try progress(place, IndexSettings())
    try place.write("copy.txt", "A martlet never lands.")
    try place.write("empty.txt", "\n\n")
    try place.write("broken.pdf", "%PDF-1.7\nthis is no PDF")
    try place.write("new.txt", "The owl hunts at night.")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: touched)
    let library = try place.library()
    var last: IndexProgress?
    _ = try library.index([place.documents.path()]) { last = $0 }
    let end = try #require(last)
    #expect(end.doneBytes == end.totalBytes && end.totalBytes > 0)
    #expect((end.doneFiles, end.totalFiles, end.chunkCount) == (5, 5, 1))
  }

  @Test("After a run the write-ahead log is empty")
  func checkpoint() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    try place.write("a.txt", "A martlet never lands.")
    _ = try place.library().index([place.documents.path()])
    let log = place.folder.appending(path: "store/\(Database.fileName)-wal").path()
    let size = try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int
    #expect(size == 0)
  }
}

import Foundation
import MartletDocuments
import Testing

@testable import MartletRetrieval

@Suite("What is gone does not answer any more", .needs(model: embedderName))
struct IndexGoneTests {
  private func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

  @Test("A file that is named and gone is dropped and said to be, by whatever path it is named")
  func namedFile() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try place.library()
    try place.write("kept.txt", "The barn owl hunts voles.")
    for name in ["swift.txt", "notes/../swift.txt"] {
      let swift = try place.write("swift.txt", "The swift sleeps on the wing.")
      try place.write("notes/other.txt", "Nothing of birds.")
      _ = try library.index([place.documents.path()])
      try remove(swift)
      let report = try library.index([place.documents.path() + "/" + name])
      #expect(report.removedPaths == [swift] && report.failures.isEmpty)
      #expect(try library.search("swift", limit: 5).allSatisfy { $0.path != swift })
      #expect(try library.documents.sources().count == 2)
    }
  }

  @Test("A folder that is named and gone is dropped with all its files, also beside a folder above it")
  func namedFolder() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try place.library()
    let folder = place.documents.path() + "/birds"
    for alone in [true, false] {
      let files = [
        try place.write("birds/a.txt", "A swift."), try place.write("birds/deep/b.txt", "An owl."),
      ]
      try place.write("birdsong.txt", "A song.")
      _ = try library.index([place.documents.path()])
      try remove(folder)
      let report = try library.index(alone ? [folder + "/"] : [folder, place.documents.path()])
      #expect(report.removedPaths == files && report.failures.isEmpty)
      #expect(try library.documents.sources().count == 1)
    }
  }

  @Test("Where the folder of a named path is missing or empty nothing is dropped, unless by force")
  func unmounted() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try place.library()
    let disk = place.documents.path() + "/disk"
    let file = try place.write("disk/notes/a.txt", "The swift sleeps on the wing.")
    _ = try library.index([place.documents.path()])
    // A disk that is not mounted leaves an empty folder, or none.
    for (missing, named) in [("/notes", "/notes"), ("", "/notes"), ("", "/notes/a.txt")] {
      if FileManager.default.fileExists(atPath: disk + missing) { try remove(disk + missing) }
      let report = try library.index([disk + named])
      #expect(report.failedRoots == [DocumentError(path: disk + named, problem: .mayBeUnmounted)])
      #expect(report.removedPaths.isEmpty)
      #expect(try library.search("swift", limit: 5).map(\.path) == [file])
    }
    let forced = try library.index([disk + "/notes"], settings: IndexSettings(force: true))
    #expect(forced.removedPaths == [file] && forced.failures.isEmpty)
    #expect(try library.documents.records.count() == 0)
    // What was never indexed is merely missing.
    #expect(try library.index([disk + "/notes"]).failedRoots.map(\.problem) == [.notFound])
  }

  @Test("The passages of a file that was emptied go, and it is reported")
  func emptied() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try place.library()
    let file = try place.write("a.txt", "The swift sleeps on the wing.")
    _ = try library.index([file])
    try place.write("a.txt", "")
    let report = try library.index([file])
    #expect(report.changedCount == 1)
    #expect(report.warnings == [.init(path: file, text: "has no text to index")])
    #expect(try library.documents.records.count() == 0)
    #expect(try library.search("swift", limit: 5).isEmpty)
  }
}

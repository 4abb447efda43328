import Foundation
import MartletJSON
import Testing

/// A folder of documents and a store, and the program on them.
struct LibraryPlace {
  let folder: URL
  var program = MartletProcess()

  var documents: URL { folder.appending(path: "documents") }
  var store: String { folder.appending(path: "store").path }

  init(_ folder: URL) throws {
    self.folder = folder.resolvingSymlinksInPath()
    try FileManager.default.createDirectory(at: documents, withIntermediateDirectories: true)
  }

  func write(_ name: String, _ text: String) throws {
    let url = documents.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  func run(_ command: String, _ arguments: String...) throws -> MartletProcess.Result {
    try program.run([command] + arguments + ["--store", store])
  }

  func object(_ command: String, _ arguments: String...) throws -> JSON {
    let result = try program.run([command] + arguments + ["--store", store, "--json"])
    try #require(result.status == 0, "\(result.errors)")
    return try JSON(parsing: result.text)
  }

  /// The names of the files in which a search by words finds something.
  func files(with words: String) throws -> Set<String> {
    let found = try object("search", words, "--by", "words", "-k", "1000")["results"]?.arrayValue ?? []
    return Set(found.compactMap { $0["path"]?.stringValue?.split(separator: "/").last.map(String.init) })
  }
}

/// A place that is removed after `body`.
func withLibraryPlace<Result>(_ body: (LibraryPlace) throws -> Result) throws -> Result {
  try withTemporaryFolder { try body(LibraryPlace($0)) }
}

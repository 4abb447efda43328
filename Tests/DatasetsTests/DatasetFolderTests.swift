import Foundation
import MartletCheckpoints
import MartletJSON
import Testing

@testable import MartletDatasets

@Suite("Data sets on this machine")
struct DatasetFolderTests {
  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  @Test("A file is its only part, and a folder's files are its parts")
  func paths() throws {
    try withFolder { folder in
      // Longer than one read, with empty lines and without a line break at the end.
      let long = String(repeating: "ä", count: 100_000)
      try Data("{\"a\":1}\r\n\n{\"a\":\"\(long)\"}\n{\"a\":3}".utf8).write(
        to: folder.appending(path: "dev.jsonl"))
      try Data("{}\n".utf8).write(to: folder.appending(path: "test.jsonl"))
      try Data("x".utf8).write(to: folder.appending(path: "README.md"))
      let whole = try DatasetFolder.open(folder.path)
      #expect(whole.files.keys.sorted() == ["dev", "test"])
      let file = try DatasetFolder.open(folder.path + "/dev.jsonl")
      #expect(file.files.keys.sorted() == ["dev"])
      var rows = try file.rows(split: "dev")
      #expect(try rows.next()?["a"] == 1)
      #expect(try rows.next()?["a"]?.stringValue == long)
      #expect(try rows.next()?["a"] == 3)
      #expect(try rows.next() == nil)
      #expect(rows.line == 4)
      #expect(throws: DatasetError.noSplit("train", dataset: folder.path, splits: ["dev", "test"])) {
        _ = try whole.rows(split: "train")
      }
    }
  }

  @Test("What is missing is named, with what to do")
  func missing() throws {
    try withFolder { folder in
      let cache = DatasetCache(root: folder.path, environment: [:])
      #expect(throws: DatasetError.notPulled("gsm8k")) { try DatasetFolder.open("GSM8K", cache: cache) }
      let unknown = #expect(throws: DatasetError.self) { try DatasetFolder.open("gsm9k", cache: cache) }
      #expect(unknown?.description.contains("mmlu, hellaswag") == true)
      #expect(unknown?.localizedDescription == unknown?.description)
      let path = #expect(throws: DatasetError.self) {
        try DatasetFolder.open("/nowhere/a.jsonl", cache: cache)
      }
      #expect(path?.description.contains("/nowhere/a.jsonl does not exist") == true)
      let empty = #expect(throws: DatasetError.self) {
        try DatasetFolder.open(folder.path + "/", cache: cache)
      }
      #expect(empty?.description.contains("no file of JSON lines") == true)
    }
  }

  @Test("A line that is no row is named by its number", arguments: ["[1]", "{\"a\":", "nonsense"])
  func malformed(_ line: String) throws {
    try withFolder { folder in
      let path = folder.appending(path: "test.jsonl").path
      try Data("{}\n\(line)\n".utf8).write(to: URL(filePath: path))
      var rows = try DatasetFolder.open(path).rows(split: "test")
      _ = try rows.next()
      let error = #expect(throws: DatasetError.self) { _ = try rows.next() }
      #expect(error?.description.hasPrefix("\(path), line 2: ") == true, "\(error?.description ?? "")")
    }
  }

  @Test("The cache follows MARTLET_HOME, XDG_CACHE_HOME and HOME")
  func places() {
    #expect(DatasetCache(environment: ["MARTLET_HOME": "/m", "HOME": "/h"]).root == "/m/datasets")
    #expect(DatasetCache(environment: ["XDG_CACHE_HOME": "/x", "HOME": "/h"]).root == "/x/martlet/datasets")
    #expect(DatasetCache(environment: ["HOME": "/h"]).root == "/h/.cache/martlet/datasets")
  }
}

@Suite("The catalogue of data sets")
struct DatasetCatalogueTests {
  @Test("It is small, and has each benchmark with licence, parts and sources")
  func standard() throws {
    let catalogue = try DatasetCatalogue.standard()
    #expect(PackageResources.datasets_json.count < 20_000)
    let names = catalogue.entries.map(\.name)
    #expect(Set(names).count == names.count)
    for name in [
      "mmlu", "hellaswag", "truthfulqa", "gsm8k", "humaneval", "mbpp", "arc_easy", "arc_challenge", "piqa",
      "winogrande",
    ] {
      let entry = try catalogue.entry(named: name)
      #expect(entry.splits.contains { !$0.isOptional } && entry.homepage.hasPrefix("https://"))
    }
    #expect(try catalogue.entry(named: "Human-Eval").name == "humaneval")
    #expect(try catalogue.entry(named: "gsm8k").isPinned("test"))
    #expect(try !catalogue.entry(named: "mmlu").isPinned("test"))
  }

  @Test("A catalogue that is wrong is refused with the data set's name")
  func malformed() {
    let texts = [
      #"{"datasets":[{"name":"../x"}]}"#, #"{"datasets":[{"name":"x","license":"MIT"}]}"#, "{}", "[",
      #"{"datasets":[{"name":"x","summary":"","license":"MIT","homepage":"","splits":[{"name":"test","rows":1}],"sources":[{"type":"ftp"}]}]}"#,
      #"{"datasets":[{"name":"x","summary":"","license":"MIT","homepage":"","splits":[{"name":"test","rows":1}],"sources":[{"type":"wheel","package":"--index-url","files":{"test":{"location":"a"}}}]}]}"#,
    ]
    for text in texts {
      let error = #expect(throws: DatasetError.self) {
        try DatasetCatalogue(json: Array(text.utf8), file: "mine.json")
      }
      #expect(error?.description.hasPrefix("mine.json") == true, "\(text)")
    }
  }
}

import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTestScope
import Testing

@testable import MartletDatasets

@Suite("Pulling data sets", .startsProcesses)
struct DatasetPullTests {
  @Test("Rows come page by page and in order, each as it was written, with a manifest")
  func rows() throws {
    let server = try FakeDataServer()
    let cache = server.cache()
    try cache.pull(server.entry("ok"), patience: .short)
    #expect(try server.numbers() == Array(0..<250))
    let text = try String(contentsOfFile: cache.root + "/numbers/test.jsonl", encoding: .utf8)
    #expect(text.hasPrefix(#"{"number":0,"text":"roéw 0\n","score":1.50}"# + "\n"), "\(text.prefix(100))")
    #expect(text.split(separator: "\n").count == 250)
    let manifest = try #require(try cache.manifest(of: server.entry("ok")))
    let split = try #require(manifest.splits["test"])
    #expect(
      manifest.license == "MIT" && split.rows == 250 && split.bytes == text.utf8.count && !split.isPinned)
    #expect(split.source == "Hugging Face owner/ok, a b" && split.sha256.count == 64)
    #expect(
      server.files() == ["numbers", "numbers/manifest.json", "numbers/test.jsonl"], "\(server.files())")
    let requests = try server.requests()
    #expect(requests.map { $0["offset"]?.stringValue } == ["0", "100", "200"])
    #expect(
      requests.allSatisfy { $0["dataset"] == "owner/ok" && $0["config"] == "a b" && $0["length"] == "100" })
    #expect(requests.allSatisfy { $0["token"] == "" }, "the token is for Hugging Face's own server")
  }

  @Test(
    "Cut connections, status 500 and 429 are tried again",
    arguments: [("cut-once", 6), ("busy-once", 6), ("patience", 4)])
  func setbacks(_ kind: String, _ requests: Int) throws {
    let server = try FakeDataServer()
    let start = ContinuousClock.now
    try server.cache().pull(server.entry(kind), patience: .short)
    #expect(try server.numbers() == Array(0..<250))
    #expect(try server.requests().count == requests)
    // The server's wish is heard.
    if kind == "patience" { #expect(ContinuousClock.now - start >= .seconds(1)) }
  }

  @Test(
    "What is not the data set is refused with the reason, and leaves nothing in its place",
    arguments: [
      ("wrong-count", "it has 251 rows instead of 250"), ("changing", "it has 260 rows instead of 250"),
      ("short", "has 99 rows instead of 100"),
      ("unordered", "row 3 is missing from the answer, or out of order"),
      ("truncated", "the server cuts text of row 7"), ("nonsense", "not what a data server sends"),
      ("missing", "status 404"), ("broken", "status 500, 3 times in a row"),
    ])
  func refusals(_ kind: String, _ reason: String) throws {
    let server = try FakeDataServer()
    let error = #expect(throws: DatasetError.self) {
      try server.cache().pull(server.entry(kind), patience: .short)
    }
    #expect(
      error?.description.contains("owner/\(kind), a b: ") == true
        && error?.description.contains(reason) == true, "\(error?.description ?? "")")
    #expect(!FileManager.default.fileExists(atPath: server.cache().root + "/numbers/test.jsonl"))
    // After a change of the data set none of its pages is used again.
    if kind == "changing" { #expect(!server.files().contains { $0.contains("rows-") }, "\(server.files())") }
  }

  @Test("Where a source does not deliver, the next one is asked")
  func nextSource() throws {
    let server = try FakeDataServer()
    try server.cache().pull(server.entry("missing", "truncated", "ok"), patience: .short)
    #expect(try server.numbers() == Array(0..<250))
    let manifest = try server.cache().manifest(of: server.entry("ok"))
    #expect(manifest?.splits["test"]?.source == "Hugging Face owner/ok, a b")
  }

  @Test("A pull that was broken off carries on behind the last page that came")
  func resume() throws {
    let server = try FakeDataServer()
    #expect(throws: DatasetError.self) { try server.cache().pull(server.entry("broken"), patience: .short) }
    let early = try server.requests().count
    try Data().write(to: server.folder.appending(path: "mended"))
    try server.cache().pull(server.entry("broken"), patience: .short)
    #expect(try server.numbers() == Array(0..<250))
    #expect(try server.requests().dropFirst(early).map { $0["offset"]?.stringValue } == ["200"])
    #expect(
      server.files() == ["numbers", "numbers/manifest.json", "numbers/test.jsonl"], "\(server.files())")
  }

  @Test("A cancelled pull stops, and the next one carries on")
  func cancellation() async throws {
    let server = try FakeDataServer()
    let (cache, entry) = (server.cache(), server.entry("ok"))
    let task = Task.detached {
      try cache.pull(entry, patience: .short) { progress in
        if progress.done >= 100 { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await #expect(throws: DatasetError.cancelled) { try await task.value }
    try cache.pull(entry, patience: .short)
    #expect(try server.numbers() == Array(0..<250))
    #expect(try server.requests().filter { $0["offset"] == "0" }.count == 1)
  }

  @Test("A second pull checks what is there, and fetches what has been damaged")
  func check() throws {
    let server = try FakeDataServer()
    let (cache, entry) = (server.cache(), server.entry("ok"))
    try cache.pull(entry, patience: .short)
    try cache.pull(entry, patience: .short)
    #expect(try server.requests().count == 3)
    let path = cache.root + "/numbers/test.jsonl"
    var bytes = try Data(contentsOf: URL(filePath: path))
    bytes[20] ^= 1
    try bytes.write(to: URL(filePath: path))
    try cache.pull(entry, patience: .short)
    #expect(try server.requests().count == 6)
    #expect(try server.numbers() == Array(0..<250))
    try cache.pull(entry, splits: ["train"], patience: .short)
    #expect(try server.requests().last?["split"] == "train")
    #expect(try cache.manifest(of: entry)?.splits.keys.sorted() == ["test", "train"])
    #expect(throws: DatasetError.noSplit("dev", dataset: "numbers", splits: ["test", "train"])) {
      try cache.pull(entry, splits: ["dev"], patience: .short)
    }
  }

  @Test("Files are held to their SHA-256 and the number of their rows, compressed or not")
  func files() throws {
    let server = try FakeDataServer()
    let lines = (0..<5).map { #"{"number": \#($0)}"# }.joined(separator: "\n")
    let plain = server.folder.appending(path: "plain.jsonl")
    try Data(lines.utf8).write(to: plain)
    let zip = Process()
    zip.executableURL = URL(filePath: "/usr/bin/env")
    zip.arguments = ["gzip", "-k", plain.path]
    try zip.run()
    zip.waitUntilExit()
    func entry(_ name: String, rows: Int, sha256: String?) -> DatasetEntry {
      var entry = server.entry(rows: rows)
      entry.splits.removeLast()
      entry.sources = [
        .url(["test": DatasetFile(location: "\(server.endpoint)/file/\(name)", sha256: sha256)])
      ]
      return entry
    }
    for name in ["plain.jsonl", "plain.jsonl.gz"] {
      let cache = DatasetCache(root: "\(server.folder.path)/\(name)-cache", environment: server.environment)
      let hash = try SHA256.hexadecimal(ofFile: server.folder.appending(path: name).path) { _ in }
      try cache.pull(entry(name, rows: 5, sha256: hash), patience: .short)
      var rows = try DatasetRows(path: "\(cache.root)/numbers/test.jsonl")
      var numbers: [Int?] = []
      while let row = try rows.next() { numbers.append(row["number"]?.intValue) }
      #expect(numbers == [0, 1, 2, 3, 4])
      #expect(try cache.manifest(of: entry(name, rows: 5, sha256: hash))?.splits["test"]?.isPinned == true)
    }
    let other = String(repeating: "0", count: 64)
    for (rows, hash, reason) in [(5, other, "not \(other)"), (6, nil, "it has 5 rows instead of 6")] {
      let error = #expect(throws: DatasetError.self) {
        try server.cache().pull(entry("plain.jsonl", rows: rows, sha256: hash), patience: .short)
      }
      #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }
  }

  @Test("HF_HUB_OFFLINE and a kind of sources leave the data server alone")
  func offline() throws {
    let server = try FakeDataServer()
    let offline = #expect(throws: DatasetError.self) {
      try server.cache(["HF_HUB_OFFLINE": "1"]).pull(server.entry("ok"), patience: .short)
    }
    #expect(offline?.description.contains("HF_HUB_OFFLINE is set") == true)
    let chosen = #expect(throws: DatasetError.self) {
      try server.cache().pull(server.entry("ok"), from: [.wheel], patience: .short)
    }
    #expect(chosen?.description.contains("the source was to be: wheel") == true)
    #expect(try server.requests().isEmpty)
  }
}

import Foundation
import MartletCheckpoints
import MartletHTTPClient
import MartletJSON
import Testing

@testable import MartletDatasets

/// `fake_data_server.py` as a process of its own, with a folder that has its files and a cache of data sets.
final class FakeDataServer {
  let folder: URL
  let endpoint: String
  private let process = Process()
  private let input = Pipe()

  init() throws {
    // The server is on this machine, whatever proxy there is for others.
    setenv("no_proxy", "127.0.0.1", 1)
    folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "fake_data_server.py")
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", script.path, folder.path]
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    let port = try #require(
      Int(line.trimmingCharacters(in: .whitespacesAndNewlines)), "the server did not start")
    endpoint = "http://127.0.0.1:\(port)"
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  var environment: [String: String] {
    ["MARTLET_DATA_SERVER": endpoint, "HOME": folder.path, "PATH": "/usr/bin:/bin", "HF_TOKEN": "secret"]
  }

  func cache(_ more: [String: String] = [:]) -> DatasetCache {
    DatasetCache(root: "\(folder.path)/datasets", environment: environment.merging(more) { $1 })
  }

  /// A data set of 250 rows, from data sets of the server that behave as their names say.
  func entry(_ behaviours: String..., rows: Int = 250) -> DatasetEntry {
    DatasetEntry(
      name: "numbers", summary: "Numbers.", license: "MIT", homepage: "https://example.org",
      splits: [.init(name: "test", rows: rows), .init(name: "train", rows: rows, isOptional: true)],
      sources: behaviours.map {
        .rows(dataset: "owner/\($0)", config: "a b", splits: ["test": "test", "train": "train"])
      })
  }

  /// The numbers of the rows that the cache has.
  func numbers() throws -> [Int] {
    var rows = try DatasetRows(path: "\(folder.path)/datasets/numbers/test.jsonl")
    var numbers: [Int] = []
    while let row = try rows.next() { numbers.append(try #require(row["number"]?.intValue)) }
    return numbers
  }

  /// The requests so far, in order.
  func requests() throws -> [JSON] {
    guard let log = try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8) else { return [] }
    return try log.split(separator: "\n").map { try JSON(parsing: String($0)) }
  }

  /// What lies in the cache, hidden files too, but for locks.
  func files() -> [String] {
    let paths = FileManager.default.enumerator(atPath: "\(folder.path)/datasets")?.compactMap {
      $0 as? String
    }
    return (paths ?? []).filter { !$0.hasSuffix(".lock") }.sorted()
  }
}

extension HTTPPatience {
  /// Patience for tests: few tries, short pauses.
  static let short = HTTPPatience(
    tries: 3, firstPause: .milliseconds(1), longestPause: .milliseconds(5), longestWish: .seconds(5),
    connectSeconds: 5)
}

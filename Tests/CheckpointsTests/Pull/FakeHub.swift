import Foundation
import MartletHTTPClient
import MartletJSON
import MartletSeededRandom
import Testing

@testable import MartletCheckpoints

/// `fake_hub.py` as a process of its own, with a folder that holds its files and a cache of models.
final class FakeHub {
  let folder: URL
  private let process = Process()
  private let input = Pipe()
  let endpoint: String
  let storage: String

  /// A request that came in.
  struct Request: Equatable {
    var server: String
    var path: String
    var range: String?
    var ifRange: String?
    var authorization: String?
  }

  init() throws {
    // The servers are on this machine, whatever proxy there is for others.
    setenv("no_proxy", "127.0.0.1", 1)
    folder = try makeTemporaryFolder()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "fake_hub.py")
    process.arguments = ["python3", script.path, folder.path]
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var line = Data()
    while !line.contains(UInt8(ascii: "\n")) {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { break }
      line += more
    }
    let ports = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    try #require(ports.count == 2, "fake_hub.py did not start")
    endpoint = "http://127.0.0.1:\(ports[0])"
    storage = "http://127.0.0.1:\(ports[1])"
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  var root: String { folder.path + "/cache/models" }

  /// The variables of a pull from this hub.
  func environment(_ more: [String: String] = [:]) -> [String: String] {
    ["HF_ENDPOINT": endpoint, "HOME": folder.path, "PATH": "/usr/bin:/bin"].merging(more) { $1 }
  }

  func cache(_ more: [String: String] = [:]) -> ModelCache {
    ModelCache(root: root, environment: environment(more))
  }

  /// Puts a file of random bytes into the hub.
  func add(_ name: String, bytes count: Int) throws -> Data {
    var generator = SplitMix64(seed: UInt64(count))
    let data = Data((0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
    try data.write(to: folder.appending(path: name))
    return data
  }

  /// A model of one file, `model.bin`, in repositories of this hub that behave as their names say.
  func entry(_ behaviours: String..., holding data: Data, isPinned: Bool = true) -> CatalogueEntry {
    CatalogueEntry(
      name: "tiny", purpose: "generation", architecture: "llama", license: "MIT",
      files: [CatalogueFile(name: "model.bin", data: isPinned ? data : nil)],
      sources: behaviours.map {
        .huggingFace(repository: "owner/\($0)", revision: "main", files: ["model.bin": "weights.bin"])
      })
  }

  /// The requests so far, in order.
  func requests() throws -> [Request] {
    guard let log = try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8) else { return [] }
    return try log.split(separator: "\n").map { line in
      let members = try JSON(parsing: String(line))
      return Request(
        server: members["server"]?.stringValue ?? "", path: members["path"]?.stringValue ?? "",
        range: members["range"]?.stringValue, ifRange: members["ifRange"]?.stringValue,
        authorization: members["authorization"]?.stringValue)
    }
  }

  /// What the cache holds of the model.
  func installed() -> Data? { try? Data(contentsOf: URL(filePath: root + "/tiny/model.bin")) }

  /// Where a pull keeps what has come of the model's file.
  func partial(_ entry: CatalogueEntry, from address: String = "") -> String {
    PullFolder(of: entry.name, in: root).download(of: entry.files[0], number: 0, from: address)
  }

  /// The address of the model's file in a repository.
  func address(_ behaviour: String) -> String { "\(endpoint)/owner/\(behaviour)/resolve/main/weights.bin" }
}

extension CatalogueFile {
  /// A file with the size and SHA-256 of these bytes; both unknown where there are none.
  init(name: String, data: Data?) {
    self.init(name: name, size: data?.count, sha256: data.map(digest))
  }
}

extension HTTPPatience {
  /// Patience for tests: few tries, short pauses.
  static let short = HTTPPatience(
    tries: 3, firstPause: .milliseconds(1), longestPause: .milliseconds(5), longestWish: .seconds(5),
    connectSeconds: 5, stallSeconds: 20)
}

/// The SHA-256 in hexadecimal.
func digest(_ data: Data) -> String {
  var state = SHA256()
  data.withUnsafeBytes { state.update($0) }
  return state.hexadecimal()
}

/// A new folder with a name that nobody else uses.
func makeTemporaryFolder() throws -> URL {
  let url = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  return url
}

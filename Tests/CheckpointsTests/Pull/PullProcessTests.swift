import Foundation
import MartletJSON
import MartletTestScope
import Testing

@testable import MartletCheckpoints

@Suite("martlet pull, killed and interrupted", .startsProcesses)
struct PullProcessTests {
  private let hub: FakeHub
  private let data: Data

  init() throws {
    hub = try FakeHub()
    data = try hub.add("weights.bin", bytes: 450_000)
  }

  /// The program: what MARTLET_BIN names, or what was built beside the tests.
  private static let program: String? = {
    if let path = ProcessInfo.processInfo.environment["MARTLET_BIN"] { return path }
    let start = Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])
    let folders = sequence(first: start.deletingLastPathComponent()) { folder in
      folder.path == "/" ? nil : folder.deletingLastPathComponent()
    }
    return folders.map { $0.path + "/martlet" }.first { FileSystem.size($0) != nil }
  }()

  /// Starts `martlet pull tiny`, with this entry as the cache's catalogue.
  private func start(
    _ entry: CatalogueEntry, _ environment: [String: String] = [:]
  ) throws -> (process: Process, notes: URL) {
    try FileSystem.makeFolder(hub.root)
    try Data(catalogue(entry).serialized().utf8).write(to: URL(filePath: hub.root + "/catalogue.json"))
    let notes = hub.folder.appending(path: "notes-\(UUID().uuidString)")
    try Data().write(to: notes)
    let process = Process()
    process.executableURL = URL(filePath: try #require(Self.program, "build martlet first"))
    process.arguments = ["pull", "tiny"]
    process.environment = hub.environment(["MARTLET_HOME": hub.folder.path + "/cache"])
      .merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: notes)
    try process.run()
    return (process, notes)
  }

  /// Runs `martlet pull tiny` to its end.
  private func run(
    _ entry: CatalogueEntry, _ environment: [String: String] = [:]
  ) throws -> (status: Int32, notes: String) {
    let (process, notes) = try start(entry, environment)
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOf: notes, encoding: .utf8))
  }

  private func catalogue(_ entry: CatalogueEntry) -> JSON {
    let sources = entry.sources.compactMap { source -> JSON? in
      guard case .huggingFace(let repository, _, _) = source else { return nil }
      return [
        "type": "huggingface", "repository": .string(repository), "files": ["model.bin": "weights.bin"],
      ]
    }
    let file: JSON = [
      "name": "model.bin", "size": .init(entry.files[0].size ?? 0),
      "sha256": .string(entry.files[0].sha256 ?? ""),
    ]
    return [
      "models": [
        [
          "name": "tiny", "purpose": "generation", "architecture": "llama", "license": "MIT",
          "files": [file], "sources": .array(sources),
        ]
      ]
    ]
  }

  /// Waits until the first 100,000 bytes lie in the cache, after which the hub says nothing more.
  private func waitForPart(_ entry: CatalogueEntry, _ process: Process) {
    while process.isRunning, FileSystem.size(hub.partial(entry)) ?? 0 < 100_000 { usleep(10_000) }
  }

  @Test("After kill -9 nothing is lost, and the next run asks for the remaining bytes only")
  func killed() throws {
    let entry = hub.entry("stall-once", holding: data)
    let (process, _) = try start(entry)
    waitForPart(entry, process)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(FileSystem.size(hub.partial(entry)) == 100_000)
    #expect(hub.installed() == nil)
    let (status, notes) = try run(entry)
    #expect(status == 0, "\(notes)")
    #expect(notes.contains("An earlier try left 100 kB"))
    #expect(hub.installed() == data)
    #expect(try hub.requests().map(\.range) == [nil, "bytes=100000-"])
    #expect(try hub.requests().map(\.ifRange) == [nil, "\"current\""])
  }

  @Test("Ctrl-C ends with 130, says what is kept, and the next run carries on")
  func interrupted() throws {
    let entry = hub.entry("stall-once", holding: data)
    let (process, notes) = try start(entry)
    waitForPart(entry, process)
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    #expect(process.terminationReason == .exit)
    #expect(try String(contentsOf: notes, encoding: .utf8).contains("are kept"))
    #expect(try run(entry).status == 0)
    #expect(hub.installed() == data)
    #expect(try hub.requests().map(\.range) == [nil, "bytes=100000-"])
  }

  @Test("A full disk ends with 74 and a clear message")
  func fullDisk() throws {
    let entry = hub.entry("ok", holding: data)
    try FileSystem.makeFolder(PullFolder(of: "tiny", in: hub.root).downloads)
    try FileManager.default.createSymbolicLink(
      atPath: hub.partial(entry), withDestinationPath: "/dev/full")
    let (status, notes) = try run(entry)
    #expect(status == 74)
    #expect(notes.contains("disk is full"))
  }

  @Test("A gated repository, the offline switch and damaged contents end with 69")
  func unavailable() throws {
    #expect(try run(hub.entry("gated", holding: data)).status == 69)
    let count = try hub.requests().count
    let offline = try run(hub.entry("ok", holding: data), ["HF_HUB_OFFLINE": "1"])
    #expect(offline.status == 69)
    #expect(offline.notes.contains("HF_HUB_OFFLINE"))
    #expect(try hub.requests().count == count)
    #expect(try run(hub.entry("flipped", holding: data)).status == 69)
    #expect(hub.installed() == nil)
  }
}

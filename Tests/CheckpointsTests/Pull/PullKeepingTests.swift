import Foundation
import MartletHTTPClient
import MartletTestScope
import Synchronization
import Testing

@testable import MartletCheckpoints

@Suite(
  "Pulling: what is kept, left out, and never there in part",
  .startsProcesses)
struct PullKeepingTests {
  private let hub: FakeHub
  private let data: Data

  init() throws {
    hub = try FakeHub()
    data = try hub.add("weights.bin", bytes: 450_000)
  }

  /// Lays down a part of a download, as an earlier pull would have left it.
  private func leave(
    _ bytes: Data, of entry: CatalogueEntry, from address: String, tag: String = "\"current\""
  ) throws {
    let path = hub.partial(entry, from: address)
    try FileSystem.makeFolder(PullFolder(of: entry.name, in: hub.root).downloads)
    try bytes.write(to: URL(filePath: path))
    try PartialFile(path: path).setOrigin(.init(address: address, entityTag: tag))
  }

  @Test("HF_HUB_OFFLINE makes no connection, and each source's reason is given")
  func offline() throws {
    var entry = hub.entry("ok", holding: data)
    entry.sources += [
      .url(["model.bin": "\(hub.endpoint)/kept/weights.bin"]), .file(["model.bin": "/nowhere/model.bin"]),
      .wheel(packages: ["none"], files: ["model.bin": ["none"]]),
    ]
    let error = #expect(throws: CheckpointError.self) {
      try hub.cache(["HF_HUB_OFFLINE": "1"]).pull(
        entry, from: [.huggingFace, .url, .file], patience: .short)
    }
    let lines = "\(try #require(error))".split(separator: "\n").dropFirst()
    #expect(lines.count == 4)
    #expect(lines.filter { $0.contains("HF_HUB_OFFLINE") }.count == 2)
    #expect(lines.contains { $0.contains("/nowhere/model.bin does not exist") })
    #expect(lines.contains { $0.contains("Python package none: left out") })
    #expect(try hub.requests().isEmpty)
  }

  @Test("A part from an earlier run is carried on with")
  func resumes() throws {
    let entry = hub.entry("ok", holding: data)
    try leave(data.prefix(300_000), of: entry, from: hub.address("ok"))
    #expect(hub.cache().keptBytes(of: entry) > 300_000)
    try hub.cache().pull(entry, patience: .short)
    #expect(hub.installed() == data)
    #expect(try hub.requests().map(\.range) == ["bytes=300000-"])
  }

  @Test("A server without ranges begins anew")
  func noRanges() throws {
    let entry = hub.entry("no-ranges", holding: data)
    try leave(data.prefix(300_000), of: entry, from: hub.address("no-ranges"))
    try hub.cache().pull(entry, patience: .short)
    #expect(hub.installed() == data)
  }

  @Test("A whole file from an earlier run is checked, not fetched, where its size is known")
  func whole() throws {
    let entry = hub.entry("ok", holding: data)
    try leave(data, of: entry, from: hub.address("ok"))
    try hub.cache().pull(entry, patience: .short)
    #expect(hub.installed() == data)
    #expect(try hub.requests().isEmpty)
  }

  @Test("Where the size is unknown, the server says that the file is whole")
  func wholeUnpinned() throws {
    let entry = hub.entry("ok", holding: data, isPinned: false)
    try leave(data, of: entry, from: hub.address("ok"))
    try hub.cache().pull(entry, patience: .short)
    #expect(hub.installed() == data)
    #expect(try hub.requests().map(\.range) == ["bytes=450000-"])
  }

  @Test("A damaged part of an earlier run is thrown away and fetched anew")
  func damaged() throws {
    let entry = hub.entry("ok", holding: data)
    try leave(Data(repeating: 7, count: 300_000), of: entry, from: hub.address("ok"))
    try hub.cache().pull(entry, patience: .short)
    #expect(hub.installed() == data)
    #expect(try hub.requests().map(\.range) == ["bytes=300000-", nil])
  }

  @Test("A part that is longer than the file is thrown away")
  func tooLong() throws {
    let entry = hub.entry("ok", holding: data)
    try leave(data + data, of: entry, from: hub.address("ok"))
    try hub.cache().pull(entry, patience: .short)
    #expect(hub.installed() == data)
  }

  @Test("A part under an older ETag is not carried on with")
  func olderTag() throws {
    let entry = hub.entry("ok", holding: data, isPinned: false)
    try leave(Data(repeating: 7, count: 300_000), of: entry, from: hub.address("ok"), tag: "\"older\"")
    try hub.cache().pull(entry, patience: .short)
    #expect(hub.installed() == data)
  }

  @Test("A second source carries on with the first one's bytes if both have the same SHA-256")
  func shared() throws {
    var entry = hub.entry("drop", holding: data)
    entry.sources.append(.url(["model.bin": "\(hub.storage)/kept/weights.bin"]))
    var patience = HTTPPatience.short
    patience.tries = 1
    try hub.cache().pull(entry, patience: patience)
    #expect(hub.installed() == data)
    #expect(try hub.requests().map(\.server) == ["hub", "storage"])
    #expect(try hub.requests().map(\.range) == [nil, "bytes=100000-"])
  }

  @Test("A failed pull keeps what came, and says so")
  func keeps() throws {
    var patience = HTTPPatience.short
    patience.tries = 1
    let entry = hub.entry("drop", holding: data)
    let error = #expect(throws: CheckpointError.self) { try hub.cache().pull(entry, patience: patience) }
    #expect("\(try #require(error))".contains("kept"))
    #expect(FileSystem.size(hub.partial(entry)) == 100_000)
    #expect(try hub.cache().remove("tiny") > 100_000)
    #expect(hub.cache().keptBytes(of: entry) == 0)
  }

  @Test("A cancelled pull stops, keeps what came, and the next one carries on")
  func cancellation() async throws {
    let entry = hub.entry("stall-once", holding: data)
    let cache = hub.cache()
    // Cancelled from within, since the pulls of other tests may hold all threads that tasks run on.
    let work = Task.detached {
      try cache.pull(entry, patience: .short) { progress in
        if progress.bytes >= 100_000 { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await #expect(throws: CheckpointError.cancelled) { try await work.value }
    #expect(FileSystem.size(hub.partial(entry)) == 100_000)
    try cache.pull(entry, patience: .short)
    #expect(hub.installed() == data)
    #expect(try hub.requests().map(\.range) == [nil, "bytes=100000-"])
  }

  @Test("Of two pulls at once, one waits and finds the model")
  func together() async throws {
    let entry = hub.entry("drop", holding: data)
    let cache = hub.cache()
    try await withThrowingTaskGroup { group in
      for _ in 0..<2 { group.addTask { try cache.pull(entry, patience: .short) } }
      try await group.waitForAll()
    }
    #expect(hub.installed() == data)
    #expect(try hub.requests().count == 5)
  }

  @Test("A pull that ended before its last rename is finished without the network")
  func finishes() throws {
    let entry = hub.entry("ok", holding: data)
    let folder = PullFolder(of: "tiny", in: hub.root)
    try folder.clearFiles()
    try data.write(to: URL(filePath: folder.target("model.bin")))
    try hub.cache().pull(entry, patience: .short)
    #expect(hub.installed() == data)
    #expect(try hub.requests().isEmpty)
  }

  @Test("A full disk ends the pull with the bytes that are missing")
  func fullDisk() throws {
    let entry = hub.entry("ok", "ok", holding: data)
    let path = hub.partial(entry)
    try FileSystem.makeFolder(PullFolder(of: "tiny", in: hub.root).downloads)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/full")
    let error = #expect(throws: CheckpointError.self) { try hub.cache().pull(entry, patience: .short) }
    #expect(error?.kind == .inputOutput)
    #expect("\(try #require(error))".contains("disk is full"))
    #expect("\(try #require(error))".contains("450000"))
    #expect(try hub.requests().count == 1)
  }

  @Test("A disk that is too small is noticed before anything is fetched")
  func noRoom() throws {
    var entry = hub.entry("ok", holding: data)
    entry.files[0].size = 1 << 60
    let error = #expect(throws: CheckpointError.self) { try hub.cache().pull(entry, patience: .short) }
    #expect(error?.kind == .inputOutput)
    #expect("\(try #require(error))".contains("no room"))
    #expect(try hub.requests().isEmpty)
  }

  @Test("Files whose SHA-256 nobody knows are all of the commit that the first was of")
  func commit() throws {
    var entry = hub.entry(holding: data, isPinned: false)
    entry.files.append(CatalogueFile(name: "config.bin", data: nil))
    entry.sources = [
      .huggingFace(
        repository: "owner/ok", revision: "main",
        files: ["model.bin": "weights.bin", "config.bin": "weights.bin"])
    ]
    try hub.cache().pull(entry, patience: .short)
    let commit = String(repeating: "0123456789", count: 4)
    #expect(
      try hub.requests().map(\.path)
        == ["main", commit].map { "/owner/ok/resolve/\($0)/weights.bin" })
  }

  @Test("Progress counts all files together")
  func progress() throws {
    let other = try hub.add("config.bin", bytes: 1000)
    var entry = hub.entry(holding: data)
    entry.files.append(CatalogueFile(name: "sub/config.bin", data: other))
    entry.sources = [
      .huggingFace(
        repository: "owner/ok", revision: "main",
        files: ["model.bin": "weights.bin", "sub/config.bin": "config.bin"])
    ]
    let last = Mutex(PullProgress(phase: .waiting))
    try hub.cache().pull(entry, patience: .short) { progress in
      if case .fetching = progress.phase { last.withLock { $0 = progress } }
    }
    #expect(last.withLock { $0.bytes } == 451_000)
    #expect(last.withLock { $0.total } == 451_000)
    #expect(try Data(contentsOf: URL(filePath: hub.root + "/tiny/sub/config.bin")) == other)
  }
}

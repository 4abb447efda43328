import Foundation
import Testing

@testable import MartletVectorStore

@Suite("Copies of collections")
struct CollectionCopyTests {
  private let folder: TemporaryFolder
  private let database: Database
  private let original: any RecordCollection

  init() throws {
    folder = try TemporaryFolder()
    database = try Database.open(at: folder.path + "/from")
    original = try database.makeCollection(.test("birds", distance: .l2))
    try original.add(
      (0..<10).map { number in
        Record(
          id: "\(number)", embedding: [1, Float(number), -0.0], document: number == 3 ? nil : "text",
          metadata: ["n": .integer(number), "zero": .double(-0.0)], uri: number == 4 ? "u" : nil)
      })
  }

  private func target(_ spoil: ((inout Record) -> Void)? = nil) throws -> SpoilingStore {
    SpoilingStore(try Database.open(at: folder.path + "/to"), spoil)
  }

  @Test("A copy has all records, in their order, and all that the collection was made with")
  func copies() throws {
    let target = try target()
    var copy = CollectionCopy(from: original, to: target, name: "swifts")
    copy.batchSize = 3
    var progress = [CollectionCopy.Progress]()
    #expect(try copy.run { progress.append($0) } == CollectionCopy.Report(recordCount: 10))
    #expect(
      progress.first == .copied(0, of: 10) && progress.last == .verified(10, of: 10) && progress.count == 10)
    let there = try target.openCollection(named: "swifts", in: .default)
    #expect(try there.get(RecordSelection()) == original.get(RecordSelection()))
    var wanted = original.configuration
    wanted.name = "swifts"
    #expect(there.configuration == wanted)
    #expect(try target.listCollections().count == 1)
  }

  @Test("An empty collection that is there is filled, if it is one for such vectors")
  func existing() throws {
    let target = try target()
    let empty = try target.makeCollection(.test("same", distance: .l2))
    _ = try CollectionCopy(from: original, to: target, name: "same").run()
    #expect(try empty.count() == 10)
    _ = try target.makeCollection(.test("other", dimension: 4, distance: .ip))
    #expect { try CollectionCopy(from: original, to: target, name: "other").run() } throws: { error in
      guard case CollectionCopyError.unfitTarget(_, _, let reason) = error else { return false }
      return reason.contains("ip") && reason.contains("4 numbers")
    }
    #expect(
      throws: CollectionCopyError.targetNotEmpty(collection: "same", store: target.title, records: 10)
    ) { try CollectionCopy(from: original, to: target, name: "same").run() }
    #expect(try empty.count() == 10)
  }

  @Test("Each part of a record that arrives otherwise is named, and the copy is thrown away")
  func differences() throws {
    let target = try target { record in
      switch record.id {
      case "1": record.embedding[1] = record.embedding[1].nextUp
      case "2": record.document = nil
      case "3": record.document = ""
      case "4": record.uri = nil
      case "5": record.metadata["n"] = .double(5)
      case "6": record.embedding[2] = 0
      case "7": record.id = "seven"
      default: break
      }
    }
    #expect { try CollectionCopy(from: original, to: target, name: "copy").run() } throws: { error in
      guard case CollectionCopyError.differences("copy", _, let found) = error else { return false }
      let wanted = [
        "1 (vector, number 2 of 3: 1.0 became 1.0000001)", "2 (document: \"text\" became nothing)",
        "3 (document: nothing became \"\")", "4 (uri: \"u\" became nothing)",
        "5 (metadata \"n\": 5 became 5.0)", "6 (vector, number 3 of 3: -0.0 became 0.0)", "7 (missing)",
      ]
      return found.first.map(\.description) == wanted && found.count == 7
        && "\(error)".contains("7 (missing)")
    }
    #expect(try target.listCollections().isEmpty)
    let empty = try target.makeCollection(.test("empty", distance: .l2))
    #expect(throws: CollectionCopyError.self) {
      try CollectionCopy(from: original, to: target, name: "empty").run()
    }
    #expect(try empty.count() == 0)
  }

  @Test("Of many differences the first are listed and all are counted")
  func manyDifferences() throws {
    try original.add((10..<300).map { Record(id: "\($0)", embedding: [1, 2, 3]) })
    let target = try target { $0.uri = "other" }
    #expect { try CollectionCopy(from: original, to: target, name: "copy").run() } throws: { error in
      guard case CollectionCopyError.differences(_, _, let found) = error else { return false }
      return found.count == 300 && found.first.count == RecordDifferences.kept
        && "\(error)".contains("280 more")
    }
  }

  @Test("A store that rounds is held to what it promises")
  func rounded() {
    var differences = RecordDifferences(vectors: .rounded(share: 1e-5))
    let record = Record(id: "a", embedding: [100, 1, 0])
    var copy = record
    differences.compare(record, with: copy)
    #expect(differences.isEmpty && differences.roundedVectorCount == 0)
    copy.embedding = [100.0005, 1.0005, -0.0005]
    differences.compare(record, with: copy)
    #expect(differences.isEmpty && differences.roundedVectorCount == 1)
    var exact = RecordDifferences()
    exact.compare(record, with: copy)
    #expect(exact.count == 1 && exact.roundedVectorCount == 0)
    copy.embedding[2] = 0.002
    differences.compare(record, with: copy)
    #expect(differences.count == 1 && differences.roundedVectorCount == 1)
    #expect(differences.first.first?.what == ["vector, number 3 of 3: 0.0 became 0.002"])
  }

  @Test(
    "Numbers in metadata may change in their last digit where the store says so; each is counted, the first named"
  )
  func roundedNumberCount() {
    let share = 91.66666666666667
    let record = Record(
      id: "a", embedding: [1],
      metadata: ["m": .doubles([share, 2.5]), "share": .double(share), "year": .integer(9)])
    var copy = record
    copy.metadata["share"] = .double(share.nextUp)
    copy.metadata["m"] = .doubles([share.nextDown, 2.5])
    var differences = RecordDifferences(numberTolerance: 1e-15)
    differences.compare(record, with: copy)
    #expect(differences.isEmpty && differences.roundedNumberCount == 2)
    #expect(
      differences.firstRoundedNumber
        == "record a, \"m\": [91.66666666666667,2.5] became [91.66666666666666,2.5]")
    var exact = RecordDifferences()
    exact.compare(record, with: copy)
    #expect(
      exact.first.first?.what == [
        "metadata \"m\": [91.66666666666667,2.5] became [91.66666666666666,2.5]",
        "metadata \"share\": 91.66666666666667 became 91.66666666666669",
      ])
    copy.metadata = ["share": .double(91.667), "m": .doubles([share]), "month": .integer(9)]
    differences.compare(record, with: copy)
    #expect(
      differences.first.first?.what == [
        "metadata \"m\": [91.66666666666667,2.5] became [91.66666666666667]", "metadata \"month\": 9 is new",
        "metadata \"share\": 91.66666666666667 became 91.667", "metadata \"year\": 9 is missing",
      ])
  }

  @Test("What a killed copy has left is thrown away by the next one")
  func unfinished() throws {
    let target = try target()
    let copy = CollectionCopy(from: original, to: target, name: "copy")
    let left = try target.makeCollection(.test(copy.unfinishedName, dimension: 9, distance: .ip))
    try left.add([Record(id: "x", embedding: Array(repeating: 1, count: 9))])
    #expect(try copy.run() == CollectionCopy.Report(recordCount: 10, replacedUnfinished: true))
    #expect(try target.listCollections().map(\.name) == ["copy"])
  }

  @Test("A cancelled copy leaves nothing, in a new collection or in an empty one that was there")
  func cancelled() async throws {
    let target = try target()
    let empty = try target.makeCollection(.test("empty", distance: .l2))
    for name in ["new", "empty"] {
      var copy = CollectionCopy(from: original, to: target, name: name)
      copy.batchSize = 4
      let task = Task { [copy] in
        try copy.run { if case .copied(4, _) = $0 { withUnsafeCurrentTask { $0?.cancel() } } }
      }
      await #expect(throws: CancellationError.self) { try await task.value }
    }
    #expect(try target.listCollections().map(\.name) == ["empty"])
    #expect(try empty.count() == 0)
  }

  @Test("Sources of documents are left out and counted")
  func sources() throws {
    let database = try Database.open(at: folder.path + "/library")
    let collection = try database.createCollection(.test("birds"))
    let source = Source(
      path: "a.md", byteCount: 1, modificationDate: Date(timeIntervalSince1970: 1), hash: "h")
    try database.transaction {
      try $0.replace(source, in: collection, with: [Record(id: "1", embedding: [1, 0, 0])])
    }
    let report = try CollectionCopy(from: collection, to: try target(), name: "copy").run()
    #expect(report == CollectionCopy.Report(recordCount: 1, leftOutPathCount: 1))
  }
}

/// A store that spoils records on their way in.
private final class SpoilingStore: RecordStore {
  let database: Database
  private let spoil: @Sendable (inout Record) -> Void

  init(_ database: Database, _ spoil: ((inout Record) -> Void)?) {
    self.database = database
    nonisolated(unsafe) let spoil = spoil
    self.spoil = { spoil?(&$0) }
  }

  var title: String { "the spoiling store" }
  func listCollections() throws -> [any RecordCollection] { try database.listCollections() }
  func openCollection(named name: String, in namespace: Namespace) throws -> any RecordCollection {
    SpoilingCollection(try database.openCollection(named: name, in: namespace), spoil)
  }
  func makeCollection(_ configuration: CollectionConfiguration) throws -> any RecordCollection {
    SpoilingCollection(try database.makeCollection(configuration), spoil)
  }
  func dropCollection(named name: String, in namespace: Namespace) throws {
    try database.dropCollection(named: name, in: namespace)
  }
  func close() {}
  func takeWarnings() -> [String] { [] }
}

private struct SpoilingCollection: RecordCollection {
  let inner: any RecordCollection
  let spoil: @Sendable (inout Record) -> Void

  init(_ inner: any RecordCollection, _ spoil: @escaping @Sendable (inout Record) -> Void) {
    self.inner = inner
    self.spoil = spoil
  }

  var configuration: CollectionConfiguration { inner.configuration }
  var id: String { inner.id }
  var fidelity: VectorFidelity { .exact }
  func count() throws -> Int { try inner.count() }
  func get(_ selection: RecordSelection) throws -> [Record] { try inner.get(selection) }
  func get(ids: [String], withEmbedding: Bool) throws -> [Record] {
    try inner.get(ids: ids, withEmbedding: withEmbedding)
  }
  func forEachBatch(of size: Int, where filter: Filter?, _ body: ([Record]) throws -> Void) throws {
    try inner.forEachBatch(of: size, where: filter, body)
  }
  func nearest(_ query: VectorQuery) throws -> [Match] { try inner.nearest(query) }
  func add(_ records: [Record]) throws {
    try inner.add(
      records.map { record in
        var spoilt = record
        spoil(&spoilt)
        return spoilt
      })
  }
  func upsert(_ records: [Record]) throws { try inner.upsert(records) }
  func update(_ updates: [RecordUpdate]) throws -> Int { try inner.update(updates) }
  func delete(ids: [String]) throws -> Int { try inner.delete(ids: ids) }
  func rename(to name: String) throws -> any RecordCollection { try inner.rename(to: name) }
}

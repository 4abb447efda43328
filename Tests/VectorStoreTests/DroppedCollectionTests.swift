import MartletSQLite
import Testing

@testable import MartletVectorStore

@Suite struct DroppedCollectionTests {
  private let folder: TemporaryFolder
  private let database: Database

  init() throws {
    folder = try TemporaryFolder()
    database = try Database.open(at: folder.path)
  }

  private func isDropped(_ error: any Error) -> Bool {
    if case VectorStoreError.collectionDropped("test") = error { true } else { false }
  }

  @Test func `Every use of a collection that was dropped says that it was, and changes nothing`() throws {
    let collection = try database.createCollection(.test(dimension: 2, distance: .l2))
    let record = Record(id: "a", embedding: [1, 2], document: "text")
    try collection.add([record])
    try database.deleteCollection(named: "test")
    // One of the same name is another one.
    let other = try database.createCollection(.test(dimension: 2, distance: .l2))
    let uses: [(String, () throws -> Void)] = [
      ("add", { try collection.add([record]) }), ("upsert", { try collection.upsert([record]) }),
      ("update", { try collection.update([RecordUpdate(id: "a", document: "b")]) }),
      ("delete", { try collection.delete(ids: ["a"]) }), ("modify", { try collection.modify(name: "b") }),
      (
        "contains",
        { try database.transaction { _ = try $0.contains(id: "a", in: collection) } }
      ),
      ("count", { _ = try collection.count() }), ("get", { _ = try collection.get(ids: ["a"]) }),
      ("get where", { _ = try collection.get(where: .all([]), ids: ["a"]) }),
      ("query", { _ = try collection.nearest(to: [1, 2], limit: 1) }),
      ("words", { _ = try collection.search(words: "text", limit: 1) }),
      ("sources", { _ = try collection.sources() }), ("batches", { try collection.forEachBatch { _ in } }),
    ]
    for (name, use) in uses {
      do {
        try use()
        Issue.record("\(name) worked")
      } catch {
        #expect(isDropped(error), "\(name): \(error)")
      }
    }
    try collection.finishIndex()
    #expect(try other.count() == 0)
  }

  @Test func `Of two that drop one collection, the second gets an error that it does not exist`() throws {
    _ = try database.createCollection(.test(dimension: 2, distance: .l2))
    let outcomes = Locked<[String]>([])
    onThreads(8) { _ in
      var outcome = "dropped"
      do { try database.deleteCollection(named: "test") } catch {
        if case VectorStoreError.noSuchCollection("test", []) = error {
          outcome = "none"
        } else {
          outcome = "\(error)"
        }
      }
      outcomes.withLock { $0.append(outcome) }
    }
    #expect(outcomes.withLock { $0.sorted() } == ["dropped"] + [String](repeating: "none", count: 7))
  }

  @Test func `Threads that all ask for one missing collection are given one and the same`() throws {
    let found = Locked<Set<String>>([])
    onThreads(16) { _ in
      for round in 0..<4 {
        let configuration = CollectionConfiguration(name: "c\(round)", dimension: 2, distance: .l2)
        let outcome: String
        do { outcome = "\(round) " + (try database.getOrCreateCollection(configuration).id) } catch {
          outcome = "\(error)"
        }
        found.withLock { _ = $0.insert(outcome) }
      }
    }
    #expect(found.withLock(\.count) == 4)
    #expect(try database.collections().count == 4)
  }
}

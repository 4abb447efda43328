import MartletJSON
import MartletRemoteStores
import MartletVectorStore
import Testing

@testable import MartletCommandLine

@Suite("Lists of collections")
struct CollectionListTests {
  @Test("A collection that cannot be read is listed with the reason; a server that is gone ends the list")
  func unreadable() throws {
    let refused = RemoteStoreError.noPermission(store: "s", detail: "permission denied for table records_1")
    let listed = try CollectionDescription(listing: Unreadable(error: refused))
    #expect(listed.row[1] == "?" && listed.problem?.contains("permission denied") == true)
    #expect(
      listed.listed["records"] == .null && listed.listed["problem"] == listed.problem.map { .string($0) })
    #expect(throws: refused) { try CollectionDescription(Unreadable(error: refused)) }
    let gone = RemoteStoreError.unreachable(store: "s", detail: "it has hung up")
    #expect(throws: gone) { try CollectionDescription(listing: Unreadable(error: gone)) }
  }
}

/// A collection whose records are out of reach.
private struct Unreadable: RecordCollection {
  let error: RemoteStoreError
  var configuration: CollectionConfiguration { CollectionConfiguration(name: "closed") }
  var id: String { "id" }
  var fidelity: VectorFidelity { .exact }
  func count() throws -> Int { throw error }
  func get(_ selection: RecordSelection) throws -> [Record] { throw error }
  func get(ids: [String], withEmbedding: Bool) throws -> [Record] { throw error }
  func forEachBatch(of size: Int, where filter: Filter?, _ body: ([Record]) throws -> Void) throws {
    throw error
  }
  func nearest(_ query: VectorQuery) throws -> [Match] { throw error }
  func add(_ records: [Record]) throws { throw error }
  func upsert(_ records: [Record]) throws { throw error }
  func update(_ updates: [RecordUpdate]) throws -> Int { throw error }
  func delete(ids: [String]) throws -> Int { throw error }
  func rename(to name: String) throws -> any RecordCollection { throw error }
}

import MartletRemoteStores
import MartletStoreServers
import MartletVectorStore
import Testing

@Suite struct DocumentationTests {
  @Test(
    "The example of the documentation finds, filters and copies",
    .enabled(if: TestPostgres.isThere, "no PostgreSQL could be started: \(TestPostgres.problem ?? "")"))
  func example() throws {
    let temporary = try TemporaryFolder()
    let database = try Database.open(at: temporary.path)
    let place = try PostgresPlace()
    let address = try TestPostgres.address(place.database)
    let store = try PostgresStore.open(StoreLocation(store: address))
    let notes = try store.makeCollection(CollectionConfiguration(name: "notes", dimension: 3))
    try notes.upsert([
      Record(id: "swift", embedding: [1, 0, 0], document: "Swifts sleep on the wing."),
      Record(id: "rent", embedding: [0, 1, 0], metadata: ["day": .string("Friday")]),
    ])
    let nearest = try notes.nearest(VectorQuery([0.9, 0.1, 0], limit: 1))
    let friday = try notes.get(RecordSelection(where: .metadata("day", .equal("Friday"))))
    let report = try CollectionCopy(from: notes, to: database, name: "notes").run()

    #expect(nearest.map(\.record.id) == ["swift"])
    #expect(friday.map(\.id) == ["rent"])
    #expect(report.recordCount == 2)
  }
}

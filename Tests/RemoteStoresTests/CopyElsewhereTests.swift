import MartletStoreServers
import Testing

@testable import MartletRemoteStores
@testable import MartletVectorStore

@Suite(
  "Copies from store to store",
  .enabled(
    if: TestPostgres.isThere && TestChroma.isThere,
    "a server could not be started: \(TestPostgres.problem ?? "")\(TestChroma.problem ?? "")"))
struct CopyElsewhereTests {
  @Test(
    "A collection goes to PostgreSQL, to Chroma and back, and is what it was",
    arguments: [Distance.l2, .ip, .cosine])
  func roundTrip(distance: Distance) throws {
    let folder = try TemporaryFolder()
    let database = try Database.open(at: folder.path)
    let contract = StoreContract(database, name: TestChroma.newName())
    let original = try contract.make(distance: distance)
    let many = (0..<1300).map(Self.record)
    try original.add(StoreContract.birds + many)

    let place = try PostgresPlace()
    let postgres = try place.open()
    let chroma = try ChromaStore.open(StoreLocation(store: TestChroma.address()), key: nil)
    var source: any RecordCollection = original
    for (number, store) in ([postgres, chroma, postgres, database] as [any RecordStore]).enumerated() {
      let name = "\(contract.name)-\(number)"
      var progress = [CollectionCopy.Progress]()
      let report = try CollectionCopy(from: source, to: store, name: name).run { progress.append($0) }
      #expect(report.recordCount == 1304 && report.leftOutPathCount == 0 && report.roundedNumberCount == 0)
      // Where anything goes to Chroma.
      #expect(distance == .cosine && number == 1 || report == CollectionCopy.Report(recordCount: 1304))
      #expect(progress.last == .verified(1304, of: 1304) && progress.contains(.copied(1304, of: 1304)))
      source = try store.openCollection(named: name, in: .default)
      #expect(source.configuration.distance == distance && source.configuration.dimension == 3)
      #expect(source.configuration.embedder == original.configuration.embedder)
      #expect(source.configuration.metadata == original.configuration.metadata)
    }
    let (before, after) = (try original.get(RecordSelection()), try source.get(RecordSelection()))
    if distance == .cosine {
      // Chroma keeps unit vectors and lengths of such collections.
      #expect(after.map(\.id) == before.map(\.id) && after.map(\.metadata) == before.map(\.metadata))
    } else {
      #expect(after == before)
    }
    #expect(try postgres.listCollections().count == 2)
  }

  private static func record(_ number: Int) -> Record {
    var record = Record(id: "n\(number)", embedding: [Float(number) / 7, 1, -1])
    if number % 2 == 0 { record.document = "text \(number)" }
    if number % 3 != 0 { record.metadata["n"] = .integer(number) }
    if number % 5 == 0 { record.uri = "u\(number)" }
    return record
  }

  @Test("Numbers whose last digit Chroma changes are copied, counted, and the first is named")
  func roundedNumbers() throws {
    let folder = try TemporaryFolder()
    let database = try Database.open(at: folder.path)
    let contract = StoreContract(database, name: TestChroma.newName())
    let original = try contract.make(distance: .l2)
    // Of doubles of 17 digits, its reader takes some for their neighbours.
    let numbers = (1...2000).map { Double($0) * 91.66666666666667 / 7 }
    try original.add(
      numbers.enumerated().map {
        Record(id: "\($0)", embedding: [1, 2, 3], metadata: ["share": .double($1)])
      })
    let chroma = try ChromaStore.open(StoreLocation(store: TestChroma.address()), key: nil)
    let report = try CollectionCopy(from: original, to: chroma, name: contract.name).run()
    #expect(report.recordCount == 2000 && report.roundedVectorCount == 0)
    let copies = try chroma.openCollection(named: contract.name, in: .default).get(RecordSelection())
    let changed = zip(numbers, copies).count { .double($0) != $1.metadata["share"] }
    #expect(report.roundedNumberCount == changed)
    #expect((report.firstRoundedNumber?.contains("\"share\"") ?? false) == (changed > 0))
  }

  @Test("A copy that Chroma cannot keep fails with the server's reason, and leaves nothing")
  func refused() throws {
    let folder = try TemporaryFolder()
    let database = try Database.open(at: folder.path)
    let contract = StoreContract(database, name: TestChroma.newName())
    let original = try contract.make()
    try original.add([Record(id: "a", embedding: [1, 2, 3], metadata: ["#key": .integer(1)])])
    let chroma = try ChromaStore.open(StoreLocation(store: TestChroma.address()), key: nil)
    #expect { try CollectionCopy(from: original, to: chroma, name: contract.name).run() } throws: { error in
      if case RemoteStoreError.refused = error { true } else { false }
    }
    #expect(try !chroma.listCollections().contains { $0.name.hasPrefix(contract.name) })
  }

  @Test("A cancelled copy to PostgreSQL leaves nothing")
  func cancelled() async throws {
    let folder = try TemporaryFolder()
    let database = try Database.open(at: folder.path)
    let original = try database.createCollection(CollectionConfiguration(name: "birds", distance: .l2))
    try original.add((0..<3000).map { Record(id: "\($0)", embedding: [1, Float($0)]) })
    let place = try PostgresPlace()
    let postgres = try place.open()
    let task = Task {
      try CollectionCopy(from: original, to: postgres, name: "birds").run { progress in
        if case .copied(512..., _) = progress { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try postgres.listCollections().isEmpty)
    #expect(try place.run("SELECT tablename::text FROM pg_tables WHERE tablename LIKE 'records%'").isEmpty)
  }
}

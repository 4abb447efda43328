import MartletStoreServers
import Testing

@testable import MartletRemoteStores
@testable import MartletVectorStore

@Suite(
  "Chroma's own server",
  .enabled(if: TestChroma.isThere, "chromadb could not be started: \(TestChroma.problem ?? "")"))
struct ChromaStoreTests {
  private func withContract(_ body: (StoreContract) throws -> Void) throws {
    let store = try ChromaStore.open(StoreLocation(store: TestChroma.address()), key: nil)
    try body(StoreContract(store, name: TestChroma.newName()))
  }

  @Test("Collections are made, found, renamed and dropped, with all that they were made with")
  func collections() throws { try withContract { try $0.keepsCollections() } }

  @Test("Records come back bit for bit, in their order")
  func records() throws { try withContract { try $0.keepsRecords() } }

  @Test("Records are added, replaced, changed and deleted as in Martlet's own store")
  func changes() throws { try withContract { try $0.changesRecords() } }

  @Test("What cannot be kept is refused by name")
  func refusals() throws { try withContract { try $0.refusesRecords() } }

  @Test("Each distance has Chroma's value, and filters leave what they say")
  func queries() throws { try withContract { try $0.findsNearest() } }

  @Test("Texts of users are never a part of a path")
  func safety() throws { try withContract { try $0.isSafe() } }

  @Test("Documents are replaced whole, found by their words, and gone when they are deleted")
  func documents() throws { try withContract { try $0.keepsDocuments() } }

  @Test("What a run left unfinished is known to be, and replaced by the next")
  func unfinished() throws { try withContract { try $0.marksUnfinishedDocuments() } }

  @Test("Filters of every operator arrive as they are")
  func filters() throws {
    try withContract { contract in
      let collection = try contract.make()
      try collection.add(StoreContract.birds)
      func ids(_ filter: Filter) throws -> [String] {
        try collection.get(RecordSelection(where: filter, withEmbedding: false)).map(\.id)
      }
      let (swift, kiwi, rent, tax) = ("swift", StoreContract.birds[1].id, "rent", "tax")
      #expect(try ids(.metadata("year", .equal(2005))) == [rent, tax])
      #expect(try ids(.metadata("year", .notEqual(2005))) == [swift, kiwi])
      #expect(try ids(.metadata("year", .lessThan(2005))) == [swift])
      #expect(try ids(.metadata("year", .oneOf([1999]))) == [swift])
      #expect(try ids(.metadata("year", .oneOf([]))) == [])
      #expect(try ids(.metadata("names", .contains("é"))) == [swift])
      #expect(try ids(.document(.contains("fly"))) == [kiwi])
      #expect(try ids(.document(.matches(RegularExpression("^S.*g\\.$")))) == [swift])
      #expect(try ids(.all([])).count == 4)
      #expect(try ids(.any([])) == [])
      #expect(
        try ids(.any([.document(.contains("fly")), .metadata("adult", .equal(true))])) == [swift, kiwi])
      #expect(try ids(.all([.metadata("year", .equal(1999)), .any([.all([])])])) == [swift])
      #expect(throws: RemoteStoreError.self) {
        try ids(.metadata("year", .lessThan(.double(.infinity))))
      }
    }
  }

  @Test("More records than the server takes, or gives, at a time go and come in parts")
  func parts() throws {
    try withContract { contract in
      let collection = try contract.make()
      let records = (0..<6000).map { Record(id: "\($0)", embedding: [1, Float($0)]) }
      try collection.add(records)
      #expect(try collection.count() == 6000)
      #expect(
        try collection.get(RecordSelection(limit: 2500, offset: 3)).map(\.id) == (3..<2503).map { "\($0)" })
      var seen = [String]()
      try collection.forEachBatch(of: 5000, where: nil) { seen += $0.map(\.id) }
      #expect(seen == records.map(\.id))
      #expect(try collection.delete(ids: records.map(\.id)) == 6000)
    }
  }

  @Test("What records of a dropped collection had does not show in another one's")
  func dropped() throws {
    try withContract { contract in
      let first = try contract.make()
      try first.add([Record(id: "a", embedding: [1, 2, 3], metadata: ["names": .strings(["x", "y"])])])
      try contract.store.dropCollection(named: first.name, in: .default)
      // The server numbers records from 1 again in an empty store: this one may have the number of the first.
      let second = try contract.make()
      try second.add([Record(id: "b", embedding: [1, 2, 3], metadata: ["year": .integer(1)])])
      #expect(
        try second.get(RecordSelection(withEmbedding: false)).map(\.metadata) == [["year": .integer(1)]])
    }
  }

  @Test("An exact search is refused: how well Chroma searches is its own affair")
  func effort() throws {
    try withContract { contract in
      let collection = try contract.make()
      #expect { try collection.nearest(VectorQuery([1, 2, 3], limit: 1, effort: .exact)) } throws: { error in
        if case RemoteStoreError.unsupported = error { "\(error)".contains("ef_search") } else { false }
      }
    }
  }

  @Test("Metadata of a collection that Chroma does not keep is refused by its key")
  func collectionMetadata() throws {
    try withContract { contract in
      var configuration = contract.configuration()
      configuration.metadata["list"] = .integers([1])
      #expect { try contract.store.makeCollection(configuration) } throws: { error in
        if case RemoteStoreError.unfit(_, let reason) = error { reason.contains("\"list\"") } else { false }
      }
    }
  }

  @Test("Names that Chroma does not allow are refused in its own words")
  func names() throws {
    try withContract { contract in
      #expect { try contract.store.makeCollection(CollectionConfiguration(name: "a b")) } throws: { error in
        if case RemoteStoreError.refused(_, let detail) = error {
          detail.contains("status 400")
        } else {
          false
        }
      }
    }
  }

  @Test("Tenants and databases that are not there are errors, not empty")
  func namespaces() throws {
    for path in ["/nobody/default_database", "/default_tenant/nothing"] {
      #expect(throws: VectorStoreError.self) {
        try ChromaStore.open(StoreLocation(store: TestChroma.address() + path), key: nil)
      }
    }
    try withContract { contract in
      #expect(throws: RemoteStoreError.self) {
        try contract.store.openCollection(named: "x", in: Namespace(tenant: "a", database: "b"))
      }
    }
  }
}

@Suite("Servers that are none")
struct ChromaUnreachableTests {
  @Test("Nobody there is said with the address")
  func nobody() throws {
    #expect { try ChromaStore.open(StoreLocation(store: "http://127.0.0.1:1"), key: "k3y") } throws: {
      error in
      guard case RemoteStoreError.unreachable(let store, _) = error else { return false }
      return store == "http://127.0.0.1:1" && !"\(error)".contains("k3y")
    }
  }
}

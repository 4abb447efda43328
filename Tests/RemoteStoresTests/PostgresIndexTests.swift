import MartletSeededRandom
import MartletStoreServers
import Testing

@testable import MartletRemoteStores
@testable import MartletVectorStore

@Suite(
  "Indexes of pgvector's",
  .enabled(if: TestPostgres.isThere, "no PostgreSQL could be started: \(TestPostgres.problem ?? "")"))
struct PostgresIndexTests {
  private func fill(
    _ store: PostgresStore, _ distance: Distance, records: Int, dimension: Int
  ) throws -> (PostgresCollection, [[Float]]) {
    var random = SplitMix64(seed: UInt64(dimension))
    let vectors = (0..<records).map { _ in
      (0..<dimension).map { _ in Float.random(in: -1...1, using: &random) }
    }
    _ = try store.makeCollection(
      CollectionConfiguration(name: "v-\(distance.rawValue)", dimension: dimension, distance: distance))
    let collection = try store.collection(named: "v-\(distance.rawValue)")
    try collection.add(
      vectors.enumerated().map { Record(id: "\($0)", embedding: $1, metadata: ["n": .integer($0)]) })
    return (collection, vectors)
  }

  private func plan(_ place: PostgresPlace, _ collection: PostgresCollection) throws -> [String] {
    try place.run(
      "SELECT indexdef FROM pg_indexes WHERE schemaname = 'martlet' AND indexname = 'records_\(collection.number)_vectors'"
    )
  }

  @Test(
    "With each index and distance searches find what comparing everything finds, and filters lose nothing",
    arguments: Distance.allCases)
  func recall(distance: Distance) throws {
    let place = try PostgresPlace()
    let store = try place.open()
    let (collection, vectors) = try fill(store, distance, records: 2000, dimension: 8)
    for index in [PostgresIndex.hnsw(m: 8, efConstruction: 40), .ivfflat(lists: 10), .ivfflat()] {
      try collection.createIndex(index)
      let opened = try store.collection(named: collection.name)
      #expect(opened.index == (index == .ivfflat() ? .ivfflat(lists: 2) : index))
      #expect(try plan(place, collection).first?.contains(index.method) == true)
      var hits = 0
      for question in vectors.prefix(20) {
        let query = VectorQuery(question, limit: 10)
        var exact = query
        exact.effort = .exact
        let truth = try Set(opened.nearest(exact).map(\.record.id))
        hits += try opened.nearest(query).count { truth.contains($0.record.id) }
      }
      #expect(hits >= 180, "\(index), \(distance): \(hits) of 200")
      // Few records pass, and all of them are far from the question.
      let filter = Filter.metadata("n", .lessThan(15))
      for effort in [SearchEffort.standard, .nodes(1)] {
        let found = try opened.nearest(VectorQuery(vectors[1999], limit: 20, where: filter, effort: effort))
        #expect(Set(found.map(\.record.id)) == Set((0..<15).map { "\($0)" }), "\(index)")
      }
    }
    try collection.dropIndex()
    #expect(try plan(place, collection).isEmpty)
    #expect(try store.collection(named: collection.name).index == nil)
  }

  @Test(
    "Under a filter that leaves few records an index changes no result, under one that leaves many hardly any"
  )
  func filters() throws {
    let place = try PostgresPlace()
    let store = try place.open()
    let (collection, vectors) = try fill(store, .cosine, records: 4000, dimension: 16)
    let filter = Filter.metadata("n", .lessThan(120))
    for index in [PostgresIndex.hnsw(m: 8, efConstruction: 40), .ivfflat(lists: 40)] {
      try collection.createIndex(index)
      let opened = try store.collection(named: collection.name)
      var (few, many) = (0, 0)
      for question in vectors.suffix(20) {
        let query = VectorQuery(question, limit: 10, where: filter)
        var exact = query
        exact.effort = .exact
        let truth = try Set(opened.nearest(exact).map(\.record.id))
        few += try opened.nearest(query).count { truth.contains($0.record.id) }
        // As if these were more than are compared one by one.
        many += try opened.nearest(query, comparingUpTo: 0).count { truth.contains($0.record.id) }
      }
      #expect(few == 200, "\(index): \(few) of 200")
      #expect(many >= 180, "\(index): \(many) of 200")
    }
  }

  @Test(
    "Vectors of more than 2,000 numbers are indexed in 16 bits and measured in 32; beyond 4,000 there is an error"
  )
  func longVectors() throws {
    let place = try PostgresPlace()
    let store = try place.open()
    let (collection, vectors) = try fill(store, .l2, records: 60, dimension: 2500)
    try collection.createIndex(.hnsw())
    #expect(try plan(place, collection).first?.contains("halfvec(2500)") == true)
    let found = try store.collection(named: collection.name).nearest(VectorQuery(vectors[5], limit: 3))
    #expect(found.first?.record.id == "5" && found.first?.distance == 0 && found.count == 3)
    let (long, more) = try fill(store, .cosine, records: 3, dimension: 4001)
    #expect { try long.createIndex(.hnsw()) } throws: { error in
      if case RemoteStoreError.unfit(_, let reason) = error { reason.contains("4001") } else { false }
    }
    #expect(try long.nearest(VectorQuery(more[1], limit: 1)).map(\.record.id) == ["1"])
    #expect { try store.makeCollection(CollectionConfiguration(name: "long", dimension: 16001)) } throws: {
      error in
      if case RemoteStoreError.unfit = error { true } else { false }
    }
  }

  @Test(
    "Parameters that pgvector does not take, and collections without a vector, are refused with the reason")
  func faults() throws {
    let place = try PostgresPlace()
    let store = try place.open()
    _ = try store.makeCollection(CollectionConfiguration(name: "empty"))
    let empty = try store.collection(named: "empty")
    #expect { try empty.createIndex(.hnsw()) } throws: { error in
      if case RemoteStoreError.unfit(_, let reason) = error {
        reason.contains("no vectors yet")
      } else {
        false
      }
    }
    for index in [
      PostgresIndex.hnsw(m: 1), .hnsw(m: 16, efConstruction: 31), .hnsw(efConstruction: 1001),
      .ivfflat(lists: 0),
    ] {
      #expect(index.fault != nil)
      #expect(throws: RemoteStoreError.self) { try empty.createIndex(index) }
    }
  }
}

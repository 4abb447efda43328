import MartletRandomFilters
import MartletSeededRandom
import MartletStoreServers
import Testing

@testable import MartletRemoteStores
@testable import MartletVectorStore

@Suite(
  "Filters on PostgreSQL",
  .enabled(if: TestPostgres.isThere, "no PostgreSQL could be started: \(TestPostgres.problem ?? "")"))
struct PostgresFilterTests {
  @Test("PostgreSQL finds the records that Martlet's own store finds, for filters of every form")
  func agreement() throws {
    // PostgreSQL keeps no U+0000, which a filter may ask for all the same.
    var random = RandomFilters(
      random: SplitMix64(seed: 11), strangeTexts: ["\0", "k\0"], strangeNumbers: [.infinity, .nan])
    let records = (0..<250).map { number in
      let (metadata, document) = random.record()
      return Record(id: "\(number)", embedding: [1, Float(number)], document: document, metadata: metadata)
    }
    let folder = try TemporaryFolder()
    let local = try Database.open(at: folder.path).createCollection(
      CollectionConfiguration(name: "records", distance: .l2))
    try local.add(records)
    let place = try PostgresPlace()
    let remote = try place.open().makeCollection(CollectionConfiguration(name: "records", distance: .l2))
    try remote.add(records)
    for _ in 0..<600 {
      let filter = try random.filter(depth: 3)
      let ours = try local.get(where: filter, withEmbedding: false).map(\.id)
      let theirs = try remote.get(RecordSelection(where: filter, withEmbedding: false)).map(\.id)
      #expect(theirs == ours, "\(filter)")
      guard theirs == ours else { return }
    }
    let filter = try random.filter(depth: 2)
    var batches = [String]()
    try remote.forEachBatch(of: 7, where: filter) { batches += $0.map(\.id) }
    #expect(batches == (try local.get(where: filter).map(\.id)))
    // Every value, whatever its kind, came back as it went.
    let back = try remote.get(RecordSelection())
    #expect(
      back.map { $0.metadata.mapValues(\.json) } == records.map { $0.metadata.mapValues(\.zeroed.json) })
  }
}

extension MetadataValue {
  /// PostgreSQL's numbers have no negative zero.
  fileprivate var zeroed: MetadataValue {
    switch self {
    case .double(let number): .double(number + 0)
    case .doubles(let numbers): .doubles(numbers.map { $0 + 0 })
    default: self
    }
  }
}

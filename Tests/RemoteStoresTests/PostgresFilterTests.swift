import SeededRandom
import StoreServers
import Testing

@testable import RemoteStores
@testable import VectorStore

/// Metadata, texts and filters drawn at random, of few keys and values, so that they meet.
private struct RandomRecords {
  var random: SplitMix64

  static let keys = ["k", "a b", "\"", "é", "$.k", ""]
  static let texts = ["", "a", "A", "1", "true", "é", "'; DROP TABLE x; --", "\u{1}\n\"\\", "%", "a_b"]
  static let integers = [0, 1, 2, -3, 1 << 53, 1 << 53 + 1, .max, .max - 1, .min, .min + 1]
  static let doubles = [
    0, -0.0, 1, 1.5, -2.5, 0.125, 0.1, 0x1p53, 0x1p63, -0x1p63, -0x1p64, 1e300, -1e300, 1e-7,
    .leastNonzeroMagnitude,
  ]
  static let patterns = ["^a", "(?i)A", "[0-9]", "é$", "^$", ""]

  mutating func pick<Element>(_ list: [Element]) -> Element {
    list[Int.random(in: 0..<list.count, using: &random)]
  }
  mutating func number(below limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

  mutating func value() -> MetadataValue {
    switch number(below: 9) {
    case 0, 1: .string(pick(Self.texts))
    case 2, 3: .integer(pick(Self.integers))
    case 4: .double(pick(Self.doubles))
    case 5: .bool(number(below: 2) == 0)
    case 6: .strings((0...number(below: 3)).map { _ in pick(Self.texts) })
    case 7: .integers((0...number(below: 3)).map { _ in pick(Self.integers) })
    default:
      number(below: 2) == 0
        ? .doubles((0...number(below: 3)).map { _ in pick(Self.doubles) }) : .bools([number(below: 2) == 0])
    }
  }

  mutating func record(_ id: Int) -> Record {
    var metadata = Metadata()
    for _ in 0..<number(below: 4) { metadata[pick(Self.keys)] = value() }
    return Record(
      id: "\(id)", embedding: [1, Float(id)],
      document: number(below: 4) == 0 ? nil : pick(Self.texts) + pick(Self.texts), metadata: metadata)
  }

  mutating func operand() -> FilterValue {
    switch number(below: 4) {
    case 0: .string(pick(Self.texts + ["\0"]))
    case 1: .number(.integer(pick(Self.integers)))
    case 2: .number(.double(pick(Self.doubles + [.infinity, .nan])))
    default: .bool(number(below: 2) == 0)
    }
  }

  mutating func condition() -> MetadataCondition {
    switch number(below: 10) {
    case 0: return .equal(operand())
    case 1: return .notEqual(operand())
    case 2: return .oneOf((0..<number(below: 5)).map { _ in operand() })
    case 3: return .noneOf((0..<number(below: 5)).map { _ in operand() })
    case 4: return .contains(operand())
    case 5: return .notContains(operand())
    default:
      let bound: FilterNumber =
        number(below: 2) == 0
        ? .integer(pick(Self.integers)) : .double(pick(Self.doubles + [.infinity, -.infinity, .nan]))
      return .ordered(pick(MetadataCondition.Order.allCases), bound)
    }
  }

  mutating func filter(depth: Int) throws -> Filter {
    switch number(below: depth > 0 ? 12 : 6) {
    case 0:
      let part = pick(Self.texts + ["\0"])
      return .document(number(below: 2) == 0 ? .contains(part) : .notContains(part))
    case 1:
      let expression = try RegularExpression(pick(Self.patterns))
      return .document(number(below: 2) == 0 ? .matches(expression) : .notMatches(expression))
    case 2...5: return .metadata(key: pick(Self.keys + ["missing", "k\0"]), condition())
    default:
      var parts = [Filter]()
      for _ in 0..<number(below: 4) { parts.append(try filter(depth: depth - 1)) }
      return number(below: 2) == 0 ? .all(parts) : .any(parts)
    }
  }
}

@Suite(
  "Filters on PostgreSQL",
  .enabled(if: TestPostgres.isThere, "no PostgreSQL could be started: \(TestPostgres.problem ?? "")"))
struct PostgresFilterTests {
  @Test("PostgreSQL finds the records that Martlet's own store finds, for filters of every form")
  func agreement() throws {
    var random = RandomRecords(random: SplitMix64(seed: 11))
    let records = (0..<250).map { random.record($0) }
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

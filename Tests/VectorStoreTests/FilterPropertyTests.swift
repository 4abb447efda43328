import JSON
import SeededRandom
import Testing

@testable import VectorStore

/// Records and filters drawn at random, with few keys and values, so that they meet.
private struct RandomFilters {
  var random: SplitMix64

  static let keys = ["k", "a b", "\"", "é", "e\u{301}", "$.k", ""]
  static let texts =
    ["", "a", "A", "1", "true", "é", "e\u{301}", "'; DROP TABLE records_1; --", "\u{1}\n\"\\"]
    + [String(repeating: "long", count: 40), String(repeating: "long", count: 41)]
  static let integers = [0, 1, 2, -3, 1 << 53, 1 << 53 + 1, .max, .max - 1, .min, .min + 1]
  static let doubles = [
    0, -0.0, 1, 1.5, -2.5, 0.125, 0x1p53, 0x1p63, -0x1p63, -0x1p64, 1e300, -1e300, .leastNonzeroMagnitude,
  ]
  static let patterns = ["^a", "l+", "(?i)A", "[0-9]", "é$", "^$", ""]

  mutating func pick<Element>(_ list: [Element]) -> Element {
    list[Int.random(in: 0..<list.count, using: &random)]
  }
  mutating func number(below limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

  mutating func value() -> MetadataValue {
    switch number(below: 8) {
    case 0, 1: .string(pick(Self.texts))
    case 2, 3: .integer(pick(Self.integers))
    case 4: .double(pick(Self.doubles))
    case 5: .bool(number(below: 2) == 0)
    case 6: .strings((0...number(below: 3)).map { _ in pick(Self.texts) })
    default:
      switch number(below: 3) {
      case 0: .integers((0...number(below: 3)).map { _ in pick(Self.integers) })
      case 1: .doubles((0...number(below: 3)).map { _ in pick(Self.doubles) })
      default: .bools((0...number(below: 3)).map { _ in number(below: 2) == 0 })
      }
    }
  }

  mutating func record() -> (metadata: Metadata, document: String?) {
    var metadata = Metadata()
    for _ in 0..<number(below: 4) { metadata[pick(Self.keys)] = value() }
    return (metadata, number(below: 4) == 0 ? nil : pick(Self.texts) + pick(Self.texts))
  }

  mutating func operand() -> FilterValue {
    switch number(below: 4) {
    case 0: .string(pick(Self.texts))
    case 1: .number(.integer(pick(Self.integers)))
    case 2: .number(.double(pick(Self.doubles)))
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
      return .document(number(below: 2) == 0 ? .contains(pick(Self.texts)) : .notContains(pick(Self.texts)))
    case 1:
      let expression = try RegularExpression(pick(Self.patterns))
      return .document(number(below: 2) == 0 ? .matches(expression) : .notMatches(expression))
    case 2...5: return .metadata(key: pick(Self.keys + ["missing"]), condition())
    default:
      var parts = [Filter]()
      for _ in 0..<number(below: 4) { parts.append(try filter(depth: depth - 1)) }
      return number(below: 2) == 0 ? .all(parts) : .any(parts)
    }
  }
}

@Suite struct FilterPropertyTests {
  @Test(arguments: 1...8)
  func `The index, SQLite and a plain evaluation let the same records through`(seed: Int) throws {
    var random = RandomFilters(random: SplitMix64(seed: UInt64(seed)))
    let bench = try FilterBench(
      (0..<[0, 1, 63, 64, 65, 150, 300, 500][seed - 1]).map { _ in random.record() })
    for _ in 0..<300 {
      let filter = try random.filter(depth: 4)
      let truth = bench.byTruth(filter)
      let (index, sql) = (try bench.byIndex(filter), try bench.bySQL(filter))
      #expect(index == truth, "\(filter)")
      #expect(sql == truth, "\(filter)")
      guard index == truth, sql == truth else { return }
    }
  }

  @Test func `The index stays right while records are added, through sorted and unsorted numbers`() throws {
    var random = RandomFilters(random: SplitMix64(seed: 21))
    let index = MetadataIndex()
    var numbers = [FilterNumber]()
    for step in 0..<40 {
      for _ in 0..<random.number(below: 400) {
        let number = random.number(below: 100_000)
        // Slots may be left out.
        let isDouble = step % 2 == 0
        index.add(
          slot: 2 * numbers.count, metadata: ["n": isDouble ? .double(Double(number) / 8) : .integer(number)])
        numbers.append(isDouble ? .double(Double(number) / 8) : .integer(number))
      }
      let bounds = [random.number(below: 100_000), random.number(below: 100_000)].sorted()
      let (low, high) = (FilterNumber.double(Double(bounds[0]) / 8), FilterNumber.integer(bounds[1]))
      let filter = Filter.all([
        .metadata(key: "n", .ordered(.greater, low)), .metadata(key: "n", .ordered(.lessOrEqual, high)),
      ])
      var found = [Int]()
      try index.allowed(filter, slots: 2 * numbers.count) { _ in SlotSet(count: 0) }.forEach {
        found.append($0)
      }
      let truth = numbers.indices.filter { low.isLess(numbers[$0]) && !high.isLess(numbers[$0]) }
      #expect(found == truth.map { 2 * $0 })
    }
  }

  @Test func `Posting lists are sets, whether they lie close together or far apart`() {
    var random = SplitMix64(seed: 5)
    for spread in [1, 2, 20, 200, 5000] {
      var (list, truth, slot) = (PostingList(), [UInt32](), 0)
      for step in 0..<3000 {
        slot += Int.random(in: 0...(step % 1000 < 300 ? 2 : 2 * spread), using: &random)
        list.append(UInt32(slot))
        if truth.last != UInt32(slot) { truth.append(UInt32(slot)) }
      }
      #expect(list.count == truth.count && list.list == truth)
      var words = [UInt64](repeating: 0, count: slot / 128)
      words.withUnsafeMutableBufferPointer { list.insert(into: $0) }
      let set = SlotSet(count: words.count * 64, words: words)
      #expect((0..<set.count).filter(set.contains) == truth.filter { $0 < set.count }.map { Int($0) })
    }
  }
}

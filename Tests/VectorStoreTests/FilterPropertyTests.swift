import MartletJSON
import MartletRandomFilters
import MartletSeededRandom
import Testing

@testable import MartletVectorStore

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
        .metadata("n", .greaterThan(low)), .metadata("n", .lessThanOrEqual(high)),
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

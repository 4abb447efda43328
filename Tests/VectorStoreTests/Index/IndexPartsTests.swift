import MartletSeededRandom
import Testing

@testable import MartletVectorStore

@Suite struct IndexPartsTests {
  @Test(arguments: [0, 1, 63, 64, 65, 1000])
  func `A set of slots is what a set of numbers is`(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    var (a, b) = (SlotSet(count: count), SlotSet(count: count, full: true))
    var (x, y) = (Set<Int>(), Set(0..<count))
    for slot in 0..<count {
      if Bool.random(using: &random) { (_, _) = (a.insert(slot), x.insert(slot)) }
      if Bool.random(using: &random) { (_, _) = (b.remove(slot), y.remove(slot)) }
    }
    func slots(_ set: SlotSet) -> [Int] {
      var all = [Int]()
      set.forEach { all.append($0) }
      return all
    }
    #expect(slots(a) == x.sorted() && slots(b) == y.sorted())
    #expect(a.population == x.count && (0..<count).allSatisfy { a.contains($0) == x.contains($0) })
    var (both, either, none) = (a, a, a)
    both.formIntersection(b)
    either.formUnion(b)
    none.invert()
    #expect(slots(both) == x.intersection(y).sorted())
    #expect(slots(either) == x.union(y).sorted())
    #expect(slots(none) == Set(0..<count).subtracting(x).sorted())
    var cut = a
    cut.remove(from: count / 2)
    #expect(slots(cut) == x.filter { $0 < count / 2 }.sorted())
    a.grow(to: count + 70)
    #expect(slots(a) == x.sorted() && a.count == count + 70)
  }

  @Test func `A table of keys is what a dictionary is`() throws {
    var random = SplitMix64(seed: 11)
    let keys = Column<Int64>()
    var table = SlotTable<Int64>()
    var truth = [Int64: Int]()
    for slot in 0..<20_000 {
      try keys.reserve(slot + 1)
      let key = Int64.random(in: 0..<5000, using: &random) * 4096
      #expect(table.remove(key, keys) == truth.removeValue(forKey: key))
      keys[slot] = key
      table.insert(slot: slot, keys)
      truth[key] = slot
      let other = Int64.random(in: 0..<5000, using: &random) * 4096
      #expect(table.slot(of: other, keys) == truth[other])
      if slot % 3 == 0 { #expect(table.remove(other, keys) == truth.removeValue(forKey: other)) }
    }
  }

  @Test func `The nearest of many, with their ties, are those of a sorted list`() {
    var random = SplitMix64(seed: 12)
    for limit in [1, 2, 7, 50] {
      let all = (0..<300).map { Neighbor(slot: $0, distance: Float(Int.random(in: 0..<40, using: &random))) }
      var heap = NearestHeap(limit: limit, mostTies: 1000)
      for neighbor in all { heap.offer(neighbor.distance, neighbor.slot) }
      let sorted = all.sorted { ($0.distance, $0.slot) < ($1.distance, $1.slot) }
      let last = sorted[limit - 1].distance
      #expect(heap.sorted() == sorted.filter { $0.distance <= last })
    }
  }

  @Test func `Columns keep what they hold when they grow`() throws {
    let column = Column<Float>(width: 3)
    for slot in 0..<5000 {
      try column.reserve(slot + 1)
      for place in 0..<3 { column.row(slot)[place] = Float(slot * 3 + place) }
    }
    #expect((0..<5000).allSatisfy { column[$0] == Float($0 * 3) && column.row($0)[2] == Float($0 * 3 + 2) })
  }
}

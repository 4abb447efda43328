import MartletJSON
import MartletSeededRandom
import Testing

@testable import MartletVectorStore

@Suite struct FilterIndexTests {
  private func slots(_ index: MetadataIndex, _ filter: Filter, of count: Int) throws -> [Int] {
    var slots = [Int]()
    try index.allowed(filter, slots: count) { _ in SlotSet(count: count) }.forEach { slots.append($0) }
    return slots
  }

  @Test func `A filter of one value gives the slots that have it`() throws {
    let index = MetadataIndex()
    for slot in 0..<1000 {
      index.add(slot: slot, metadata: ["n": .integer(slot % 100), "l": .strings(["a\(slot % 50)", "b"])])
    }
    func found(_ condition: MetadataCondition, key: String = "n") throws -> [Int] {
      try slots(index, .metadata(key, condition), of: 1000)
    }
    let numbers = Array(0..<1000)
    #expect(try found(.equal(7.0)) == numbers.filter { $0 % 100 == 7 })
    #expect(try found(.equal(7.5)).isEmpty && found(.equal("7")).isEmpty)
    #expect(try found(.equal(7), key: "missing").isEmpty)
    #expect(try found(.oneOf([8, 7, 7.0])) == numbers.filter { $0 % 100 == 7 || $0 % 100 == 8 })
    #expect(try found(.contains("a3"), key: "l") == numbers.filter { $0 % 50 == 3 })
    #expect(try found(.contains("b"), key: "l") == numbers)
    #expect(try slots(index, .metadata("n", .equal(7)), of: 500).count == 5)
  }

  @Test func `Texts are not read where the metadata leave no record`() throws {
    let index = MetadataIndex()
    for slot in 0..<10 { index.add(slot: slot, metadata: ["n": .integer(slot)]) }
    var asked = 0
    func count(_ filter: Filter) throws -> Int {
      try index.allowed(filter, slots: 10) { _ in
        asked += 1
        return SlotSet(count: 10, full: true)
      }.population
    }
    let document = Filter.document(.contains("x"))
    #expect(try count(.all([document, .metadata("n", .equal(10))])) == 0 && asked == 0)
    #expect(
      try count(.all([.any([document]), .metadata("n", .greaterThan(100))])) == 0 && asked == 0)
    #expect(try count(.all([document, .metadata("n", .equal(3))])) == 1 && asked == 1)
  }

  @Test func `Many threads may ask at once, and each gets the whole answer`() async throws {
    nonisolated(unsafe) let index = MetadataIndex()
    for slot in 0..<20_000 { index.add(slot: slot, metadata: ["n": .integer((slot * 7919) % 20_000)]) }
    await withTaskGroup(of: Int.self) { group in
      for task in 0..<16 {
        group.addTask {
          let filter = Filter.metadata("n", .lessThan(.integer(task * 1000)))
          return (try? index.allowed(filter, slots: 20_000) { _ in SlotSet(count: 0) }.population) ?? -1
        }
      }
      var populations = [Int]()
      for await population in group { populations.append(population) }
      #expect(populations.sorted() == (0..<16).map { $0 * 1000 })
    }
  }

  @Test func `Texts that are equal to Swift but not byte for byte are two, as keys and as values`() throws {
    let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
    let index = MetadataIndex()
    index.add(slot: 0, metadata: [composed: .string(composed)])
    index.add(slot: 1, metadata: [decomposed: .string(decomposed)])
    #expect(try slots(index, .metadata(composed, .equal(.string(composed))), of: 2) == [0])
    #expect(try slots(index, .metadata(decomposed, .equal(.string(composed))), of: 2) == [])
    #expect(throws: MetadataError.self) {
      try Metadata(JSONObject([(composed, JSON(1)), (decomposed, JSON(2))]))
    }
  }

  @Test func `Long texts are told apart, and not taken for the digests that stand for them`() throws {
    let index = MetadataIndex()
    let long = String(repeating: "x", count: 5000)
    let values = [long, long + "x", String(repeating: "x", count: 64), String(repeating: "x", count: 65)]
    for (slot, value) in values.enumerated() { index.add(slot: slot, metadata: ["t": .string(value)]) }
    for (slot, value) in values.enumerated() {
      #expect(try slots(index, .metadata("t", .equal(.string(value))), of: values.count) == [slot])
    }
  }

  @Test(arguments: MetadataCondition.Order.allCases)
  func `Ranges end exactly where they say, among numbers that doubles cannot tell apart`(
    order: MetadataCondition.Order
  ) throws {
    let numbers: [FilterNumber] = [
      .double(-.greatestFiniteMagnitude), .double(-0x1p63.nextUp.nextUp), .integer(.min), .integer(.min + 1),
      .double(-1.5),
      .integer(-1), .double(-0.0), .double(.leastNonzeroMagnitude), .double(0.5), .integer(1),
      .double(1 + 0x1p-52),
      .double(2.5),
      .integer(1 << 53 - 1), .integer(1 << 53), .integer(1 << 53 + 1), .double(0x1p53 + 2),
      .integer(.max - 1),
      .integer(.max), .double(0x1p63), .double(.greatestFiniteMagnitude),
    ]
    let index = MetadataIndex()
    for (slot, number) in numbers.enumerated() {
      switch number {
      case .integer(let whole): index.add(slot: slot, metadata: ["n": .integer(whole)])
      case .double(let value): index.add(slot: slot, metadata: ["n": .double(value)])
      }
    }
    for bound in numbers + [
      .double(.infinity), .double(-.infinity), .double(.nan), .integer(7), .double(-7.25),
    ] {
      let condition = MetadataCondition.ordered(order, bound)
      let truth = numbers.indices.filter {
        switch numbers[$0] {
        case .integer(let whole): condition.matches(.integer(whole))
        case .double(let value): condition.matches(.double(value))
        }
      }
      #expect(
        try slots(index, .metadata("n", condition), of: numbers.count) == truth, "\(order) \(bound)")
    }
  }

  @Test func `Filters as deep as JSON may be are answered, and deeper JSON is refused`() throws {
    var text = #"{"n": 1}"#
    // Each level is an object and a list.
    for level in 0..<254 { text = #"{"\#(level % 2 == 0 ? "$and" : "$or")": [{"n": 0}, \#(text)]}"# }
    let filter = try Filter(where: JSON(parsing: text))
    let bench = try FilterBench([(["n": .integer(0)], nil), (["n": .integer(1)], nil)])
    #expect(try bench.byIndex(filter) == bench.byTruth(filter))
    #expect(throws: FilterError.self) { try bench.bySQL(filter) }
    let deep = String(repeating: #"{"$and":["#, count: 10_000) + "1" + String(repeating: "]}", count: 10_000)
    #expect(throws: JSONError.self) { try JSON(parsing: deep) }
  }

  @Test func `Filters as wide as a request may be are answered`() throws {
    let index = MetadataIndex()
    for slot in 0..<1000 { index.add(slot: slot, metadata: ["n": .integer(slot)]) }
    let many = JSON.array((0..<100_000).map { JSON($0 * 2) })
    #expect(try slots(index, Filter(where: ["n": ["$in": many]]), of: 1000).count == 500)
    let clauses = JSON.array((0..<20_000).map { ["n": JSON($0 * 2)] })
    #expect(try slots(index, Filter(where: ["$or": clauses]), of: 1000).count == 500)
  }
}

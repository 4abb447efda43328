import MartletSeededRandom
import Testing

@testable import MartletVectorStore

@Suite struct CollectionTests {
  private let folder: TemporaryFolder
  private let database: Database

  init() throws {
    folder = try TemporaryFolder()
    database = try Database.open(at: folder.path)
  }

  @Test func `What is added comes back as it was, after reopening too`() throws {
    let record = Record(
      id: "a", embedding: [1, -2.5, 3e-20], document: "Ein Mauersegler 🐦\0 mit NUL",
      metadata: ["s": .string("\"x\""), "i": .integer(-7), "d": .double(2), "b": .bool(true)])
    try database.createCollection(.test()).add([record, Record(id: "b", embedding: [0, 0, 1])])
    let other = try Database.open(at: folder.path, mode: .readOnly).collection(named: "test")
    #expect(try other.get(ids: ["b", "missing", "a"]).map(\.id) == ["b", "a"])
    #expect(try other.get(ids: ["a"]) == [record])
    #expect(try other.count() == 2)
    #expect(try other.peek(limit: 1) == [record])
    #expect(other.configuration == .test())
  }

  @Test func `Adding an id twice is an error and adds nothing; upsert replaces`() throws {
    let collection = try database.createCollection(.test())
    try collection.add([Record(id: "a", embedding: [1, 0, 0], document: "one")])
    #expect(throws: VectorStoreError.recordExists(id: "a")) {
      try collection.add([Record(id: "z", embedding: [1, 0, 0]), Record(id: "a", embedding: [1, 0, 0])])
    }
    #expect(try collection.count() == 1)
    try collection.upsert([Record(id: "a", embedding: [0, 1, 0], document: "two")])
    #expect(try collection.get(ids: ["a"]).first?.document == "two")
    #expect(try collection.search(words: "one", limit: 5).isEmpty)
    #expect(try collection.search(words: "two", limit: 5).map(\.record.id) == ["a"])
    #expect(try collection.nearest(to: [0, 1, 0], limit: 1).first?.distance == 0)
  }

  @Test(arguments: Distance.allCases)
  func `The nearest are those that a plain loop finds`(distance: Distance) throws {
    var generator = SplitMix64(seed: 3)
    let dimension = 37
    func vector() -> [Float] { (0..<dimension).map { _ in Float.random(in: -1...1, using: &generator) } }
    let collection = try database.createCollection(.test(dimension: dimension, distance: distance))
    var records = (0..<2500).map { Record(id: "r\($0)", embedding: vector()) }
    try collection.add(records)
    let gone = Set((0..<500).map { "r\($0 * 3)" })
    #expect(try collection.delete(ids: Array(gone)) == 500)
    records.removeAll { gone.contains($0.id) }
    for index in stride(from: 0, to: records.count, by: 7) { records[index].embedding = vector() }
    try collection.upsert(records)
    func dot(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    for _ in 0..<20 {
      let query = vector()
      let expected = records.map { record -> (String, Double) in
        let x = record.embedding
        switch distance {
        case .cosine: return (record.id, 1 - dot(x, query) / (dot(x, x) * dot(query, query)).squareRoot())
        case .ip: return (record.id, 1 - dot(x, query))
        case .l2:
          return (record.id, zip(x, query).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) })
        }
      }.sorted { $0.1 < $1.1 }.prefix(10)
      let found = try collection.nearest(to: query, limit: 10)
      #expect(found.map(\.record.id) == expected.map(\.0))
      #expect(zip(found, expected).allSatisfy { abs($0.distance - $1.1) < 1e-4 })
    }
  }

  @Test func `Ties are in the order of their ids, also where the list ends`() throws {
    let collection = try database.createCollection(.test())
    try collection.add(["d", "b", "e", "a", "c"].map { Record(id: $0, embedding: [1, 0, 0]) })
    try collection.add([Record(id: "x", embedding: [1, 1, 0])])
    #expect(try collection.nearest(to: [2, 0, 0], limit: 3).map(\.record.id) == ["a", "b", "c"])
    #expect(try collection.nearest(to: [0, 2, 0], limit: 3).map(\.record.id) == ["x", "a", "b"])
  }

  @Test func `A vector without a direction has the cosine distance 1 to every vector`() throws {
    let collection = try database.createCollection(.test())
    try collection.add([
      Record(id: "a", embedding: [1, 2, 3]), Record(id: "zero", embedding: [0, 0, 0]),
      Record(id: "b", embedding: [-1, -2, -3]),
    ])
    for effort in [SearchEffort.standard, .exact] {
      let near = try collection.nearest(to: [1, 2, 3], limit: 3, effort: effort)
      #expect(near.map(\.record.id) == ["a", "zero", "b"] && near[1].distance == 1)
      let all = try collection.nearest(to: [0, 0, 0], limit: 3, effort: effort)
      #expect(all.map(\.record.id) == ["a", "b", "zero"] && all.allSatisfy { $0.distance == 1 })
    }
    #expect(try collection.get(ids: ["zero"]).first?.embedding == [0, 0, 0])
    #expect(try database.check().problems == [])
  }

  @Test func `Vectors that cannot be compared are refused by name`() throws {
    let collection = try database.createCollection(.test())
    #expect(throws: VectorStoreError.wrongDimension(collection: "test", expected: 3, found: 2)) {
      try collection.add([Record(id: "a", embedding: [1, 2])])
    }
    #expect(throws: VectorStoreError.unusableVector(id: "a", reason: "holds nan, which is no finite number"))
    {
      try collection.add([Record(id: "a", embedding: [1, .nan, 2])])
    }
    #expect(throws: VectorStoreError.wrongDimension(collection: "test", expected: 3, found: 4)) {
      try collection.nearest(to: [1, 2, 3, 4], limit: 1)
    }
  }

  @Test func `A collection of vectors without a number is refused, and leaves the others readable`() throws {
    for dimension in [0, -3, .max] {
      #expect(throws: VectorStoreError.impossibleDimension(dimension)) {
        try database.createCollection(.test(dimension: dimension))
      }
    }
    let collection = try database.createCollection(CollectionConfiguration(name: "open"))
    #expect(throws: VectorStoreError.impossibleDimension(0)) {
      try collection.add([Record(id: "a", embedding: [])])
    }
    #expect(try database.collections().map(\.name) == ["open"])
  }

  @Test func `Another embedder is refused`() throws {
    _ = try database.getOrCreateCollection(.test())
    _ = try database.getOrCreateCollection(.test())
    var other = CollectionConfiguration.test()
    other.embedder?.revision = "2"
    #expect(
      throws: VectorStoreError.wrongEmbedder(
        collection: "test", expected: "mini (revision 1)", found: "mini (revision 2)")
    ) { try database.getOrCreateCollection(other) }
  }

  @Test func `A collection that is there is not taken for one of another distance or dimension`() throws {
    let configuration = CollectionConfiguration(name: "plain", dimension: 3, distance: .l2)
    _ = try database.getOrCreateCollection(configuration)
    _ = try database.getOrCreateCollection(CollectionConfiguration(name: "plain", distance: .l2))
    #expect(throws: VectorStoreError.wrongDistance(collection: "plain", expected: .l2, found: .cosine)) {
      try database.getOrCreateCollection(CollectionConfiguration(name: "plain"))
    }
    #expect(throws: VectorStoreError.wrongDimension(collection: "plain", expected: 3, found: 4)) {
      try database.getOrCreateCollection(
        CollectionConfiguration(name: "plain", dimension: 4, distance: .l2))
    }
  }

  @Test func `What is modified stays modified`() throws {
    let collection = try database.createCollection(CollectionConfiguration(name: "before", dimension: 3))
    try collection.add([Record(id: "a", embedding: [1, 0, 0])])
    _ = try collection.modify(name: "after", metadata: ["place": .string("tower")])
    let found = try Database.open(at: folder.path, mode: .readOnly).collection(named: "after")
    #expect(found.configuration.metadata == ["place": .string("tower")])
    #expect(try found.get().map(\.id) == ["a"])
    #expect(try database.collections().map(\.name) == ["after"])
  }

  @Test func `Collections are kept apart and dropped whole`() throws {
    let one = try database.createCollection(.test("one"))
    let two = try database.createCollection(.test("two"))
    try one.add([Record(id: "a", embedding: [1, 0, 0], document: "swift")])
    try two.add([Record(id: "a", embedding: [0, 1, 0], document: "kite")])
    #expect(try one.search(words: "kite", limit: 5).isEmpty)
    try database.deleteCollection(named: "one")
    #expect(try database.collections().map(\.name) == ["two"])
    #expect(throws: VectorStoreError.noSuchCollection(name: "one", existing: ["two"])) {
      try database.collection(named: "one")
    }
    #expect(throws: VectorStoreError.collectionExists(name: "two")) {
      try database.createCollection(.test("two"))
    }
    #expect(throws: VectorStoreError.invalidName("")) { try database.createCollection(.test("")) }
    #expect(try two.nearest(to: [0, 1, 0], limit: 1).first?.record.document == "kite")
  }

  @Test(arguments: [
    "swift AND kite", "\"", "swift\"; DROP TABLE meta; --", "document:swift", "NEAR(swift kite)", "swift*",
    "^swift",
    "(swift", "swift OR", "NOT", "{document}: swift", "+ - * /", "\u{0D4E}\"swift",
  ])
  func `Operators in a query are words`(query: String) throws {
    let collection = try database.createCollection(.test())
    try collection.add([
      Record(id: "a", embedding: [1, 0, 0], document: "A swift flies; a kite does not drop.")
    ])
    let found = try collection.search(words: query, limit: 5)
    let hasWord = ["swift", "kite", "not"].contains { word in
      KeywordQuery(query).words.contains { $0.lowercased() == word }
    }
    #expect(found.isEmpty == !hasWord)
  }

  @Test func `BM25 is the textbook's, and snippets mark the words`() throws {
    let collection = try database.createCollection(.test())
    let texts = ["the swift flies", "the kite flies and flies", "the hen", "the old hen sits on the roof"]
    try collection.add(
      texts.enumerated().map { Record(id: "\($0.offset)", embedding: [1, 0, 0], document: $0.element) })
    let found = try collection.search(words: "flies swift", limit: 5)
    #expect(found.map(\.record.id) == ["0", "1"])
    // Robertson's formula by hand: k1 = 1.2, b = 0.75, four documents with 3, 5, 2 and 7 words.
    func term(_ holding: Double, _ frequency: Double, _ length: Double) -> Double {
      let weight = max(1e-6, Double(((4 - holding + 0.5) / (holding + 0.5))).logarithm)
      return weight * frequency * 2.2 / (frequency + 1.2 * (0.25 + 0.75 * length / 4.25))
    }
    #expect(abs(found[0].score - (term(1, 1, 3) + term(2, 1, 3))) < 1e-6)
    let snippets = try collection.snippets(ids: ["0", "2"], words: "Flies", wordLimit: 8)
    #expect(snippets["0"]?.text == "the swift flies")
    #expect(snippets["0"]?.highlightedBytes == [10..<15])
    #expect(snippets["2"] == nil)
    #expect(try collection.documentFrequencies(of: ["hen", "the", "eagle"]).frequencies == [2, 4, 0])
  }

  @Test func `A document's own control characters mark nothing in a snippet and stay in it`() throws {
    let collection = try database.createCollection(.test())
    let text = "\u{2}the \u{1}swift\u{2} flies \u{2}"
    try collection.add([Record(id: "0", embedding: [1, 0, 0], document: text)])
    let snippet = try #require(try collection.snippets(ids: ["0"], words: "flies")["0"])
    #expect(snippet.text == text)
    #expect(snippet.highlightedBytes == [13..<18])
  }

  @Test func `Many deletions start the index in memory afresh`() throws {
    let collection = try database.createCollection(.test(dimension: 2))
    let many = (0..<Schema.rememberedDeletions + 10).map { Record(id: "\($0)", embedding: [1, Float($0)]) }
    try collection.add(many + [Record(id: "kept", embedding: [1, 0])])
    #expect(try collection.nearest(to: [0, 1], limit: 1).first?.record.id != "kept")
    try collection.delete(ids: many.map(\.id))
    #expect(try collection.nearest(to: [0, 1], limit: 5).map(\.record.id) == ["kept"])
  }

  @Test func `Another process's changes are seen`() throws {
    let writing = try database.createCollection(.test())
    try writing.add([Record(id: "a", embedding: [1, 0, 0])])
    let reading = try Database.open(at: folder.path, mode: .readOnly).collection(named: "test")
    #expect(try reading.nearest(to: [1, 0, 0], limit: 5).map(\.record.id) == ["a"])
    try writing.add([Record(id: "b", embedding: [1, 0.1, 0])])
    #expect(try reading.nearest(to: [1, 0, 0], limit: 5).map(\.record.id) == ["a", "b"])
    try writing.delete(ids: ["a"])
    #expect(try reading.nearest(to: [1, 0, 0], limit: 5).map(\.record.id) == ["b"])
    #expect(throws: VectorStoreError.readOnly) { try reading.delete(ids: ["b"]) }
  }
}

extension Double {
  /// The natural logarithm, without Foundation.
  fileprivate var logarithm: Double {
    var sum = 0.0
    let z = (self - 1) / (self + 1)
    var power = z
    for n in stride(from: 1.0, to: 400, by: 2) {
      sum += power / n
      power *= z * z
    }
    return 2 * sum
  }
}

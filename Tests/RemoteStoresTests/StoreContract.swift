import MartletSeededRandom
import Testing

@testable import MartletVectorStore

/// What every store has to do alike, whatever it is.
struct StoreContract {
  let store: any RecordStore
  /// A name that no other collection of the store has.
  let name: String
  let namespace: Namespace

  init(_ store: any RecordStore, name: String, namespace: Namespace = .default) {
    self.store = store
    self.name = name
    self.namespace = namespace
  }

  static let birds = [
    Record(
      id: "swift", embedding: [1, 0, 0.25], document: "Swifts sleep on the wing.",
      metadata: [
        "year": .integer(1999), "weight": .double(40), "adult": .bool(true),
        "names": .strings(["swift", "é"]),
        "rings": .integers([1, 2]), "lengths": .doubles([1.5, 2]), "seen": .bools([true, false]),
        "big": .integer(.max), "small": .double(.leastNonzeroMagnitude), "huge": .double(1e300),
        "long": .double(0x1p63),
        "text": .string("\"'\\\n\u{1}€𝄞"),
      ], uri: "file:///swift"),
    Record(
      id: "kiwi ' \" \\ $1 é", embedding: [0.9, 0.1, -3e-5], document: "Kiwis cannot fly.\tNot at all."),
    Record(id: "rent", embedding: [0, 1, .leastNormalMagnitude], metadata: ["year": .integer(2005)]),
    Record(id: "tax", embedding: [0.3, 0.7, 0.1], document: "", metadata: ["year": .double(2005)], uri: "u"),
  ]

  func make(distance: Distance = .l2) throws -> any RecordCollection {
    try store.makeCollection(configuration(distance: distance))
  }

  func configuration(distance: Distance = .l2) -> CollectionConfiguration {
    CollectionConfiguration(
      name: name, namespace: namespace, distance: distance,
      embedder: EmbedderIdentity(name: "mini", revision: "ab12", maximumTokens: 256, precision: "fast"),
      metadata: ["owner": .string("Ann"), "count": .integer(3)])
  }

  /// Configurations, names, and errors about them.
  func keepsCollections() throws {
    let made = try make(distance: .ip)
    #expect(throws: VectorStoreError.collectionExists(name: name)) { try make() }
    let found = try store.openCollection(named: name, in: namespace)
    let wanted = configuration(distance: .ip)
    for collection in [made, found] {
      #expect(collection.configuration.name == name && collection.configuration.namespace == namespace)
      #expect(collection.configuration.distance == .ip && collection.configuration.dimension == nil)
      #expect(collection.configuration.embedder == wanted.embedder)
      #expect(collection.configuration.metadata == wanted.metadata)
    }
    #expect(made.id == found.id)
    #expect(try store.listCollections().contains { $0.id == made.id })
    let renamed = try made.rename(to: name + ".2")
    #expect(renamed.id == made.id && renamed.name == name + ".2")
    #expect(throws: VectorStoreError.self) { try store.openCollection(named: name, in: namespace) }
    let again = try make()
    #expect(throws: VectorStoreError.collectionExists(name: name)) { try renamed.rename(to: name) }
    try store.dropCollection(named: name, in: namespace)
    try store.dropCollection(named: name + ".2", in: namespace)
    #expect(throws: VectorStoreError.collectionDropped(name: name)) { try again.count() }
    #expect { try store.openCollection(named: name, in: namespace) } throws: { error in
      if case VectorStoreError.noSuchCollection(name, _) = error { true } else { false }
    }
  }

  /// Records come back as they were, in their order, whole and in part.
  func keepsRecords() throws {
    let collection = try make()
    try collection.add(Self.birds)
    #expect(try collection.count() == 4)
    #expect(try store.openCollection(named: name, in: namespace).configuration.dimension == 3)
    #expect(try collection.get(RecordSelection()) == Self.birds)
    #expect(try collection.peek(limit: 2).map(\.id) == Self.birds.prefix(2).map(\.id))
    #expect(try collection.get(RecordSelection(limit: 2, offset: 1)) == Array(Self.birds[1...2]))
    #expect(try collection.get(RecordSelection(limit: 0)).isEmpty)
    let bare = try collection.get(RecordSelection(ids: ["rent", "nobody"], withEmbedding: false))
    #expect(bare.map(\.id) == ["rent"] && bare[0].embedding.isEmpty)
    #expect(
      try collection.get(ids: ["tax", "nobody", "swift"], withEmbedding: true).map(\.id) == ["tax", "swift"])
    var batches = [[String]]()
    try collection.forEachBatch(of: 3, where: nil) { batches.append($0.map(\.id)) }
    #expect(batches.map(\.count) == [3, 1] && batches.flatMap(\.self) == Self.birds.map(\.id))
    // Kinds of numbers stay what they are.
    let values = try #require(try collection.get(ids: ["swift"], withEmbedding: false).first).metadata
    #expect(values["weight"] == .double(40) && values["lengths"] == .doubles([1.5, 2]))
    #expect(values["big"] == .integer(.max) && values["long"] == .double(0x1p63))
  }

  /// Adding, replacing, changing and deleting.
  func changesRecords() throws {
    let collection = try make()
    try collection.add(Self.birds)
    #expect(throws: VectorStoreError.recordExists(id: "rent")) {
      try collection.add([Record(id: "new", embedding: [1, 1, 1]), Self.birds[2]])
    }
    #expect(throws: VectorStoreError.recordExists(id: "twice")) {
      try collection.add([
        Record(id: "twice", embedding: [1, 1, 1]), Record(id: "twice", embedding: [1, 1, 2]),
      ])
    }
    #expect(try collection.count() == 4)
    let replaced = Record(id: "swift", embedding: [1, 2, 3], metadata: ["other": .bool(false)])
    let added = Record(id: "owl", embedding: [3, 2, 1], document: "Owls hoot.")
    try collection.upsert([replaced, added, replaced])
    #expect(try collection.count() == 5)
    #expect(try collection.get(ids: ["swift", "owl"], withEmbedding: true) == [replaced, added])
    let changed = try collection.update([
      RecordUpdate(id: "owl", document: "Owls.", metadata: ["a": .integer(1), "b": .string("x")]),
      RecordUpdate(id: "nobody", document: "?"),
      RecordUpdate(id: "owl", embedding: [3, 3, 3], metadata: ["a": nil, "c": .double(1)], uri: "o"),
    ])
    #expect(changed == 2)
    let owl = Record(
      id: "owl", embedding: [3, 3, 3], document: "Owls.", metadata: ["b": .string("x"), "c": .double(1)],
      uri: "o")
    #expect(try collection.get(ids: ["owl"], withEmbedding: true) == [owl])
    #expect(try collection.delete(ids: ["owl", "nobody", "tax", "tax"]) == 2)
    #expect(try collection.delete(ids: []) == 0)
    #expect(try Set(collection.get(RecordSelection()).map(\.id)) == ["swift", Self.birds[1].id, "rent"])
  }

  /// What cannot be kept is refused by name, and nothing of it stays.
  /// - Parameter keepsZeroVectors: Whether a vector of zeros may be in a collection of cosines, as in a folder.
  func refusesRecords(keepsZeroVectors: Bool = false) throws {
    let collection = try make(distance: .cosine)
    try collection.add([Self.birds[0]])
    let fresh = try store.openCollection(named: name, in: namespace)
    #expect(throws: VectorStoreError.wrongDimension(collection: name, expected: 3, found: 2)) {
      try fresh.add([Record(id: "good", embedding: [1, 2, 3]), Record(id: "short", embedding: [1, 2])])
    }
    let zeros = keepsZeroVectors ? [] : [[Float](repeating: 0, count: 3)]
    for bad in zeros + [[1, .nan, 1], [.infinity, 1, 1]] {
      #expect { try collection.add([Record(id: "bad", embedding: bad)]) } throws: { error in
        if case VectorStoreError.unusableVector("bad", _) = error { true } else { false }
      }
    }
    #expect {
      try collection.upsert([Record(id: "bad", embedding: [1, 1, 1], metadata: ["l": .strings([])])])
    } throws: { error in
      if case VectorStoreError.unusableMetadata("bad", "l", _) = error { true } else { false }
    }
    if keepsZeroVectors {
      #expect(try collection.nearest(VectorQuery([0, 0, 0], limit: 1)).map(\.distance) == [1])
    } else {
      #expect(throws: VectorStoreError.self) { try collection.nearest(VectorQuery([0, 0, 0], limit: 1)) }
    }
    #expect(try collection.count() == 1)
  }

  /// Each distance has Chroma's value, and the order that comparing everything has.
  func findsNearest() throws {
    var random = SplitMix64(seed: 3)
    let vectors = (0..<60).map { _ in (0..<8).map { _ in Float.random(in: -1...1, using: &random) } }
    for distance in Distance.allCases {
      let collection = try store.makeCollection(
        CollectionConfiguration(
          name: "\(name)-\(distance.rawValue)", namespace: namespace, distance: distance))
      #expect(try collection.nearest(VectorQuery(vectors[0], limit: 3)).isEmpty)
      try collection.add(
        vectors.enumerated().map { number, vector in
          Record(
            id: "\(number)", embedding: vector, document: "text \(number)",
            metadata: ["third": .integer(number % 3)], uri: number == 7 ? "seven" : nil)
        })
      let question = vectors[7].map { $0 + 0.01 }
      func truth(_ keep: (Int) -> Bool) -> [(Int, Double)] {
        vectors.indices.filter(keep).map { ($0, distance.plain(vectors[$0], question)) }.sorted {
          $0.1 < $1.1
        }
      }
      let found = try collection.nearest(VectorQuery(question, limit: 10, withEmbedding: true))
      for (match, (number, value)) in zip(found, truth { _ in true }) {
        #expect(match.record.id == "\(number)" && abs(match.distance - value) < 1e-5, "\(distance)")
        #expect(match.record.document == "text \(number)" && match.record.embedding.count == 8)
        #expect(match.record.uri == (number == 7 ? "seven" : nil))
      }
      #expect(found.count == 10)
      let third = try collection.nearest(
        VectorQuery(question, limit: 30, where: .metadata("third", .equal(1))))
      #expect(third.map(\.record.id) == truth { $0 % 3 == 1 }.map { "\($0.0)" })
      #expect(third.allSatisfy { $0.record.embedding.isEmpty })
      let some = try collection.nearest(VectorQuery(question, limit: 5, ids: ["3", "9", "nobody", "30"]))
      #expect(some.map(\.record.id) == truth { [3, 9, 30].contains($0) }.map { "\($0.0)" })
    }
  }

  /// Nothing of a user's text becomes a part of a statement or a path.
  func isSafe() throws {
    let hostile = "x'; DROP TABLE martlet.collections; --"
    let collection = try make()
    try collection.add([
      Record(id: hostile, embedding: [1, 2, 3], document: hostile, metadata: [hostile: .string(hostile)])
    ])
    #expect(
      try collection.get(RecordSelection(where: .metadata(hostile, .equal(.string(hostile))))).count == 1
    )
    #expect(
      try collection.get(RecordSelection(where: .document(.contains(hostile)), ids: [hostile])).count == 1)
    #expect(throws: (any Error).self) {
      try store.openCollection(named: "../\(name)?a#\(hostile)", in: namespace)
    }
    #expect(try collection.count() == 1)
  }
}

extension Distance {
  /// The distance, computed in double precision.
  func plain(_ a: [Float], _ b: [Float]) -> Double {
    let pairs = zip(a, b).map { (Double($0), Double($1)) }
    let product = pairs.reduce(0) { $0 + $1.0 * $1.1 }
    switch self {
    case .l2: return pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    case .ip: return 1 - product
    case .cosine:
      let lengths = pairs.reduce((0.0, 0.0)) { ($0.0 + $1.0 * $1.0, $0.1 + $1.1 * $1.1) }
      return 1 - product / (lengths.0 * lengths.1).squareRoot()
    }
  }
}

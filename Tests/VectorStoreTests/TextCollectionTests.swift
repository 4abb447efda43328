import Testing

@testable import MartletVectorStore

/// Texts as the counts of some letters; queries are told from documents by a last number.
private struct LetterCounts: EmbeddingFunction {
  var letters = "aeirst"
  var revision = "1"
  var most = 1000

  var identity: EmbedderIdentity {
    EmbedderIdentity(name: "letters", revision: revision, maximumTokens: most, precision: "float32")
  }
  var dimension: Int { letters.count + 1 }

  private func counts(_ text: String, last: Float) -> TextEmbedding {
    let read = text.prefix(most)
    let counts = letters.map { letter in Float(read.count { $0 == letter }) }
    return TextEmbedding(counts + [last], isTruncated: read.count < text.count)
  }
  func embeddings(ofDocuments texts: [String]) -> [TextEmbedding] { texts.map { counts($0, last: 0.5) } }
  func embeddings(ofQueries texts: [String]) -> [TextEmbedding] { texts.map { counts($0, last: 0.25) } }
}

@Suite struct TextCollectionTests {
  private let folder: TemporaryFolder
  private let database: Database

  init() throws {
    folder = try TemporaryFolder()
    database = try Database.open(at: folder.path)
  }

  private func filled() throws -> TextCollection {
    let notes = try database.createCollection(
      CollectionConfiguration(name: "notes", distance: .l2), embedding: LetterCounts())
    try notes.add([
      Record(id: "swift", document: "swift"),
      Record(id: "tern", document: "tern", metadata: ["sea": .bool(true)]),
      Record(id: "own", embedding: [9, 9, 9, 9, 9, 9, 9], document: "rest"),
    ])
    return notes
  }

  @Test func `Texts get vectors, those that have one keep it, and texts find them`() throws {
    let notes = try filled()
    let records = try notes.records.get(RecordSelection())
    #expect(
      records.map(\.embedding) == [
        [0, 0, 1, 0, 1, 1, 0.5], [0, 1, 0, 1, 0, 1, 0.5], [9, 9, 9, 9, 9, 9, 9],
      ])
    let nearest = try notes.nearest(to: "swifts", limit: 2)
    #expect(nearest.map(\.record.id) == ["swift", "tern"])
    // The query was embedded as one: (2 - 1)² + 0.25².
    #expect(abs(nearest[0].distance - 1.0625) < 1e-6)
    let filter = Filter.metadata("sea", .equal(.bool(true)))
    #expect(try notes.nearest(to: "swifts", limit: 2, where: filter).map(\.record.id) == ["tern"])
  }

  @Test func `A changed text gets another vector; a changed vector and other changes are kept as they are`()
    throws
  {
    let notes = try filled()
    try notes.update([
      RecordUpdate(id: "swift", document: "test"), RecordUpdate(id: "own", metadata: ["x": .integer(1)]),
      RecordUpdate(id: "tern", embedding: [1, 1, 1, 1, 1, 1, 1], document: "gull"),
    ])
    try notes.upsert([Record(id: "new", document: "a")])
    let all = try notes.records.get(RecordSelection()).map { ($0.id, $0.embedding) }
    #expect(all.map(\.0) == ["swift", "tern", "own", "new"])
    #expect(
      all.map(\.1) == [
        [0, 1, 0, 0, 1, 2, 0.5], [1, 1, 1, 1, 1, 1, 1], [9, 9, 9, 9, 9, 9, 9], [1, 0, 0, 0, 0, 0, 0.5],
      ])
  }

  @Test func `A collection remembers what embeds it, after reopening too, and refuses anything else`() throws
  {
    _ = try filled()
    let again = try Database.open(at: folder.path, mode: .readOnly)
    let notes = try again.collection(named: "notes", embedding: LetterCounts())
    #expect(try notes.nearest(to: "tern", limit: 1).map(\.record.id) == ["tern"])
    let wrong = VectorStoreError.wrongEmbedder(
      collection: "notes", expected: "letters (revision 1)", found: "letters (revision 2)")
    #expect(throws: wrong) { try again.collection(named: "notes", embedding: LetterCounts(revision: "2")) }
    #expect(throws: wrong) {
      try database.getOrCreateCollection(
        CollectionConfiguration(name: "notes"), embedding: LetterCounts(revision: "2"))
    }
    #expect(throws: VectorStoreError.wrongDimension(collection: "notes", expected: 7, found: 4)) {
      try again.collection(named: "notes", embedding: LetterCounts(letters: "abc"))
    }
    #expect(throws: VectorStoreError.wrongDimension(collection: "other", expected: 3, found: 7)) {
      try database.createCollection(
        CollectionConfiguration(name: "other", dimension: 3), embedding: LetterCounts())
    }
    _ = try database.createCollection(CollectionConfiguration(name: "vectors", dimension: 7))
    #expect(throws: VectorStoreError.self) {
      try database.collection(named: "vectors", embedding: LetterCounts())
    }
    #expect(try database.collections().map(\.name) == ["notes", "vectors"])
  }

  @Test
  func `A text that was cut is named; what has neither text nor vector is refused, and nothing is kept`()
    throws
  {
    let notes = try database.createCollection(
      CollectionConfiguration(name: "notes", distance: .l2), embedding: LetterCounts(most: 5))
    let cut = try notes.add([Record(id: "a", document: "short"), Record(id: "b", document: "longer")])
    #expect(cut == ["b"])
    #expect(try notes.update([RecordUpdate(id: "a", document: "longer, too")]) == ["a"])
    #expect(throws: VectorStoreError.nothingToEmbed(id: "d")) {
      try notes.add([Record(id: "c", document: "fine"), Record(id: "d", metadata: ["x": .integer(1)])])
    }
    #expect(try notes.records.count() == 2)
  }

  @Test func `A function that gives too few vectors is told of`() throws {
    struct Lazy: EmbeddingFunction {
      let identity = EmbedderIdentity(name: "lazy", revision: "", maximumTokens: 1, precision: "float32")
      let dimension = 1
      func embeddings(ofDocuments texts: [String]) -> [TextEmbedding] { [] }
    }
    let notes = try database.createCollection(CollectionConfiguration(name: "notes"), embedding: Lazy())
    #expect(throws: VectorStoreError.wrongEmbeddingCount(embedder: "lazy", expected: 1, found: 0)) {
      try notes.add([Record(id: "a", document: "text")])
    }
    #expect(throws: VectorStoreError.wrongEmbeddingCount(embedder: "lazy", expected: 1, found: 0)) {
      try notes.nearest(to: "text", limit: 1)
    }
  }
}

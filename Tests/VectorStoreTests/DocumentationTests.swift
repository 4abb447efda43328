import MartletVectorStore
import Testing

@Suite struct DocumentationTests {
  @Test func `The example of the documentation finds by nearness, by words and by texts`() throws {
    let temporary = try TemporaryFolder()
    let folder = temporary.path
    let database = try Database.open(at: folder)
    let notes = try database.createCollection(
      CollectionConfiguration(
        name: "notes", dimension: 3,
        embedder: EmbedderIdentity(name: "by hand", revision: "1", maximumTokens: 256, precision: "float32")))
    try notes.upsert([
      Record(id: "swift", embedding: [1, 0, 0], document: "Swifts sleep on the wing."),
      Record(id: "rent", embedding: [0, 1, 0], document: "The rent is due on Friday."),
    ])
    let nearest = try notes.nearest(to: [0.9, 0.1, 0], limit: 1)
    let named = try notes.search(words: "rent", limit: 1)

    struct LetterCounts: EmbeddingFunction {
      let identity = EmbedderIdentity(
        name: "letters", revision: "1", maximumTokens: 256, precision: "float32")
      let dimension = 3
      func embeddings(ofDocuments texts: [String]) -> [TextEmbedding] {
        texts.map { text in TextEmbedding("aer".map { letter in Float(text.count { $0 == letter }) }) }
      }
    }
    let birds = try database.createCollection(
      CollectionConfiguration(name: "birds"), embedding: LetterCounts())
    try birds.add([Record(id: "eagle", document: "eagle"), Record(id: "roller", document: "roller")])
    let found = try birds.nearest(to: "eagles", limit: 1)

    #expect(found.map(\.record.id) == ["eagle"])
    #expect(nearest.map(\.record.id) == ["swift"])
    #expect(named.map(\.record.id) == ["rent"])
  }
}

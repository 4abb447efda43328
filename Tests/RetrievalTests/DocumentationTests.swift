import Foundation
import MartletEmbedding
import MartletRetrieval
import MartletTensors
import MartletVectorStore
import Testing

@Suite("The example of the documentation of Retrieval", .needs(model: embedderName))
struct DocumentationTests {
  @Test("It compiles, and finds the sentence that answers the question, and the note")
  func example() throws {
    let workplace = try Workplace()
    let documents = workplace.folder.appending(path: "documents").path
    let store = workplace.folder.appending(path: "library").path
    try Data("The ladder is inspected in March.\n\nThe bell is never rung.\n".utf8)
      .write(to: URL(filePath: documents).appending(path: "tower.txt"))
    let database = try Database.open(at: store)
    let library = try Library.openOrCreate(in: database, embedder: "all-minilm-l6-v2", device: Device())
    _ = try library.index([documents])
    let results = try library.search("When is the ladder inspected?", limit: 3)
    let evidence = try library.evidence(for: "When is the ladder inspected?")

    let embedder = try SentenceEmbedder.open(named: "all-minilm-l6-v2", device: Device())
    let notes = try database.getOrCreateCollection(
      CollectionConfiguration(name: "notes"), embedding: embedder)
    try notes.upsert([
      Record(id: "1", document: "Swifts sleep on the wing."), Record(id: "2", document: "The rent is due."),
    ])
    let nearest = try notes.nearest(to: "How do birds rest?", limit: 1)

    #expect(nearest.map(\.record.id) == ["1"])
    #expect(results.first?.path.hasSuffix("tower.txt") == true)
    #expect(evidence.quotes.first?.text == "The ladder is inspected in March.")
  }
}

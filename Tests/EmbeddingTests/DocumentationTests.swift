import MartletEmbedding
import MartletTensors
import Testing

@Suite(
  "The example of the documentation of Embedding",
  .enabled(if: MiniLM.isThere, "needs `martlet pull all-minilm-l6-v2`"))
struct DocumentationTests {
  @Test("It compiles, and finds the two sentences nearest that mean the same")
  func example() throws {
    let embedder = try SentenceEmbedder.open(named: "all-minilm-l6-v2", device: Device())
    let texts = ["Swifts sleep in the air.", "The bird rests while it flies.", "The rent is due on Friday."]
    let vectors = try embedder.embed(texts).map(\.vector)
    let near = zip(vectors[0], vectors[1]).map(*).reduce(0, +)
    let far = zip(vectors[0], vectors[2]).map(*).reduce(0, +)

    #expect(near > far + 0.3)
  }
}

import MartletInspection
import MartletJSON
import MartletTensors
import Testing

@Suite("How near vectors are")
struct SimilarityTests {
  @Test("Cosines and distances are those of the vectors; a vector of zeros is near nothing")
  func numbers() {
    let similarity = Similarity(
      LabelledVectors(labels: ["a", "b", "c"], vectors: [[3, 4], [4, 3], [0, 0]], origin: "test"))
    #expect(similarity.labels == ["a", "b", "c"])
    #expect(abs(similarity.cosine[0][1] - 0.96) < 1e-12)
    #expect(similarity.cosine[1][0] == similarity.cosine[0][1])
    #expect(similarity.cosine[0][0] == 1 && similarity.cosine[2] == [0, 0, 0])
    #expect(abs(similarity.euclidean[0][1] - 2.0.squareRoot()) < 1e-12)
    #expect(similarity.euclidean[0][2] == 5 && similarity.euclidean[1][1] == 0)
  }

  private func model(_ test: TestModel, _ level: VectorLevel, layer: Int? = nil) throws -> VectorModel {
    try VectorModel(
      test.checkpoint(), name: test.rawValue, level: level, layer: layer, device: Device(threads: 2))
  }

  @Test("Texts are compared by their sentence embeddings, as sentence-transformers does", .needs(.minilm))
  func sentences() throws {
    let expected = try #require(try Reference.read("minilm.json")["similar"])
    let model = try model(.minilm, .text)
    #expect(model.origin == "sentence embeddings")
    let found = try model.similarity(of: ["king", "queen", "car"])
    for (name, rows) in [("cosine", found.cosine), ("euclidean", found.euclidean)] {
      let wanted = try #require(expected[name]).rows.flatMap(\.self)
      for (x, y) in zip(rows.flatMap(\.self), wanted) { #expect(abs(Float(x) - y) < 1e-5) }
    }
    #expect(found.cosine[0][1] > found.cosine[0][2] + 0.3)
  }

  @Test("A word's vector is the mean of its tokens", .needs(.minilm))
  func words() throws {
    let expected = try Reference.read("minilm.json")
    let text = try #require(expected["text"]?.stringValue)
    let model = try model(.minilm, .word)
    #expect(model.origin == "means of each word's tokens in the last layer (6)")
    let found = try model.vectors(of: [text])
    #expect(found.labels == ["The", "unhappiest", "cat", "sat", "."])
    let wanted = try #require(expected["words"]).rows
    for (x, y) in zip(found.vectors, wanted) { #expect(difference(Array(x.prefix(12)), y) < 1e-4) }
  }

  @Test("Without a sentence embedding a text's vector is the mean of its tokens in the layer that is named")
  func means() throws {
    let text = "the cat"
    let opened = try TestModel.tiny.open()
    let states = try opened.hiddenStates(of: opened.text(text), layers: .only(1)).layers[0].states
    let model = try model(.tiny, .text, layer: 1)
    #expect(model.origin == "means of each text's tokens in layer 1")
    let found = try model.vectors(of: [text]).vectors[0]
    let mean = (0..<states.columns).map { column in
      (0..<states.rows).reduce(Float(0)) { $0 + states[row: $1][column] } / Float(states.rows)
    }
    #expect(difference(found, mean) < 1e-5)
    let tokens = try self.model(.tiny, .token, layer: 1).vectors(of: [text, text])
    #expect(tokens.labels.count == 2 * states.rows && tokens.vectors[1] == states[row: 1])
  }

  @Test("Texts that go through the model together have the vectors that they have alone")
  func together() throws {
    let model = try model(.tiny, .text, layer: 1)
    let texts = (1...40).map { String(repeating: "the cat ", count: $0 % 9 + 1) }
    let (together, alone) = (try model.vectors(of: texts), try texts.map { try model.vectors(of: [$0]) })
    for (x, y) in zip(together.vectors, alone) { #expect(difference(x, y.vectors[0]) < 1e-5) }
  }

  @Test("Too few to compare, a text beyond the limit and a missing layer are refused")
  func limits() throws {
    #expect(throws: InspectionError.tooFew(what: "texts to compare", count: 1, minimum: 2)) {
      try model(.tiny, .text).similarity(of: ["the"])
    }
    #expect(throws: InspectionError.textTooLong(tokens: 151, limit: 128, model: "tiny")) {
      try model(.tiny, .text).vectors(of: [String(repeating: "c", count: 150)])
    }
    #expect(throws: InspectionError.noSuchLayer(7, layers: 0...2)) { try model(.tiny, .word, layer: 7) }
  }

  @Test("A text beyond what an embedding model reads is refused, not cut", .needs(.minilm))
  func notCut() throws {
    #expect(throws: InspectionError.textTooLong(tokens: 302, limit: 256, model: "minilm")) {
      try model(.minilm, .text).vectors(of: [String(repeating: "cat ", count: 300)])
    }
  }
}

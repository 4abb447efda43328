import Foundation
import MartletCheckpoints
import MartletEmbedding
import MartletJSON
import MartletTensors
import MartletTransformers
import Testing

@Suite("Embedding models whose files do not belong together")
struct HostileModelTests {
  /// The fixture bert, which has 128 rows, with a tokenizer that gives "b" the last id and "c" one more.
  private func withModel(_ body: (SentenceEmbedder) throws -> Void) throws {
    let fixture = MiniLM.here.deletingLastPathComponent().appending(path: "TransformersTests/Fixtures/bert")
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["config.json", "model.safetensors"] {
      try FileManager.default.copyItem(at: fixture.appending(path: name), to: folder.appending(path: name))
    }
    let tokenizer =
      #"{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "a": 1, "b": 127, "c": 128}},"#
      + #" "pre_tokenizer": {"type": "BertPreTokenizer"}}"#
    try Data(tokenizer.utf8).write(to: folder.appending(path: "tokenizer.json"))
    try body(SentenceEmbedder(Checkpoint.open(folder.path()), name: "tiny", device: Device(threads: 1)))
  }

  @Test("A generating model is refused by what it is")
  func generatingModel() throws {
    let fixtures = MiniLM.here.deletingLastPathComponent().appending(path: "TransformersTests/Fixtures")
    let llama = try Checkpoint.open(fixtures.appending(path: "llama-linear").path())
    let error = #expect(throws: EmbeddingError.self) {
      try SentenceEmbedder(llama, name: "tiny", device: Device(threads: 1))
    }
    #expect(error == .generatingModel(name: "tiny"))
    #expect(error?.description.contains("a generating model") == true)
  }

  @Test("A token that the weights have no row for is an error where a text needs it, never a trap")
  func tokenWithoutRow() throws {
    try withModel { embedder in
      let found = try embedder.embed(["a b"])
      #expect(found.first?.tokenCount == 2)
      #expect(throws: ModelError.tokenWithoutRow(128, rows: 128)) {
        try embedder.embed(["a", "a c"])
      }
    }
  }
}

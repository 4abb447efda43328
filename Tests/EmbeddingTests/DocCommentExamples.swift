import MartletCheckpoints
import MartletEmbedding
import MartletTensors

/// The code in doc comments of the module, which lint compares with these lines: it compiles.
private enum DocCommentExamples {
  static func embedder(_ checkpoint: Checkpoint) throws -> [[Float]] {
    let embedder = try SentenceEmbedder(checkpoint, name: "all-minilm-l6-v2", device: Device())
    let vectors = try embedder.embed(["a martlet never lands"]).map(\.vector)
    return vectors
  }
}

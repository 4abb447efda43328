import Foundation
import MartletCheckpoints
import MartletInspection
import MartletTensors
import Testing

@Suite("What a model is made of")
struct AnatomyTests {
  private func fixture(_ name: String) throws -> ModelAnatomy {
    let url = Reference.fixtures.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "TransformersTests/Fixtures").appending(path: name)
    return ModelAnatomy(try Checkpoint.open(url.path()))
  }

  @Test(
    "Each tensor belongs to its part, whatever the architecture",
    arguments: [
      ("model.embed_tokens.weight", ModelPart.embedding),
      ("embeddings.position_embeddings.weight", .embedding),
      ("transformer.wte.weight", .embedding), ("embeddings.LayerNorm.bias", .norms),
      ("encoder.layer.0.attention.output.LayerNorm.weight", .norms), ("h.0.ln_1.weight", .norms),
      ("transformer.ln_f.bias", .norms), ("model.layers.3.post_attention_layernorm.weight", .norms),
      ("model.layers.0.self_attn.q_norm.weight", .norms), ("blk.0.attn_norm.weight", .norms),
      ("output_norm.weight", .norms), ("encoder.layer.0.attention.output.dense.weight", .attention),
      ("model.layers.0.self_attn.q_proj.weight", .attention), ("h.0.attn.c_proj.weight", .attention),
      ("blk.0.attn_q.weight", .attention), ("encoder.layer.0.output.dense.bias", .feedForward),
      ("encoder.layer.0.intermediate.dense.weight", .feedForward),
      ("model.layers.0.mlp.down_proj.weight", .feedForward), ("h.0.mlp.c_fc.weight", .feedForward),
      ("blk.0.ffn_up.weight", .feedForward), ("transformer.layer.0.ffn.lin1.weight", .feedForward),
      ("lm_head.weight", .head), ("output.weight", .head), ("pooler.dense.weight", .head),
      ("cls.predictions.transform.dense.weight", .head), ("classifier.bias", .head), ("score.weight", .head),
      ("rope_freqs.weight", .other),
    ])
  func parts(name: String, part: ModelPart) { #expect(ModelPart(ofTensor: name) == part) }

  @Test("A tied matrix counts once, and the parts are the whole", arguments: ["llama-linear", "qwen2"])
  func tied(name: String) throws {
    let anatomy = try fixture(name)
    #expect(anatomy.tiesHead && anatomy.kind == .decoder && anatomy.obstacle == nil)
    #expect(anatomy.parts.reduce(0) { $0 + $1.parameters } == anatomy.parameterCount)
    #expect(!anatomy.parts.contains { $0.part == .head || $0.part == .other })
  }

  @Test("A head of its own counts, and the sizes are those of the configuration")
  func untied() throws {
    let anatomy = try fixture("llama-llama3")
    #expect(!anatomy.tiesHead && anatomy.parts.last?.part == .head)
    let sizes = Dictionary(uniqueKeysWithValues: anatomy.sizes.map { ($0.key, $0.value) })
    #expect(sizes["hidden_size"] == 64 && sizes["num_key_value_heads"] == 2 && sizes["vocab_size"] == 128)
    // 2 layers, keys and values, 2 heads of 16, 2 bytes each.
    #expect(anatomy.cacheBytes?.perToken == 256 && anatomy.cacheBytes?.full == 256 * 128)
  }

  @Test("Memory is that of each type; rows that are no whole blocks of one take a larger type")
  func memory() throws {
    let anatomy = try fixture("llama-llama3")
    func memory(_ format: StorageFormat) throws -> WeightMemory {
      try #require(anatomy.memory.first { $0.format == format })
    }
    let vectors = anatomy.tensors.filter { $0.shape.count == 1 }.reduce(0) { $0 + $1.parameters }
    let matrices = anatomy.parameterCount - vectors
    #expect(try memory(.float32).bytes == 4 * anatomy.parameterCount)
    #expect(try memory(.float16).bytes == 2 * matrices + 4 * vectors)
    #expect(try memory(.q8_0).bytes == matrices / 32 * 34 + 4 * vectors)
    #expect(try memory(.q8_0).otherwise == 0)
    // Widths of 64 and 96 are no multiples of 256.
    #expect(try memory(.q4_K).otherwise == anatomy.tensors.count { $0.shape.count == 2 })
    #expect(try memory(.q4_K).bytes == (try memory(.q5_0).bytes))
    #expect(try memory(.q5_K).bytes == (try memory(.q5_1).bytes))
    #expect(try memory(.q6_K).bytes == (try memory(.q8_0).bytes))
  }

  @Test("An architecture that does not run is described all the same, and says so")
  func unknown() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    let source = URL(filePath: TestModel.tiny.path)
    try FileManager.default.copyItem(at: source, to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "config.json")
    let config = try String(contentsOf: file, encoding: .utf8)
    try config.replacingOccurrences(of: "\"model_type\": \"llama\"", with: "\"model_type\": \"martian\"")
      .write(to: file, atomically: true, encoding: .utf8)
    let anatomy = ModelAnatomy(try Checkpoint.open(folder.path()))
    #expect(anatomy.kind == .unknown)
    #expect(anatomy.obstacle?.hasPrefix("Martlet does not run the architecture martian; it runs ") == true)
    #expect(anatomy.parameterCount == (try fixture("llama-linear").parameterCount))
  }

  @Test("An encoder has no key/value cache")
  func encoder() throws {
    let anatomy = try fixture("bert")
    #expect(anatomy.kind == .encoder && anatomy.cacheBytes == nil)
  }
}

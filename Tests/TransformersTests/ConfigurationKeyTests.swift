import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import Testing

@testable import MartletTransformers

@Suite("Members of a config.json are followed, refused by name or warned of")
struct ConfigurationKeyTests {
  /// Opens a tiny model of the fixtures with these members changed, and asks for its warnings.
  private func warnings(_ model: String, _ changes: JSONObject) throws -> [String] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let fixture = Reference.fixtures.appending(path: model)
    try FileManager.default.createSymbolicLink(
      at: folder.appending(path: "model.safetensors"),
      withDestinationURL: fixture.appending(path: "model.safetensors"))
    let json = try JSON(parsing: [UInt8](Data(contentsOf: fixture.appending(path: "config.json"))))
    var members = try #require(json.objectValue)
    for (key, value) in changes { members[key] = value }
    try Data(JSON.object(members).serialized().utf8).write(to: folder.appending(path: "config.json"))
    let checkpoint = try Checkpoint.open(folder.path)
    let device = try Device(threads: 1)
    // Loading refuses what asking for warnings refuses.
    do {
      if PretrainedModels.encoders.contains(checkpoint.architecture) {
        _ = try PretrainedModels.loadEncoder(checkpoint, precision: .float32, device: device)
      } else {
        _ = try PretrainedModels.loadDecoder(checkpoint, precision: .float32, device: device)
      }
    } catch {
      #expect(throws: error) { try PretrainedModels.warnings(checkpoint) }
      throw error
    }
    return try PretrainedModels.warnings(checkpoint)
  }

  private static let refused: [(model: String, key: String, value: JSON)] = [
    ("llama-linear", "quantization_config", ["quant_method": "gptq"]),
    ("llama-linear", "attn_logit_softcapping", 50), ("llama-linear", "final_logit_softcapping", 30),
    ("llama-linear", "logit_scale", 0.5), ("llama-linear", "embedding_multiplier", 12),
    ("llama-linear", "num_local_experts", 8), ("llama-linear", "clip_qkv", 8),
    ("llama-linear", "layer_types", ["full_attention", "sliding_attention"]),
    ("llama-linear", "per_layer_config", ["0": ["num_attention_heads": 4]]),
    ("llama-linear", "no_rope_layers", [1, 0]), ("llama-linear", "is_encoder_decoder", true),
    ("qwen2", "use_sliding_window", true), ("qwen2", "attention_bias", true), ("qwen2", "mlp_bias", true),
    ("mistral", "attention_bias", true), ("bert", "is_decoder", true), ("bert", "add_cross_attention", true),
    ("bert", "pruned_heads", ["0": [1]]), ("bert", "relative_attention", true),
    ("bert", "rope_theta", 10_000),
    ("bert", "embedding_size", 16), ("qwen3", "use_sliding_window", true), ("qwen3", "mlp_bias", true),
    ("gemma3", "use_bidirectional_attention", true), ("gemma3", "attn_logit_softcapping", 50),
    ("phi3", "attention_bias", true), ("gpt2", "rope_theta", 10_000), ("gpt2", "add_cross_attention", true),
    ("mpnet", "rope_theta", 10_000), ("llama-linear", "query_pre_attn_scalar", 256),
  ]

  @Test("A member that would change the outcome is refused with its value", arguments: refused.indices)
  func refusals(index: Int) {
    let (model, key, value) = Self.refused[index]
    #expect(throws: ModelError.unsupportedConfiguration(key: key, value: value.serialized())) {
      try warnings(model, [key: value])
    }
  }

  @Test(
    "Values that change nothing are taken without a word", arguments: ["llama-linear", "qwen2", "mistral"])
  func neutral(model: String) throws {
    #expect(
      try warnings(
        model,
        [
          "attn_logit_softcapping": nil, "logit_scale": 1, "num_local_experts": 0,
          "use_sliding_window": false,
          "layer_types": ["full_attention", "full_attention"], "per_layer_config": [:], "pruned_heads": [:],
          "is_decoder": true, "temperature": 0.5, "attention_dropout": 0.1, "max_window_layers": 28,
        ]) == [])
    #expect(
      try warnings("bert", ["pooler_fc_size": 768, "directionality": "bidi", "is_decoder": false]) == [])
  }

  @Test("A member that is not known is named in a warning, and the model is loaded")
  func unknown() throws {
    let found = try warnings("llama-linear", ["made_up": 7, "also_made_up": [1]])
    #expect(found.count == 1)
    #expect(found.first?.contains("\"made_up\", \"also_made_up\"") == true, "\(found)")
  }

  @Test(
    "Mistral has a window of 4096 where its configuration does not mention one, and none where that is null")
  func mistralWindow() throws {
    let url = Reference.fixtures.appending(path: "mistral")
    let members = try #require(
      try JSON(parsing: [UInt8](Data(contentsOf: url.appending(path: "config.json")))).objectValue)
    func window(_ change: (inout JSONObject) -> Void) throws -> Int? {
      var changed = members
      change(&changed)
      let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: "model.safetensors"),
        withDestinationURL: url.appending(path: "model.safetensors"))
      try Data(JSON.object(changed).serialized().utf8).write(to: folder.appending(path: "config.json"))
      let model = try PretrainedModels.loadDecoder(
        Checkpoint.open(folder.path), precision: .float32, device: Device(threads: 1))
      return try #require(model as? Llama).blocks[0].attention.shape.window
    }
    #expect(try window { $0["sliding_window"] = 8 } == 8)
    #expect(try window { $0["sliding_window"] = .null } == nil)
    #expect(
      try window { $0 = JSONObject($0.filter { $0.key != "sliding_window" }.map { ($0.key, $0.value) }) }
        == 4096)
  }

  @Test("What a file leaves out is what transformers' class of the architecture assumes; null stays null")
  func defaults() throws {
    func configuration(_ members: JSONObject) throws -> JSONObject {
      let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: "model.safetensors"),
        withDestinationURL: Reference.fixtures.appending(path: "qwen3/model.safetensors"))
      try Data(JSON.object(members).serialized().utf8).write(to: folder.appending(path: "config.json"))
      return try Checkpoint.open(folder.path).configuration
    }
    let qwen = try configuration(["model_type": "qwen3", "head_dim": 16])
    #expect(qwen["head_dim"] == 16 && qwen["num_key_value_heads"] == 32)
    #expect(qwen["max_position_embeddings"] == 32_768)
    let mistral = try configuration(["model_type": "mistral", "num_key_value_heads": nil])
    #expect(mistral["num_key_value_heads"]?.isNull == true)
    #expect(try configuration(["model_type": "phi3"])["rms_norm_eps"] == 1e-5)
    let gpt2 = try configuration(["model_type": "gpt2", "n_embd": 8, "n_inner": nil])
    #expect(gpt2["hidden_size"] == 8 && gpt2["n_embd"] == nil && gpt2["intermediate_size"]?.isNull == true)
  }

  @Test("A part of the dimensions that only Phi 3 would turn is warned of, and not turned")
  func partialRotation() throws {
    let warnings = try warnings("llama-linear", ["partial_rotary_factor": 0.5])
    #expect(warnings.joined().contains("partial_rotary_factor is 0.5"), "\(warnings)")
    #expect(try self.warnings("llama-linear", ["partial_rotary_factor": 1]).isEmpty)
  }
}

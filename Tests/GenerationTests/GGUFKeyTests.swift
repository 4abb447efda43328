import MartletCheckpoints
import MartletJSON
import MartletTensors
import MartletTransformers
import Testing

@testable import MartletGeneration

@Suite("Keys of a GGUF file are followed, refused by name or warned of")
struct GGUFKeyTests {
  /// A file of a model with heads of 64, without weights: a key is looked at before any weight is.
  private func file(_ keys: [(String, TinyGGUF.Value)], architecture: String = "llama") -> TinyGGUF {
    var file = TinyGGUF(model: "gpt2", architecture: architecture, template: nil)
    file.add("\(architecture).embedding_length", .number(128))
    file.add("\(architecture).attention.head_count", .number(2))
    for (key, value) in keys { file.add("\(architecture).\(key)", value) }
    return file
  }

  private static let refused: [(key: String, value: TinyGGUF.Value, text: String)] = [
    ("rope.dimension_count", .number(32), "32"), ("rope.dimension_count", .number(0), "0"),
    ("expert_count", .number(8), "8"), ("expert_feed_forward_length", .number(64), "64"),
    ("rope.scaling.type", .string("dynamic"), "\"dynamic\""),
    ("rope.scaling.attn_factor", .float(1.5), "1.5"),
    ("rope.scaling.alpha", .float(2), "2.0"), ("attention.value_length", .number(32), "32"),
    ("attention.scale", .float(0.5), "0.5"), ("attention.causal", .bool(false), "false"),
    ("attention.clamp_kqv", .float(8), "8.0"), ("attention.max_alibi_bias", .float(8), "8.0"),
    ("logit_scale", .float(0.5), "0.5"), ("embedding_scale", .float(12), "12.0"),
    ("residual_scale", .float(0.22), "0.22"), ("attn_logit_softcapping", .float(50), "50.0"),
    ("final_logit_softcapping", .float(30), "30.0"), ("use_parallel_residual", .bool(true), "true"),
    ("rope.dimension_sections", .integers([16, 8, 8, 0]), "[16,8,8,0]"),
    ("ssm.state_size", .number(16), "16"),
    ("dense_2_feat_out", .number(768), "768"), ("nextn_predict_layers", .number(1), "1"),
  ]

  @Test("A key that would change the outcome is refused with its value", arguments: refused.indices)
  func refusals(index: Int) throws {
    let (key, value, text) = Self.refused[index]
    let checkpoint = try file([(key, value)]).checkpoint()
    let error = #expect(throws: ModelError.self) {
      try PretrainedModels.loadDecoder(checkpoint, precision: .float32, device: Device(threads: 1))
    }
    #expect(error == .unsupportedConfiguration(key: "llama.\(key)", value: text))
  }

  @Test("Values that change nothing are taken without a word")
  func neutral() throws {
    let checkpoint = try file([
      ("rope.dimension_count", .number(64)), ("attention.key_length", .number(64)),
      ("attention.value_length", .number(64)), ("expert_count", .number(0)), ("logit_scale", .float(1)),
      ("attention.scale", .float(0.125)), ("rope.scaling.type", .string("none")),
      ("rope.scaling.finetuned", .bool(true)), ("attention.causal", .bool(true)),
      ("use_parallel_residual", .bool(false)), ("attention.sliding_window", .number(0)),
      ("pooling_type", .number(0)),
    ]).checkpoint()
    #expect(try PretrainedModels.warnings(checkpoint) == [])
  }

  @Test("A window that the architecture does not have is warned of, unless all of the context fits into it")
  func window() throws {
    let short = file([("attention.sliding_window", .number(4096)), ("context_length", .number(8192))])
    let warnings = try PretrainedModels.warnings(short.checkpoint())
    #expect(warnings.count == 1)
    #expect(warnings.joined().contains("llama.attention.sliding_window is 4096"), "\(warnings)")
    let wide = file([("attention.sliding_window", .number(4096)), ("context_length", .number(4096))])
    #expect(try PretrainedModels.warnings(wide.checkpoint()) == [])
  }

  @Test("A decoder that pools is warned of, and opened", arguments: [1, 2, 3, 4] as [UInt32])
  func pooling(type: UInt32) throws {
    let warnings = try PretrainedModels.warnings(file([("pooling_type", .number(type))]).checkpoint())
    #expect(warnings.count == 1)
    #expect(warnings.joined().contains("llama.pooling_type is \(type)"), "\(warnings)")
  }

  @Test("A key that is not known is named in a warning, of the tokenizer too")
  func unknown() throws {
    var file = file([("made_up", .number(7))])
    file.add("tokenizer.ggml.made_up_too", .bool(true))
    file.add("tokenizer.ggml.fim_pre_token_id", .number(1))
    file.add("general.made_up", .number(1))
    let warnings = try PretrainedModels.warnings(file.checkpoint())
    #expect(warnings.count == 2)
    #expect(warnings.joined().contains("\"llama.made_up\""), "\(warnings)")
    #expect(warnings.joined().contains("\"tokenizer.ggml.made_up_too\""), "\(warnings)")
    #expect(!warnings.joined().contains("fim_pre") && !warnings.joined().contains("general"))
  }

  private static let scalings: [(keys: [(String, TinyGGUF.Value)], factor: Double?)] = [
    ([("rope.scale_linear", .float(4))], 4), ([("rope.scaling.factor", .float(2))], 2),
    ([("rope.scaling.type", .string("linear")), ("rope.scaling.factor", .float(2))], 2),
    ([("rope.scaling.factor", .float(2)), ("rope.scale_linear", .float(4))], 2),
    ([("rope.scaling.type", .string("none")), ("rope.scaling.factor", .float(2))], nil),
    ([("rope.scale_linear", .float(1))], nil), ([("rope.scale_linear", .float(0))], nil),
  ]

  @Test("Linear scaling is read from each of its keys, as llama.cpp does", arguments: scalings.indices)
  func linear(index: Int) throws {
    let (keys, factor) = Self.scalings[index]
    let scaling = try file(keys).checkpoint().configuration["rope_scaling"]
    #expect(scaling?["rope_type"]?.stringValue == (factor == nil ? nil : "linear"))
    #expect(scaling?["factor"]?.doubleValue == factor)
  }

  @Test("An encoder is not causal, and a separator around its texts cannot be left out")
  func encoder() throws {
    let causal = try file([("attention.causal", .bool(true))], architecture: "bert").checkpoint()
    #expect(throws: ModelError.unsupportedConfiguration(key: "bert.attention.causal", value: "true")) {
      try PretrainedModels.warnings(causal)
    }
    #expect(
      try PretrainedModels.warnings(
        file([("attention.causal", .bool(false))], architecture: "bert").checkpoint()) == [])
    var bare = TinyGGUF(model: "bert", architecture: "bert", template: nil)
    bare.add("tokenizer.ggml.add_sep_token", .bool(false))
    let error = #expect(throws: CheckpointError.self) { try bare.checkpoint().makeTokenizer() }
    #expect(error?.description.contains("tokenizer.ggml.add_sep_token") == true)
  }
}

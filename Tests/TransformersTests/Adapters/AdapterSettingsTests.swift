import MartletTensors
import Testing

@testable import MartletTransformers

@Suite("An adapter's settings")
struct AdapterSettingsTests {
  private static func parameters(_ name: String = "qwen2") throws -> ModelParameters {
    try ParameterTests.open(name).parameters
  }

  @Test("The first pattern that matches the end of a path gives its rank and alpha")
  func overrides() throws {
    var settings = AdapterConfiguration(rank: 8, alpha: 16)
    settings.rankOverrides = [.init(pattern: "q_proj", value: 2), .init(pattern: ".*proj", value: 4)]
    settings.alphaOverrides = [.init(pattern: "^model.layers.1.*", value: 3)]
    let (query, value) = ("model.layers.0.self_attn.q_proj", "model.layers.1.self_attn.v_proj")
    #expect(try settings.rank(of: query) == 2)
    #expect(try settings.rank(of: value) == 4)
    #expect(try settings.rank(of: "model.layers.0.self_attn.xq_proj2") == 8)
    #expect(try settings.scaling(of: query) == 8)
    #expect(try settings.scaling(of: value) == 0.75)
    settings.usesRankStabilizedScaling = true
    #expect(try settings.scaling(of: value) == 1.5)
    settings.rankOverrides = [.init(pattern: "(?=x)", value: 2)]
    guard
      case .invalidPattern("(?=x)", _) = #expect(
        throws: AdapterError.self,
        performing: {
          try settings.rank(of: query)
        })
    else { Issue.record("a pattern that looks around"); return }
  }

  @Test("An unknown target is an error that lists the names there are")
  func unknownTarget() throws {
    let settings = AdapterConfiguration(targets: .names(["q_proj", "query"]))
    let error = #expect(throws: AdapterError.self) { try settings.layers(of: Self.parameters()) }
    let known = ["lm_head", "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    #expect(error == .unknownTargets(["query"], known: known))
    #expect("\(try #require(error))".contains("‘query’"))
    #expect(throws: AdapterError.unknownTargets(["c_attn"], known: known)) {
      try AdapterConfiguration(targets: .pattern("c_attn")).layers(of: Self.parameters())
    }
  }

  @Test("A rank above the smaller side of a matrix is an error")
  func rank() throws {
    let settings = AdapterConfiguration(rank: 33, targets: .names(["v_proj"]))
    #expect(
      throws: AdapterError.rankTooLarge(
        path: "model.layers.0.self_attn.v_proj", rank: 33, inputs: 64, outputs: 32)
    ) { try settings.layers(of: Self.parameters()) }
    #expect(
      try AdapterConfiguration(rank: 32, targets: .names(["v_proj"])).layers(of: Self.parameters()).count == 2
    )
  }

  @Test("Numbers of blocks go with a list of names, and a pattern of blocks with numbers, as in peft")
  func blocks() throws {
    var settings = AdapterConfiguration(targets: .pattern(".*q_proj"))
    settings.blocks = [0]
    #expect(throws: AdapterError.self) { try settings.layers(of: Self.parameters()) }
    settings = AdapterConfiguration(targets: .names(["q_proj"]))
    settings.blockPatterns = ["layers"]
    #expect(throws: AdapterError.self) { try settings.layers(of: Self.parameters()) }
    settings.blocks = [7]
    #expect(throws: AdapterError.self) { try settings.layers(of: Self.parameters()) }
    settings.blocks = [1]
    #expect(try settings.layers(of: Self.parameters()).map(\.path) == ["model.layers.1.self_attn.q_proj"])
  }

  @Test("A new adapter changes nothing, and the same seed draws the same values")
  func initialized() throws {
    let model = try ParameterTests.open("qwen2")
    let settings = AdapterConfiguration(rank: 4, targets: .allLinear)
    let adapter = try ModelAdapter.initialized(settings, for: model.parameters, seed: 3)
    let same = try ModelAdapter.initialized(settings, for: model.parameters, seed: 3)
    let other = try ModelAdapter.initialized(settings, for: model.parameters, seed: 4)
    #expect(adapter.factors.count == 14)
    for (path, factors) in adapter.factors {
      let values = factors.a.values
      let bound = 1 / Float(factors.a.columns).squareRoot()
      #expect(values.allSatisfy { abs($0) <= bound } && (values.map(abs).max() ?? 0) > bound / 2)
      #expect(factors.b.values.allSatisfy { $0 == 0 })
      #expect(same.factors[path]?.a.values == values)
      #expect(other.factors[path]?.a.values != values)
    }
    let ids: [Int32] = [1, 5, 9]
    #expect(
      try AdapterReference.logits(model.adapted(by: [ScaledAdapter(adapter)]), ids)
        == AdapterReference.logits(model, ids))
  }

  @Test("A checkpoint without the first part of its names has the same paths as one with it")
  func paths() throws {
    #expect(try Self.parameters("gpt2").linearLayers.contains { $0.path == "transformer.h.0.attn.c_attn" })
    #expect(try Self.parameters("gpt2").linearLayers.contains { $0.path == "lm_head" && !$0.isTransposed })
    #expect(ModelPaths.transformersName("h.1.ln_1.weight") == "transformer.h.1.ln_1.weight")
    #expect(ModelPaths.transformersName("transformer.wte.weight") == "transformer.wte.weight")
    #expect(ModelPaths.transformersName("lm_head.weight") == "lm_head.weight")
  }
}

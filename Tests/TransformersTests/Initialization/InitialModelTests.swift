import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import MartletTransformers
import Testing

@Suite("Models that have learned nothing")
struct InitialModelTests {
  private static let gpt2: JSONObject = [
    "model_type": "gpt2", "vocab_size": 600, "n_embd": 96, "n_layer": 3, "n_head": 3, "n_positions": 64,
  ]
  private static let llama: JSONObject = [
    "model_type": "llama", "vocab_size": 500, "hidden_size": 64, "intermediate_size": 160,
    "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "max_position_embeddings": 64, "pad_token_id": 3, "initializer_range": 0.05, "mlp_bias": true,
  ]

  private func values(_ model: any CausalTransformer, _ name: String) throws -> [Float] {
    try #require(model.parameters[name]).values().values
  }

  private func deviation(_ values: [Float]) -> Float {
    let mean = values.reduce(0, +) / Float(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)).squareRoot()
  }

  @Test(
    "Their tensors are those of the same model of transformers, by name and shape",
    arguments: ["gpt2", "llama-llama3", "mistral", "phi3", "qwen2", "qwen3"])
  func tensors(name: String) throws {
    let folder = Reference.fixtures.appending(path: name).path()
    let members = try Checkpoint.configurationMembers(ofFile: folder + "/config.json")
    let initial = try InitialModel(configuration: members)
    let expected = try Checkpoint.open(folder).tensors.tensors.filter { !$0.name.hasSuffix("inv_freq") }
    #expect(
      Set(initial.tensors.map { "\($0.name) \($0.shape)" }) == Set(expected.map { "\($0.name) \($0.shape)" }))
    let model = try initial.makeTransformer(device: Device(threads: 1))
    #expect(model.parameters.reduce(0) { $0 + $1.count } == initial.parameterCount)
  }

  @Test(
    "GPT-2's weights have the deviations of transformers' _init_weights, and its biases and norms their values"
  )
  func gpt2() throws {
    let model = try InitialModel(configuration: Self.gpt2, seed: 4).makeTransformer(
      device: Device(threads: 1))
    for (name, expected) in [
      ("transformer.wte.weight", Float(0.02)), ("transformer.wpe.weight", 0.02),
      ("transformer.h.0.attn.c_attn.weight", 0.02), ("transformer.h.2.mlp.c_fc.weight", 0.02),
      ("transformer.h.1.attn.c_proj.weight", 0.02 / Float(6).squareRoot()),
      ("transformer.h.2.mlp.c_proj.weight", 0.02 / Float(6).squareRoot()),
    ] {
      let values = try values(model, name)
      // Of n numbers the deviation is known to within some 1/√(2n).
      let tolerance = expected * 4 / Float(2 * values.count).squareRoot()
      #expect(abs(deviation(values) - expected) < tolerance, "\(name)")
      #expect(
        abs(values.reduce(0, +)) / Float(values.count) < 4 * expected / Float(values.count).squareRoot())
    }
    #expect(try values(model, "transformer.h.1.ln_2.weight").allSatisfy { $0 == 1 })
    for name in ["transformer.h.1.ln_2.bias", "transformer.h.0.attn.c_attn.bias", "transformer.ln_f.bias"] {
      #expect(try values(model, name).allSatisfy { $0 == 0 }, "\(name)")
    }
    #expect(model.parameters["lm_head.weight"] == nil)
  }

  @Test("Llama's follow initializer_range, the row of the padding token is 0, and its head is its own")
  func llama() throws {
    let model = try InitialModel(configuration: Self.llama).makeTransformer(device: Device(threads: 1))
    let embedding = try values(model, "model.embed_tokens.weight")
    #expect(embedding[3 * 64..<4 * 64].allSatisfy { $0 == 0 } && embedding[2 * 64] != 0)
    #expect(abs(deviation(try values(model, "model.layers.1.mlp.up_proj.weight")) - 0.05) < 0.002)
    #expect(abs(deviation(try values(model, "lm_head.weight")) - 0.05) < 0.002)
    #expect(try values(model, "model.layers.1.mlp.up_proj.bias").allSatisfy { $0 == 0 })
    #expect(try values(model, "model.layers.0.input_layernorm.weight").allSatisfy { $0 == 1 })
  }

  @Test("The numbers are normal: as many lie within one, two and three deviations as should")
  func distribution() throws {
    let model = try InitialModel(configuration: Self.gpt2, seed: 9).makeTransformer(
      device: Device(threads: 1))
    let values = try values(model, "transformer.wte.weight").map { abs($0) / 0.02 }
    for (bound, share) in [(Float(1), 0.6827), (2, 0.9545), (3, 0.9973)] {
      let found = Double(values.count { $0 < bound }) / Double(values.count)
      #expect(abs(found - share) < 0.01)
    }
  }

  @Test("One seed gives one model, another one another")
  func seeds() throws {
    func first(_ seed: UInt64) throws -> [Float] {
      let model = try InitialModel(configuration: Self.gpt2, seed: seed)
        .makeTransformer(device: Device(threads: 1))
      return try values(model, "transformer.h.0.attn.c_attn.weight")
    }
    #expect(try first(1) == first(1))
    #expect(try first(1) != first(2))
  }

  @Test("They find every token as probable as any other: the loss is the logarithm of the vocabulary's size")
  func loss() throws {
    for members in [Self.gpt2, Self.llama] {
      let model = try InitialModel(configuration: members).makeTransformer(device: Device(threads: 1))
      let tokens = (0..<60).map { Int32($0 * 37 % 490) }
      let loss = try model.loss(of: [TrainingSequence(tokens)]).values[0]
      #expect(abs(loss - log(Float(model.shape.vocabulary))) < 0.15)
    }
  }

  @Test("What is written is read as the same model")
  func folder() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "initial-\(UUID().uuidString)").path()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let initial = try InitialModel(configuration: Self.gpt2, seed: 7)
    try initial.write(to: folder)
    let checkpoint = try Checkpoint.open(folder)
    #expect(checkpoint.warnings.isEmpty)
    let device = try Device(threads: 1)
    let read = try PretrainedModels.loadDecoder(checkpoint, precision: .float32, device: device)
    let made = try initial.makeTransformer(device: device)
    for (one, other) in zip(read.parameters, made.parameters) {
      #expect(one.name == other.name)
      #expect(try one.values().values == other.values().values)
    }
    #expect(try PretrainedModels.warnings(checkpoint).isEmpty)
  }

  @Test("A configuration that cannot be is an error that names the member")
  func errors() throws {
    var members = Self.gpt2
    members["model_type"] = "bert"
    #expect(throws: ModelError.unsupportedArchitecture("bert", known: InitialModel.architectures)) {
      try InitialModel(configuration: members)
    }
    members = Self.gpt2
    members["vocab_size"] = nil
    #expect(throws: ModelError.invalidConfiguration(key: "vocab_size", problem: "is missing")) {
      try InitialModel(configuration: members)
    }
    members = Self.llama
    members["initializer_range"] = 0
    #expect(throws: ModelError.invalidConfiguration(key: "initializer_range", problem: "is 0.0")) {
      try InitialModel(configuration: members)
    }
    #expect(throws: ModelError.invalidConfiguration(key: "model_type", problem: "is missing")) {
      try InitialModel(configuration: [:])
    }
  }
}

import Foundation
import MartletCheckpoints
import MartletTensors
import Testing

@testable import MartletTransformers

@Suite("Adapters that peft saved")
struct AdapterParityTests {
  private static func adapter(_ name: String, _ device: Device) throws -> ModelAdapter {
    try ModelAdapter(directory: AdapterReference.path(name), device: device)
  }

  @Test("The logits are peft's", arguments: AdapterReference.names)
  func logits(name: String) throws {
    let reference = try AdapterReference()
    let expected = try #require(reference.adapters[name])
    let model = try ParameterTests.open(expected.base)
    let adapted = try model.adapted(by: [ScaledAdapter(Self.adapter(name, model.device))])
    expectEqual(try AdapterReference.logits(adapted, reference.ids), expected.logits, within: 1e-5, name)
    // The base is as it was.
    let plain = try AdapterReference.logits(model, reference.ids)
    #expect(plain != expected.logits)
    #expect(
      try AdapterReference.logits(model.adapted(by: [ScaledAdapter]()), reference.ids) == plain)
  }

  @Test("An adapter for an encoder gives peft's hidden states")
  func encoder() throws {
    let reference = try AdapterReference()
    let expected = try #require(reference.adapters["encoder"])
    let model = try PretrainedModels.loadEncoder(
      Checkpoint.open(Reference.fixtures.appending(path: "bert").path()), precision: .float32,
      device: Device(threads: 2))
    let adapted = try model.adapted(by: [ScaledAdapter(Self.adapter("encoder", model.device))])
    let states = try adapted.hiddenStates(of: PackedBatch(reference.ids))
    let last = [states.rows - 2, states.rows - 1].map { states[row: $0] }
    expectEqual(last, expected.logits, within: 1e-5, "encoder")
  }

  @Test("Two adapters on the same layers add up, each by its factor")
  func several() throws {
    let reference = try AdapterReference()
    let model = try ParameterTests.open("llama-linear")
    let adapters = try reference.several.adapters.map {
      ScaledAdapter(try Self.adapter($0.name, model.device), scale: $0.scale)
    }
    #expect(adapters.count == 2)
    expectEqual(
      try AdapterReference.logits(model.adapted(by: adapters), reference.ids), reference.several.logits,
      within: 1e-5, "several")
  }

  @Test("A factor of 0 gives the base, whatever the adapter replaces", arguments: ["rslora", "saved-norms"])
  func nothing(name: String) throws {
    let reference = try AdapterReference()
    let model = try ParameterTests.open(try #require(reference.adapters[name]).base)
    let adapted = try model.adapted(by: [ScaledAdapter(Self.adapter(name, model.device), scale: 0)])
    expectEqual(
      try AdapterReference.logits(adapted, reference.ids), try AdapterReference.logits(model, reference.ids),
      within: 1e-6, name)
  }

  @Test("Matrices are counted as peft counts them", arguments: AdapterReference.names)
  func counts(name: String) throws {
    let reference = try AdapterReference()
    let expected = try #require(reference.adapters[name])
    let model = try ParameterTests.open(expected.base)
    let adapter = try Self.adapter(name, model.device)
    // What peft counts as trainable, and not what else its files hold.
    let isCounted = ["head", "embedding", "saved-both-tied"].contains(name) == false
    if isCounted { #expect(adapter.parameterCount == expected.trainable) }
    let configuration = adapter.configuration
    guard adapter.savedWeights.isEmpty else { return }
    #expect(try configuration.parameterCount(for: model.parameters) == expected.trainable)
    // A new adapter has the same matrices.
    let made = try ModelAdapter.initialized(configuration, for: model.parameters, seed: 1)
    let fitted = try adapter.fitted(to: model.parameters)
    #expect(Set(made.factors.keys) == Set(fitted.factors.keys))
    for (path, factors) in made.factors { #expect(factors.a.rows == fitted.factors[path]?.a.rows) }
  }

  @Test("GPT-2's c_attn at ranks of 4, 8 and 16 has as many numbers as peft says", arguments: [4, 8, 16])
  func countsOfGPT2(rank: Int) throws {
    let layers = (0..<12).map {
      LinearLayer(
        path: "transformer.h.\($0).attn.c_attn", inputs: 768, outputs: 2304, isTransposed: true)
    }
    let parameters = ModelParameters(
      [], linearLayers: layers, architecture: "gpt2", configuration: Configuration(members: [:]),
      device: try Device(threads: 1))
    #expect(
      try AdapterConfiguration(rank: rank).parameterCount(for: parameters) == 147_456 * rank / 4)
  }

  @Test(
    "A GGUF file of the base takes the same adapter",
    arguments: ["default-llama", "rank-pattern", "default-gpt2"])
  func gguf(name: String) throws {
    let reference = try AdapterReference()
    let expected = try #require(reference.adapters[name])
    let file = Reference.fixtures.appending(path: expected.base).appending(path: "f32.gguf")
    let model = try PretrainedModels.loadDecoder(
      Checkpoint.open(file.path()), precision: .float32, device: Device(threads: 2))
    let adapted = try model.adapted(by: [ScaledAdapter(Self.adapter(name, model.device))])
    expectEqual(try AdapterReference.logits(adapted, reference.ids), expected.logits, within: 1e-5, name)
  }
}

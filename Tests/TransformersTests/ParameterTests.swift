import Foundation
import MartletCheckpoints
import MartletTensors
import Testing

@testable import MartletTransformers

@Suite("A model's parameters and adapters")
struct ParameterTests {
  static func open(_ name: String) throws -> any CausalTransformer {
    try PretrainedModels.loadDecoder(
      Checkpoint.open(Reference.fixtures.appending(path: name).path()), precision: .float32,
      device: Device(threads: 2))
  }

  /// A matrix of small numbers.
  static func matrix(_ rows: Int, _ columns: Int, _ device: Device) throws -> WeightMatrix {
    let values = (0..<rows * columns).map { Float(($0 * 37) % 19 - 9) / 50 }
    return try values.withUnsafeBytes { bytes in
      try WeightMatrix(
        rows: rows, columns: columns, format: .float32, precision: .float32, device: device, bytes: bytes)
    }
  }

  static func adapter(_ inputs: Int, _ outputs: Int, _ device: Device) throws -> LowRankAdapter {
    try LowRankAdapter(a: matrix(2, inputs, device), b: matrix(outputs, 2, device), scaling: 0.5)
  }

  @Test(
    "Each tensor of the checkpoint is a parameter under its own name",
    arguments: ["llama-linear", "llama-sharded", "qwen2", "mistral"])
  func names(name: String) throws {
    let checkpoint = try Checkpoint.open(Reference.fixtures.appending(path: name).path())
    let model = try Self.open(name)
    let stored = Dictionary(uniqueKeysWithValues: checkpoint.tensors.tensors.map { ($0.name, $0.shape) })
    let found = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0.shape) })
    #expect(found == stored)
    #expect(model.parameters["model.norm.weight"]?.count == model.shape.width)
    #expect(model.parameters["model.norm"] == nil)
  }

  @Test("An adapter on a layer changes what follows, and an adapted model shares the weights of the first")
  func adapted() throws {
    let model = try Self.open("llama-linear")
    let ids: [Int32] = [1, 5, 9]
    func states(_ model: any CausalTransformer) throws -> [Float] {
      try model.hiddenStates(of: PackedBatch(ids, cache: model.makeCache(.float32))).values
    }
    let plain = try states(model)
    let kept = model.shape.keyValueHeads * model.shape.headDimension
    let adapted = try model.adapted(by: [
      "model.layers.1.self_attn.v_proj": Self.adapter(model.shape.width, kept, model.device)
    ])
    #expect(try states(adapted) != plain)
    #expect(try states(model) == plain)
    #expect(try states(adapted.adapted(by: [:])) == plain)
    #expect(adapted.parameters.map(\.name) == model.parameters.map(\.name))
  }

  @Test(
    "An adapter on the head adds scaling · B (A h) to the logits, tied or not",
    arguments: ["llama-linear", "llama-sharded", "qwen2", "mistral", "llama-llama3"])
  func head(name: String) throws {
    let model = try Self.open(name)
    let adapter = try Self.adapter(model.shape.width, model.shape.vocabulary, model.device)
    let adapted = try model.adapted(by: ["lm_head": adapter])
    let hidden = try model.hiddenStates(of: PackedBatch([3, 4], cache: model.makeCache(.float32)))
    let added = Linear(weight: adapter.b)(Linear(weight: adapter.a)(hidden)).scaled(by: 0.5)
    let expected = (model.logits(of: hidden) + added).values
    #expect(zip(adapted.logits(of: hidden).values, expected).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test("Adapters for layers that are not there, or of another shape, are refused by name")
  func refused() throws {
    let model = try Self.open("qwen2")
    let width = model.shape.width
    #expect(throws: ModelError.unusedAdapters(["model.layers.9.mlp.up_proj"])) {
      try model.adapted(by: ["model.layers.9.mlp.up_proj": Self.adapter(width, width, model.device)])
    }
    let error = #expect(throws: ModelError.self) {
      try model.adapted(by: ["lm_head": Self.adapter(width, 7, model.device)])
    }
    guard case .unusableAdapter("lm_head", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("An encoder takes adapters, too")
  func encoder() throws {
    let model = try PretrainedModels.loadEncoder(
      Checkpoint.open(Reference.fixtures.appending(path: "bert").path()), precision: .float32,
      device: Device(threads: 1))
    let adapted = try model.adapted(by: [
      "encoder.layer.0.attention.self.query": Self.adapter(model.shape.width, model.shape.width, model.device)
    ])
    let batch = PackedBatch([2, 7, 3])
    #expect(try adapted.hiddenStates(of: batch).values != model.hiddenStates(of: batch).values)
  }
}

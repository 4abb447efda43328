import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import Testing

@testable import MartletTransformers

/// What torch and peft computed for one of the tiny models (Fixtures/make_gradients.py).
struct TrainingReference {
  static let models = [
    "gpt2", "llama-linear", "llama-llama3", "qwen2", "qwen3", "mistral", "gemma3", "phi3",
  ]

  let sequences: [TrainingSequence]
  private let json, model: JSON

  init(_ name: String) throws {
    let url = Reference.fixtures.appending(path: "gradients.json")
    json = try JSON(parsing: [UInt8](Data(contentsOf: url)))
    model = try #require(json["models"]?[name])
    sequences = try #require(json["sequences"]?.arrayValue).map { sequence in
      TrainingSequence(
        try #require(sequence["tokens"]?.arrayValue).compactMap { $0.intValue.map(Int32.init) },
        countingFrom: try #require(sequence["first"]?.intValue))
    }
  }

  func number(_ key: String) throws -> Float { Float(try #require(json[key]?.doubleValue)) }

  /// A loss, of `full` or `lora`.
  func loss(_ kind: String) throws -> Float { Float(try #require(model[kind]?["loss"]?.doubleValue)) }

  /// The losses before each step of AdamW.
  func steps(_ kind: String) throws -> [Float] {
    try #require(model["steps"]?[kind]?.arrayValue).map { Float($0.doubleValue ?? .nan) }
  }

  /// What is known of a gradient.
  struct Gradient {
    let shape: [Int]
    let size, sum: Double
    let every: Int
    let values: [Double]
  }

  func gradients(_ kind: String) throws -> [String: Gradient] {
    let members = try #require(model[kind]?["gradients"]?.objectValue)
    var gradients: [String: Gradient] = [:]
    for (name, member) in members {
      gradients[name] = Gradient(
        shape: try #require(member["shape"]?.arrayValue).compactMap(\.intValue),
        size: try #require(member["size"]?.doubleValue), sum: try #require(member["sum"]?.doubleValue),
        every: try #require(member["every"]?.intValue),
        values: try #require(member["values"]?.arrayValue).compactMap(\.doubleValue))
    }
    return gradients
  }
}

/// Fails unless a gradient is the reference's, within a ten-thousandth of its size.
func expectEqual(
  _ found: Tensor, _ expected: TrainingReference.Gradient, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let values = found.values.map(Double.init)
  let shape = expected.shape.count == 1 ? [1] + expected.shape : expected.shape
  #expect([found.rows, found.columns] == shape, "\(what)", sourceLocation: sourceLocation)
  let tolerance = 1e-4 * expected.size
  let size = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  #expect(abs(size - expected.size) <= tolerance, "\(what): size \(size)", sourceLocation: sourceLocation)
  let sum = values.reduce(0, +)
  #expect(abs(sum - expected.sum) <= 10 * tolerance, "\(what): sum \(sum)", sourceLocation: sourceLocation)
  let sample = stride(from: 0, to: values.count, by: expected.every).map { values[$0] }
  #expect(sample.count == expected.values.count, "\(what)", sourceLocation: sourceLocation)
  let difference = zip(sample, expected.values).map { abs($0 - $1) }.max() ?? .infinity
  #expect(difference <= tolerance, "\(what): off by \(difference)", sourceLocation: sourceLocation)
}

/// A model whose weights, or whose adapters, train: float32 values by name, and the model of any such values.
struct Trainee {
  let base: any CausalTransformer
  /// The values to begin with, by the names of the reference.
  var values: [String: Tensor]
  private let make: @Sendable ([String: Tensor]) throws -> any CausalTransformer

  static func open(_ name: String, file: String? = nil, device: Device) throws -> any CausalTransformer {
    let path = Reference.fixtures.appending(path: name).path() + (file.map { "/" + $0 } ?? "")
    return try PretrainedModels.loadDecoder(Checkpoint.open(path), precision: .float32, device: device)
  }

  /// All weights train.
  static func full(_ base: any CausalTransformer) throws -> Trainee {
    var values: [String: Tensor] = [:]
    for parameter in base.parameters { values[parameter.name] = try parameter.values() }
    return Trainee(base: base, values: values) { try base.adapted(by: [:], replacing: $0) }
  }

  /// The reference's adapters train.
  static func lora(
    _ base: any CausalTransformer, _ reference: TrainingReference, dropout: Dropout? = nil
  ) throws -> Trainee {
    var values: [String: Tensor] = [:]
    for (name, gradient) in try reference.gradients("lora") {
      let (rows, columns) = (gradient.shape[0], gradient.shape[1])
      let numbers = (0..<rows * columns).map { Float(($0 * 37) % 19 - 9) / 50 }
      values[name] = try Tensor(numbers, rows: rows, columns: columns, device: base.device)
    }
    let scaling = try reference.number("alpha") / reference.number("rank")
    return Trainee(base: base, values: values) { values in
      var adapters: [String: LowRankAdapter] = [:]
      for (name, a) in values where name.contains(".lora_A.") {
        let layer = name.dropFirst("base_model.model.".count).prefix { $0 != "A" }.dropLast("lora_".count + 1)
        let b = try #require(values[name.replacingOccurrences(of: "lora_A", with: "lora_B")])
        adapters[String(layer)] = try LowRankAdapter(a: a, b: b, scaling: scaling, dropout: dropout)
      }
      return try base.adapted(by: adapters)
    }
  }

  /// The loss, and the gradients by all values.
  func step(
    _ sequences: [TrainingSequence], divisor: Int? = nil, checkpoints: Bool = true
  ) throws -> (loss: Float, gradients: [String: Tensor]) {
    let recorded = values.mapValues { $0.recorded() }
    let loss = try make(recorded).loss(of: sequences, divisor: divisor, checkpoints: checkpoints)
    let gradients = try loss.gradients()
    #expect(gradients.count == recorded.count)
    return (
      loss.values[0], try recorded.mapValues { try #require(gradients[$0]) }
    )
  }
}

import MartletCheckpoints
import MartletTensors
import Testing

@testable import MartletTransformers

@Suite("Decoders compute what transformers computes")
struct DecoderParityTests {
  static let models = [
    "llama-linear", "llama-llama3", "llama-sharded", "llama-yarn", "llama-dynamic", "qwen2", "qwen3",
    "mistral",
    "gemma3", "phi3", "gpt2",
  ]
  /// Models whose frequencies change as a sequence grows, so that keys in a cache were turned by others.
  static let changing: Set<String> = ["llama-dynamic", "phi3"]

  func open(_ name: String, file: String? = nil) throws -> any CausalTransformer {
    let path = Reference.fixtures.appending(path: name).path() + (file.map { "/" + $0 } ?? "")
    return try PretrainedModels.loadDecoder(
      Checkpoint.open(path), precision: .float32, device: Device(threads: 2))
  }

  func rows(_ tensor: Tensor) -> [[Float]] { (0..<tensor.rows).map { tensor[row: $0] } }

  @Test("Each layer's hidden states and the logits agree", arguments: models)
  func layers(name: String) throws {
    let model = try open(name)
    for sequence in try Reference(name).sequences {
      let recorder = ActivationRecorder()
      let batch = PackedBatch(sequence.ids, cache: model.makeCache(.float32))
      let final = try model.hiddenStates(of: batch, recorder: recorder)
      #expect(recorder.hiddenStates.count == sequence.hiddenStates.count)
      for (layer, expected) in sequence.hiddenStates.enumerated() {
        let states = try #require(recorder.hiddenStates[layer])
        expectEqual(rows(states), expected, within: 1e-4, "\(name) layer \(layer)")
      }
      if let expected = sequence.final { expectEqual(rows(final), expected, within: 1e-4, "\(name) final") }
      let logits = try #require(sequence.logits)
      expectEqual(rows(model.logits(of: final)), logits, within: 1e-4, "\(name) logits")
    }
  }

  @Test(
    "A GGUF file of the same weights gives the same logits",
    arguments: [
      ("llama-linear", "f32"), ("llama-linear", "q8_0"), ("llama-linear", "q4_0"), ("llama-linear", "q4_1"),
      ("llama-linear", "q5_0"), ("llama-linear", "q5_1"), ("llama-llama3", "bf16"), ("llama-sharded", "f16"),
      ("qwen2", "q5_0"), ("qwen3", "f32"), ("phi3", "f32"), ("gpt2", "f32"),
    ])
  func gguf(name: String, format: String) throws {
    let model = try open(name, file: format + ".gguf")
    let isQuantized = format.hasPrefix("q")
    let reference = try Reference(name, file: isQuantized ? format + ".reference.json" : "reference.json")
    for sequence in reference.sequences {
      let hidden = try model.hiddenStates(of: PackedBatch(sequence.ids, cache: model.makeCache(.float32)))
      let logits = try #require(sequence.logits)
      expectEqual(rows(model.logits(of: hidden)), logits, within: 1e-4, "\(name) \(format)")
    }
  }

  @Test("Sequences in one packed batch do not see each other", arguments: models)
  func packed(name: String) throws {
    let model = try open(name)
    let sequences = try Reference(name).sequences
    var batch = PackedBatch()
    for sequence in sequences { batch.append(sequence.ids, cache: model.makeCache(.float32)) }
    let logits = rows(model.logits(of: try model.hiddenStates(of: batch)))
    for (sequence, part) in zip(sequences, batch.sequences) {
      expectEqual(Array(logits[part.rows]), try #require(sequence.logits), within: 1e-4, name)
    }
  }

  @Test(
    "One token at a time gives what the whole sequence gives",
    arguments: models.filter { !changing.contains($0) })
  func incremental(name: String) throws {
    let model = try open(name)
    let sequence = try #require(try Reference(name).sequences.max { $0.ids.count < $1.ids.count })
    let cache = model.makeCache(.float32)
    var logits: [[Float]] = []
    for id in sequence.ids {
      logits += rows(model.logits(of: try model.hiddenStates(of: PackedBatch([id], cache: cache))))
    }
    #expect(cache.length == sequence.ids.count)
    expectEqual(logits, try #require(sequence.logits), within: 1e-4, name)
  }
}

import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import Testing

@testable import MartletTransformers

@Suite("What a recorder keeps of a forward pass")
struct InspectionTests {
  /// Runs one sequence of a tiny model, a decoder or an encoder.
  static func run(
    _ name: String, _ sequence: Reference.Sequence, _ recorder: ActivationRecorder, cutAt cut: Int? = nil
  ) throws {
    let checkpoint = try Checkpoint.open(Reference.fixtures.appending(path: name).path())
    let device = try Device(threads: 2)
    if PretrainedModels.encoders.contains(checkpoint.architecture) {
      let model = try PretrainedModels.loadEncoder(checkpoint, precision: .float32, device: device)
      _ = try model.hiddenStates(
        of: PackedBatch(sequence.ids), segmentIDs: sequence.segmentIDs, recorder: recorder)
      return
    }
    let model = try PretrainedModels.loadDecoder(checkpoint, precision: .float32, device: device)
    let cache = model.makeCache(.float32)
    if let cut { _ = try model.hiddenStates(of: PackedBatch(Array(sequence.ids[..<cut]), cache: cache)) }
    _ = try model.hiddenStates(
      of: PackedBatch(Array(sequence.ids[(cut ?? 0)...]), cache: cache), recorder: recorder)
  }

  /// Per sequence and layer: heads × tokens × tokens, as transformers gives them (Fixtures/make_attentions.py).
  static func expected(_ name: String) throws -> [[[[[Float]]]]] {
    let url = Reference.fixtures.appending(path: "\(name)/attentions.json")
    return try JSONDecoder().decode([[[[[Float]]]]].self, from: Data(contentsOf: url))
  }

  @Test(
    "Attention weights are those of transformers",
    arguments: ["llama-linear", "mistral", "gemma3", "bert", "mpnet"])
  func attentions(name: String) throws {
    for (sequence, layers) in zip(try Reference(name).sequences, try Self.expected(name)) {
      let recorder = ActivationRecorder(hiddenStates: .none, attentions: .all)
      try Self.run(name, sequence, recorder)
      #expect(recorder.hiddenStates.isEmpty)
      #expect(recorder.attentions.count == layers.count)
      for (layer, heads) in layers.enumerated() {
        let found = try #require(recorder.attentions[layer]?.first)
        expectEqual(
          (0..<found.rows).map { found[row: $0] }, Array(heads.joined()), within: 1e-5, "layer \(layer)")
      }
    }
  }

  @Test("Attention weights also cover what the cache holds", arguments: ["llama-linear", "mistral"])
  func attentionsOverCache(name: String) throws {
    let (sequences, expected) = (try Reference(name).sequences, try Self.expected(name))
    let sequence = try #require(sequences.last)
    let layers = try #require(expected.last)
    let cut = sequence.ids.count - 3
    let recorder = ActivationRecorder(attentions: .only([1]))
    try Self.run(name, sequence, recorder, cutAt: cut)
    #expect(recorder.attentions.keys.sorted() == [1])
    let found = try #require(recorder.attentions[1]?.first)
    expectEqual(
      (0..<found.rows).map { found[row: $0] }, layers[1].flatMap { Array($0[cut...]) }, within: 1e-5, name)
  }

  @Test("Only the hidden states that were asked for are kept")
  func someStates() throws {
    let sequence = try #require(try Reference("qwen2").sequences.last)
    let recorder = ActivationRecorder(hiddenStates: .only([0, 2]))
    try Self.run("qwen2", sequence, recorder)
    #expect(recorder.hiddenStates.keys.sorted() == [0, 2])
    #expect(recorder.attentions.isEmpty)
  }
}

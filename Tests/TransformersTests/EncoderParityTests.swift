import MartletCheckpoints
import MartletTensors
import Testing

@testable import MartletTransformers

@Suite("Encoders compute what transformers computes")
struct EncoderParityTests {
  @Test(
    "Each layer's hidden states agree, with segments",
    arguments: [
      "bert", "bert/f32.gguf", "bert-pretraining", "distilbert", "roberta", "xlm-roberta-score", "mpnet",
    ])
  func layers(path: String) throws {
    let full = Reference.fixtures.appending(path: path).path()
    let model = try PretrainedModels.loadEncoder(
      Checkpoint.open(full), precision: .float32, device: Device(threads: 2))
    for sequence in try Reference(path.replacing("/f32.gguf", with: "")).sequences {
      let recorder = ActivationRecorder()
      _ = try model.hiddenStates(
        of: PackedBatch(sequence.ids), segmentIDs: sequence.segmentIDs, recorder: recorder)
      #expect(recorder.hiddenStates.count == sequence.hiddenStates.count)
      for (layer, expected) in sequence.hiddenStates.enumerated() {
        let states = try #require(recorder.hiddenStates[layer])
        let found = (0..<sequence.ids.count).map { states[row: $0] }
        expectEqual(found, expected, within: 1e-4, "layer \(layer)")
      }
    }
  }

  @Test("A position beyond the model's table is an error, not a crash")
  func tooLong() throws {
    let full = Reference.fixtures.appending(path: "bert").path()
    let model = try PretrainedModels.loadEncoder(
      Checkpoint.open(full), precision: .float32, device: Device(threads: 1))
    #expect(throws: ModelError.self) {
      try model.hiddenStates(of: PackedBatch([Int32](repeating: 3, count: 100)))
    }
  }
}

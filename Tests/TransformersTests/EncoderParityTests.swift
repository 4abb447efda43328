import Foundation
import MartletCheckpoints
import MartletJSON
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

  @Test(
    "A decoder that was saved without its head and prefix gives its hidden states; generating needs the head",
    arguments: ["llama-linear", "qwen3", "mistral"])
  func withoutHead(name: String) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let fixture = Reference.fixtures.appending(path: name)
    try FileManager.default.copyItem(
      at: fixture.appending(path: "config.json"), to: folder.appending(path: "config.json"))
    try bare(Data(contentsOf: fixture.appending(path: "model.safetensors"))).write(
      to: folder.appending(path: "model.safetensors"))
    let checkpoint = try Checkpoint.open(folder.path())
    let model = try PretrainedModels.loadEncoder(
      checkpoint, precision: .float32, device: Device(threads: 2))
    for sequence in try Reference(name).sequences {
      let hidden = try model.hiddenStates(of: PackedBatch(sequence.ids))
      expectEqual(
        (0..<hidden.rows).map { hidden[row: $0] }, try #require(sequence.final), within: 1e-4, name)
    }
    if name != "llama-linear" {
      #expect(throws: ModelError.missingTensor("lm_head.weight")) {
        try PretrainedModels.loadDecoder(checkpoint, precision: .float32, device: Device(threads: 1))
      }
    }
  }

  /// A safetensors file without `lm_head.weight` and without the prefix `model.`.
  private func bare(_ data: Data) throws -> Data {
    let length = Int(
      data.prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * $1.offset) })
    let header = try JSON(parsing: [UInt8](data[8..<8 + length]))
    var members = JSONObject()
    for (key, value) in header.objectValue ?? [:] where key != "lm_head.weight" {
      members[key.hasPrefix("model.") ? String(key.dropFirst(6)) : key] = value
    }
    // What the head took stays as bytes of no tensor, in one of no use to anybody.
    if let head = header["lm_head.weight"] { members["rotary_emb.inv_freq"] = head }
    let text = Array(JSON.object(members).serialized().utf8)
    var result = Data((0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) })
    result.append(contentsOf: text)
    result.append(data[(8 + length)...])
    return result
  }
}

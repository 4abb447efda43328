import Foundation
import MartletCheckpoints
import MartletTensors
import Testing

@testable import MartletTransformers

/// Where the models of `make_models.py --real` lie; nil where nobody made them.
private let realModels = ProcessInfo.processInfo.environment["MARTLET_REAL_MODELS"]

/// Models with the head sizes, the grouping and the vocabularies of published ones, which `make_models.py --real` makes.
@Suite(
  "Models of real sizes compute what transformers computes",
  .enabled(
    if: realModels != nil,
    "needs MARTLET_REAL_MODELS: python Tests/TransformersTests/Fixtures/make_models.py --real DIRECTORY"))
struct RealSizeTests {
  static var models: [String] {
    guard let folder = realModels else { return [] }
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  private func rows(_ tensor: Tensor) -> [[Float]] { (0..<tensor.rows).map { tensor[row: $0] } }

  @Test("Each layer's hidden states and a sample of the logits differ by less than 1e-4", arguments: models)
  func layers(name: String) throws {
    let url = URL(filePath: try #require(realModels)).appending(path: name)
    let checkpoint = try Checkpoint.open(url.path())
    let device = try Device(threads: 2)
    let reference = try Reference(at: url.appending(path: "reference.json"))
    var largest: Float = 0
    func compare(_ found: [[Float]], _ wanted: [[Float]], _ what: String) {
      #expect(found.count == wanted.count)
      let scale = max(1, wanted.joined().map(abs).max() ?? 1)
      for (found, wanted) in zip(found, wanted) {
        let difference = zip(found, wanted).map { abs($0 - $1) }.max() ?? .infinity
        largest = max(largest, difference / scale)
        #expect(
          found.count == wanted.count && difference < 1e-4 * scale,
          "\(name) \(what): \(difference) of \(scale)")
      }
    }
    for sequence in reference.sequences {
      let recorder = ActivationRecorder()
      let batch = PackedBatch(sequence.ids)
      var logits: Tensor?
      if PretrainedModels.decoders.contains(checkpoint.architecture) {
        let model = try PretrainedModels.loadDecoder(checkpoint, precision: .float32, device: device)
        logits = model.logits(of: try model.hiddenStates(of: batch, recorder: recorder))
      } else {
        let model = try PretrainedModels.loadEncoder(checkpoint, precision: .float32, device: device)
        let hidden = try model.hiddenStates(of: batch, segmentIDs: sequence.segmentIDs, recorder: recorder)
        if EncoderHead.heads(of: checkpoint).contains(.maskedLanguage) {
          let head = try MaskedLanguageModel(checkpoint, precision: .float32, device: device)
          logits = head.logits(of: hidden)
        } else {
          let head = try SequenceClassifier(checkpoint, precision: .float32, device: device)
          let score = try head.logits(of: batch, segmentIDs: sequence.segmentIDs)
          compare(rows(score), try #require(sequence.logits), "score")
        }
      }
      for (layer, expected) in sequence.hiddenStates.enumerated() {
        compare(rows(try #require(recorder.hiddenStates[layer])), expected, "layer \(layer)")
      }
      guard let logits else { continue }
      let wanted = try #require(sequence.logits)
      let sample = rows(logits).suffix(wanted.count).map { row in
        stride(from: 0, to: row.count, by: 4001).map { row[$0] }
      }
      compare(sample, wanted, "logits")
    }
    print("\(name): largest difference \(largest) of the largest value or 1")
  }
}

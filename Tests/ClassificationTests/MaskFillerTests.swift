import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import MartletTransformers
import Testing

@testable import MartletClassification

@Suite("Masked words are those that transformers gives")
struct MaskFillerTests {
  static let data = "../shared/data/mlm-parity/bert-tiny-splade.jsonl"

  static var checkpoint: Checkpoint? { try? Checkpoint.open("\(ModelCache().root)/bert-tiny-splade") }

  @Test(
    "The ten best words of a real BERT, with their logits within 1e-4",
    .enabled(if: checkpoint != nil && SharedData.has(data), "needs bert-tiny-splade and the shared data"))
  func parity() throws {
    let filler = try MaskFiller(#require(Self.checkpoint), device: Device(threads: 2))
    #expect(filler.maskToken == "[MASK]")
    let lines = try SharedData.lines(of: Self.data)
    #expect(lines.count == 8)
    for line in lines {
      let text = try #require(line["text"]?.stringValue)
      let mask = try #require(filler.fill(text, count: 10).first)
      #expect(mask.position == line["mask_position"]?.intValue)
      #expect(
        mask.candidates.map { Int($0.id) } == line["top_ids"]?.arrayValue?.compactMap(\.intValue), "\(text)")
      #expect(mask.candidates.map(\.token) == line["top_tokens"]?.arrayValue?.compactMap(\.stringValue))
      for (candidate, logit) in zip(mask.candidates, line["top_logits"]?.arrayValue ?? []) {
        #expect(abs(Double(candidate.logit) - (logit.doubleValue ?? .nan)) < 1e-4, "\(text)")
      }
      #expect(mask.candidates.allSatisfy { $0.probability > 0 && $0.probability < 1 })
    }
  }

  @Test(
    "A text without a mask is an error that says how the model writes it, and one beyond the context says by how much",
    .enabled(if: checkpoint != nil, "needs bert-tiny-splade"))
  func errors() throws {
    let filler = try MaskFiller(#require(Self.checkpoint), device: Device(threads: 1))
    #expect(throws: ClassificationError.noMask(token: "[MASK]")) {
      try filler.fill("No mask here.", count: 5)
    }
    #expect(throws: ModelError.beyondContext(length: 603, context: 512)) {
      try filler.fill(String(repeating: "a ", count: 600) + "[MASK]", count: 5)
    }
    #expect(try filler.fill("[MASK] and [MASK]", count: 1).map(\.position) == [1, 3])
  }
}

import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import MartletTestScope
import Testing

@testable import MartletTransformers

/// The real SmolLM2-135M-Instruct, against what `transformers` computed in float32 from the same file.
@Suite("SmolLM2 computes what transformers computes", .enabled(if: SmolLM2.isThere, "\(SmolLM2.hint)"))
struct SmolLM2Tests {
  @Test("Losses, the most probable token and greedy continuations agree in float32")
  func parity() throws {
    let model = try PretrainedModels.loadDecoder(
      Checkpoint.open(SmolLM2.path), precision: .float32, device: Device(threads: 2))
    for line in try String(contentsOf: SmolLM2.fixture, encoding: .utf8).split(separator: "\n") {
      let expected = try JSON(parsing: String(line))
      let ids = try #require(expected["ids"]?.arrayValue).compactMap { $0.intValue.map(Int32.init) }
      let cache = model.makeCache(.float32)
      let hidden = try model.hiddenStates(of: PackedBatch(ids, cache: cache))
      let logits = model.logits(of: hidden)
      let losses = logits.gatherRows(Array(0..<ids.count - 1)).crossEntropy(
        targets: ids.dropFirst().map(Int.init))
      let expectedLosses = try #require(expected["token_nll"]?.arrayValue).compactMap { $0.doubleValue }
      #expect(losses.count == expectedLosses.count)
      for (loss, expected) in zip(losses, expectedLosses) { #expect(abs(Double(loss) - expected) < 1e-3) }
      #expect(logits.argmax(row: ids.count - 1) == expected["last_top_ids"]?[0]?.intValue)

      let greedy = try #require(expected["greedy_ids"]?.arrayValue).compactMap { $0.intValue }
      var next = logits.argmax(row: ids.count - 1)
      var continuation = [next]
      while continuation.count < greedy.count {
        let hidden = try model.hiddenStates(of: PackedBatch([Int32(next)], cache: cache))
        next = model.logits(of: hidden).argmax(row: 0)
        continuation.append(next)
      }
      #expect(continuation == greedy, "after \(expected["text"]?.stringValue ?? "")")
    }
  }
}

enum SmolLM2 {
  private static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let fixture = package.appending(
    path: "../shared/data/lm-parity/smollm2-135m-q4_1-dequantized-f32.jsonl")
  static let path = "\(ModelCache().root)/smollm2-135m-instruct/model.gguf"
  static var isThere: Bool {
    !TestScope.isQuick && FileManager.default.fileExists(atPath: path)
      && FileManager.default.fileExists(atPath: fixture.path())
  }
  static let hint = "needs ../shared/data/lm-parity and `martlet pull smollm2-135m-instruct`"
}

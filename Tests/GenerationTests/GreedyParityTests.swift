import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import MartletTestScope
import MartletTransformers
import Testing

/// The default path against llama.cpp's own continuations of raw prompts (Reference/make_reference.py).
///
/// Activations are rounded to 8 bits, here and there. A sum in another order flips a few of these roundings, thirty
/// layers make tenths of a logit of them, and wherever two tokens are nearer than that, the continuation is that of
/// the order of the sums and not of the model: llama.cpp's own settings (flash attention or none, a prompt token by
/// token or at once) and builds (AVX2, AVX-512) part within 16 tokens on half of the prompts. The promise is about
/// those on which they do not, and which llama.cpp continues with tokens that are clearly ahead of all others.
@Suite(
  "Greedy continuations are llama.cpp's", .enabled(if: Cache.has("smollm2-135m-instruct"), "\(Cache.hint)"))
struct GreedyParityTests {
  struct Continuation {
    let prompt: [Int32]
    /// llama.cpp's greedy tokens.
    let tokens: [Int]
    /// Whether the model leaves no doubt: all of llama.cpp's settings continue alike, each token half a logit ahead.
    let isClear: Bool
  }

  static let compared = 16

  func continuations() throws -> [Continuation] {
    let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Reference/llama-cpp.json")
    let reference = try JSON(parsing: [UInt8](Data(contentsOf: url)))
    return try #require(reference["models"]?["smollm2"]?["greedy"]?.arrayValue).map { entry in
      let agreed = try #require(entry["agreed"]?.intValue)
      let margins = try #require(entry["margins"]?.arrayValue).compactMap(\.doubleValue).prefix(Self.compared)
      return Continuation(
        prompt: try #require(entry["prompt_ids"]?.arrayValue).compactMap { $0.intValue.map(Int32.init) },
        tokens: try #require(entry["ids"]?.arrayValue).compactMap(\.intValue),
        isClear: agreed >= Self.compared && margins.allSatisfy { $0 >= 0.5 })
    }
  }

  /// How many of our greedy tokens are llama.cpp's before the first that is not.
  func commonTokens(_ model: any CausalTransformer, _ continuation: Continuation) throws -> Int {
    let cache = model.makeCache()
    var unread = continuation.prompt
    for (count, expected) in continuation.tokens.prefix(Self.compared).enumerated() {
      let hidden = try model.hiddenStates(of: PackedBatch(unread, cache: cache))
      let next = model.logits(of: hidden.gatherRows([hidden.rows - 1])).argmax(row: 0)
      guard next == expected else { return count }
      unread = [Int32(next)]
    }
    return Self.compared
  }

  @Test(
    "The first 16 tokens are llama.cpp's on at least 18 of 20 prompts whose continuation is clear, and on half of all"
  )
  func smollm2() throws {
    let model = try PretrainedModels.loadDecoder(
      Checkpoint.open(Cache.path("smollm2-135m-instruct")), precision: .fast, device: Device(threads: 2))
    let results = try continuations().map {
      (isClear: $0.isClear, agrees: try commonTokens(model, $0) == Self.compared)
    }
    let clear = results.filter(\.isClear).prefix(20)
    #expect(clear.count == 20)
    let (first, all) = (clear.count(where: \.agrees), results.count(where: \.agrees))
    #expect(first >= 18, "\(first) of 20 agree")
    #expect(all * 2 >= results.count, "\(all) of \(results.count) agree")
  }
}

enum Cache {
  static func path(_ model: String) -> String { "\(ModelCache().root)/\(model)/model.gguf" }
  static func has(_ model: String) -> Bool {
    !TestScope.isQuick && FileManager.default.fileExists(atPath: path(model))
  }
  static let hint = "needs the default models: run `make models`"
}

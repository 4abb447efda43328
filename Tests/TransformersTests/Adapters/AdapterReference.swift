import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import Testing

@testable import MartletTransformers

/// What peft computed with the adapters beside the tests (Fixtures/make_adapters.py).
struct AdapterReference {
  struct Adapter {
    let base: String
    let trainable: Int
    let logits: [[Float]]
  }

  let ids: [Int32]
  let adapters: [String: Adapter]
  /// Two adapters at once, with their factors.
  let several: (adapters: [(name: String, scale: Double)], logits: [[Float]])

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
  static let names = [
    "default-llama", "default-gpt2", "fan-in-fan-out", "suffixes", "pattern", "all-linear", "all-linear-gpt2",
    "rank-pattern", "rslora", "saved-head", "saved-embedding", "saved-both-tied", "saved-norms",
    "saved-layer",
    "excluded", "excluded-pattern", "blocks", "blocks-pattern", "head", "embedding", "bias", "bias-all",
    "bfloat16", "float16",
  ]

  static func path(_ name: String) -> String { folder.appending(path: name).path() }

  init() throws {
    let json = try JSON(
      parsing: [UInt8](Data(contentsOf: Self.folder.appending(path: "reference.json"))))
    ids = try #require(json["ids"]?.arrayValue).map { Int32($0.intValue ?? -1) }
    var adapters: [String: Adapter] = [:]
    for (name, value) in try #require(json["adapters"]?.objectValue) {
      adapters[name] = Adapter(
        base: try #require(value["base"]?.stringValue), trainable: try #require(value["trainable"]?.intValue),
        logits: Self.matrix(value["logits"]))
    }
    self.adapters = adapters
    several = (
      (json["several"]?["adapters"]?.arrayValue ?? []).map {
        ($0["name"]?.stringValue ?? "", $0["scale"]?.doubleValue ?? .nan)
      }, Self.matrix(json["several"]?["logits"])
    )
  }

  private static func matrix(_ json: JSON?) -> [[Float]] {
    (json?.arrayValue ?? []).map { ($0.arrayValue ?? []).map { Float($0.doubleValue ?? .nan) } }
  }

  /// The logits after the last two tokens.
  static func logits(_ model: any CausalTransformer, _ ids: [Int32]) throws -> [[Float]] {
    let states = try model.hiddenStates(of: PackedBatch(ids, cache: model.makeCache(.float32)))
    let logits = model.logits(of: states.gatherRows([ids.count - 2, ids.count - 1]))
    return [logits[row: 0], logits[row: 1]]
  }
}

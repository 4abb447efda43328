import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import Testing

@testable import MartletTransformers

@Suite("Settings of rotary positions")
struct RotarySettingsTests {
  private func rotary(_ members: JSONObject) throws -> RotaryEmbedding {
    let path = Reference.fixtures.appending(path: "llama-linear").path
    let tensors = try Checkpoint.open(path).tensors
    var configuration = members
    configuration["max_position_embeddings"] = 128
    return try RotaryEmbedding(
      Weights(tensors, precision: .float32, device: Device(threads: 1)),
      Configuration(members: configuration),
      headDimension: 16)
  }

  @Test(
    "Each spelling gives the frequencies that transformers gives, rope_scaling beside rope_parameters too")
  func spellings() throws {
    let url = Reference.fixtures.appending(path: "rope.json")
    let records = try #require(try JSON(parsing: [UInt8](Data(contentsOf: url))).arrayValue)
    #expect(records.count >= 14)
    for record in records {
      let members = try #require(record["config"]?.objectValue)
      let found = try rotary(members).inverseFrequencies
      let wanted = (record["inverse_frequencies"]?.arrayValue ?? []).map { Float($0.doubleValue ?? .nan) }
      #expect(found.count == 8 && wanted.count == 8)
      for (found, wanted) in zip(found, wanted) {
        #expect(abs(found - wanted) <= 2e-6 * wanted, "\(JSON.object(members).serialized())")
      }
    }
  }

  private static let refused: [(members: JSONObject, key: String)] = [
    (
      ["rope_parameters": ["rope_theta": 10_000], "rope_scaling": ["type": "yarn", "factor": 4]],
      "rope_scaling"
    ),
    (["rope_parameters": ["rope_type": "yarn", "factor": 4]], "rope_parameters"),
    (["rope_scaling": ["rope_type": "longrope"]], "rope_scaling"),
    (["rope_scaling": ["rope_type": "dynamic", "factor": 2]], "rope_scaling"),
    (["rope_parameters": ["rope_type": "proportional"]], "rope_parameters"),
    (["partial_rotary_factor": 0.5], "partial_rotary_factor"),
    (["rope_parameters": ["rope_theta": 10_000, "partial_rotary_factor": 0.25]], "partial_rotary_factor"),
    (["rope_parameters": ["full_attention": ["rope_theta": 10_000]]], "rope_parameters.full_attention"),
  ]

  @Test("What is not built is refused by its name", arguments: refused.indices)
  func refusals(index: Int) throws {
    let (members, key) = Self.refused[index]
    let error = #expect(throws: ModelError.self) { try rotary(members) }
    guard case .unsupportedConfiguration(key, _)? = error else {
      Issue.record("\(key): \(String(describing: error))")
      return
    }
  }
}

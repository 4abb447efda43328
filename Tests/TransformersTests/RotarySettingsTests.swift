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
    let json = try JSON(parsing: [UInt8](Data(contentsOf: url)))
    let lengths = try #require(json["lengths"]?.arrayValue).compactMap(\.intValue)
    let records = try #require(json["records"]?.arrayValue)
    #expect(records.count >= 27 && lengths.count == 4)
    for record in records {
      let members = try #require(record["config"]?.objectValue)
      let scaling = try rotary(members).scaling
      let wanted = try #require(record["inverse_frequencies"]?.arrayValue)
      #expect(scaling.isFixed == (wanted.count == 1) || scaling.attentionFactor == 1)
      for (index, length) in lengths.enumerated() {
        let found = scaling.inverseFrequencies(length: length)
        let values = (wanted[wanted.count == 1 ? 0 : index].arrayValue ?? []).map {
          Float($0.doubleValue ?? .nan)
        }
        #expect(found.count == values.count && !values.isEmpty)
        for (found, value) in zip(found, values) {
          #expect(abs(found - value) <= 2e-6 * value, "\(JSON.object(members).serialized()) at \(length)")
        }
      }
      let factor = Float(record["attention_factor"]?.doubleValue ?? .nan)
      #expect(abs(scaling.attentionFactor - factor) <= 1e-6 * factor, "\(JSON.object(members).serialized())")
    }
  }

  private static let refused: [(members: JSONObject, key: String)] = [
    (["rope_parameters": ["rope_type": "proportional"]], "rope_parameters"),
    (["partial_rotary_factor": 1.5], "partial_rotary_factor"),
    (["rope_parameters": ["rope_theta": 10_000, "partial_rotary_factor": 0.05]], "partial_rotary_factor"),
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

  @Test("Old files of Phi 3 call LongRoPE su or yarn; for others yarn is a scaling of its own")
  func namesOfLongRoPE() throws {
    let lists: JSONObject = [
      "short_factor": .array((0..<8).map { JSON(1 + 0.1 * Double($0)) }),
      "long_factor": .array((0..<8).map { JSON(2 + 0.5 * Double($0)) }),
    ]
    func scaling(_ type: String, model: String) throws -> RotaryScaling {
      var settings = lists
      settings["type"] = .string(type)
      return try rotary([
        "model_type": .string(model), "original_max_position_embeddings": 64,
        "rope_scaling": .object(settings),
      ]).scaling
    }
    let wanted = try scaling("longrope", model: "phi3")
    for type in ["su", "yarn"] {
      let found = try scaling(type, model: "phi3")
      for length in [10, 100] {
        #expect(found.inverseFrequencies(length: length) == wanted.inverseFrequencies(length: length))
      }
      #expect(found.attentionFactor == wanted.attentionFactor)
    }
    #expect(try scaling("yarn", model: "llama").isFixed)
  }
}

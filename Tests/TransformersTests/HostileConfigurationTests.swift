import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import Testing

@testable import MartletTransformers

@Suite("Configurations that do not fit their weights")
struct HostileConfigurationTests {
  /// The error of loading a tiny model of the fixtures with one member of its config.json replaced.
  private func error(_ model: String, _ key: String, _ value: String) throws -> ModelError? {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let fixture = Reference.fixtures.appending(path: model)
    try FileManager.default.createSymbolicLink(
      at: folder.appending(path: "model.safetensors"),
      withDestinationURL: fixture.appending(path: "model.safetensors"))
    let json = try JSON(parsing: [UInt8](Data(contentsOf: fixture.appending(path: "config.json"))))
    var members = try #require(json.objectValue)
    members[key] = try JSON(parsing: value)
    try Data(JSON.object(members).serialized().utf8).write(to: folder.appending(path: "config.json"))
    let checkpoint = try Checkpoint.open(folder.path)
    let device = try Device(threads: 1)
    do throws(ModelError) {
      if model == "bert" {
        _ = try PretrainedModels.loadEncoder(checkpoint, precision: .float32, device: device)
      } else {
        _ = try PretrainedModels.loadDecoder(checkpoint, precision: .float32, device: device)
      }
    } catch { return error }
    return nil
  }

  private static let impossible = [
    "0", "-1", "2.5", "1e300", "2147483649", "9223372036854775807", "99999999999999999999", "\"4\"", "[]",
    "{}",
  ]

  @Test("Sizes that no model has are refused by the name of the member", arguments: impossible)
  func sizes(_ value: String) throws {
    for (model, keys) in [
      (
        "llama-linear",
        [
          "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
          "head_dim", "intermediate_size", "max_position_embeddings",
        ]
      ),
      (
        "bert",
        [
          "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
          "max_position_embeddings", "type_vocab_size",
        ]
      ),
    ] {
      for key in keys {
        let found = try error(model, key, value)
        guard case .invalidConfiguration(key, _)? = found else {
          Issue.record("\(model) with \"\(key)\" \(value): \(String(describing: found))")
          continue
        }
      }
    }
  }

  @Test(
    "Sizes that a model could have, and these weights have not, are refused",
    arguments: ["1", "3", "2147483648"])
  func misfits(_ value: String) throws {
    for key in [
      "vocab_size", "hidden_size", "num_attention_heads", "num_key_value_heads", "head_dim",
      "intermediate_size",
      "num_hidden_layers",
    ] where !(key == "num_key_value_heads" && value == "1") {
      #expect(try error("llama-linear", key, value) != nil, "\(key): \(value)")
    }
  }

  @Test("Mathematics that is not built is refused, and so is a scaling without its factor")
  func mathematics() throws {
    #expect(
      try error("llama-linear", "hidden_act", "\"mish\"")
        == .unsupportedConfiguration(
          key: "hidden_act", value: "\"mish\" (gelu, gelu_new, quick_gelu, silu, relu and tanh are)"))
    #expect(
      try error("llama-linear", "rope_scaling", "{\"type\":\"proportional\"}")
        == .unsupportedConfiguration(key: "rope_scaling", value: "\"proportional\""))
    #expect(
      try error("llama-linear", "rope_scaling", "{\"type\":\"linear\"}")
        == .invalidConfiguration(key: "factor", problem: "is missing"))
    #expect(
      try error("llama-linear", "model_type", "\"mamba\"")
        == .unsupportedArchitecture("mamba", known: PretrainedModels.decoders))
  }
}

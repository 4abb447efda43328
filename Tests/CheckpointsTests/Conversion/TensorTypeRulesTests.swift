import Foundation
import MartletTensors
import Testing

@testable import MartletCheckpoints

/// Against llama-quantize, by `Fixtures/make_types.py`.
@Suite("Each tensor gets the type that llama-quantize gives it")
struct TensorTypeRulesTests {
  struct Model: Decodable, CustomTestStringConvertible {
    var architecture: String
    var layers, width, heads: Int
    var keyValueHeads: Int
    var tensors: [String]
    var types: [String: String]

    var testDescription: String { "\(architecture), \(layers) layers of \(width)" }

    enum CodingKeys: String, CodingKey {
      case architecture, layers, width, heads, tensors, types
      case keyValueHeads = "key_value_heads"
    }
  }

  static let models: [Model] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/types.json")
    return (try? JSONDecoder().decode([Model].self, from: Data(contentsOf: file))) ?? []
  }()

  private static let letters: [Character: StorageFormat] = [
    "f": .float32, "h": .float16, "8": .q8_0, "4": .q4_0, "d": .q4_1, "5": .q5_0, "e": .q5_1, "K": .q4_K,
    "L": .q5_K, "M": .q6_K,
  ]

  @Test("with its mixtures, its fallbacks, and --pure", arguments: models)
  func types(model: Model) throws {
    #expect(model.types.count == 20)
    let tensors = try model.tensors.map { line in
      let parts = line.split(separator: " ").map(String.init)
      return (name: parts[0], shape: try parts.dropFirst().map { try #require(Int($0)) })
    }
    for (options, letters) in model.types {
      let scheme = try #require(QuantizationScheme(rawValue: String(options.split(separator: " ")[0])))
      let rules = TensorTypeRules(
        scheme, isPure: options.hasSuffix("--pure"), architecture: model.architecture,
        layerCount: model.layers, names: tensors.map(\.name),
        groupsQueries: model.heads != model.keyValueHeads)
      for (tensor, letter) in zip(tensors, letters) {
        let found = rules.format(of: tensor.name, shape: tensor.shape, present: .float32).format
        #expect(found == Self.letters[letter], "\(options): \(tensor.name) \(tensor.shape)")
      }
    }
  }

  @Test("There are models to compare with")
  func fixtures() { #expect(Self.models.count == 7) }
}

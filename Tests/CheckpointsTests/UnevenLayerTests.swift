import MartletTensors
import Testing

@testable import MartletCheckpoints

@Suite("Layers that lack what the others have are told")
struct UnevenLayerTests {
  /// Tensors without values.
  private struct Names: TensorSource {
    let tensors: [TensorDescription]

    init(_ names: [String]) {
      tensors = names.map { TensorDescription(name: $0, shape: [1], format: .float32, byteRange: 0..<4) }
    }

    func description(of name: String) -> TensorDescription? { tensors.first { $0.name == name } }
    func withBytes<R>(of name: String, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
      throw CheckpointError.noTensor(name, file: "none")
    }
    func discardPages(of name: String) {}
  }

  private static let whole =
    (0..<8).flatMap { layer in
      ["model.layers.\(layer).self_attn.q_proj.weight", "model.layers.\(layer).mlp.up_proj.weight"]
    } + ["model.norm.weight", "lm_head.weight"]

  @Test("A whole model has none")
  func wholeModel() { #expect(Names(Self.whole).unevenLayers.isEmpty) }

  @Test("A tensor that one layer lacks is named with the layer")
  func missing() {
    let names = Self.whole.filter { $0 != "model.layers.3.self_attn.q_proj.weight" }
    #expect(
      Names(names).unevenLayers == [
        "The tensor model.layers.*.self_attn.q_proj.weight is missing in layer 3, and the others have it: "
          + "the file seems incomplete."
      ])
  }

  @Test("Layers of several kinds, such as every second one with attention, are no fault")
  func severalKinds() {
    let names = Self.whole.filter { name in
      !name.contains("self_attn") || ["0", "2", "4", "6"].contains { name.contains("layers.\($0).") }
    }
    #expect(Names(names).unevenLayers.isEmpty)
    // As in mixtures of experts, whose first layer is a plain one.
    let first = Self.whole.map {
      $0 == "model.layers.0.mlp.up_proj.weight" ? "model.layers.0.dense.weight" : $0
    }
    #expect(Names(first).unevenLayers.isEmpty)
  }
}

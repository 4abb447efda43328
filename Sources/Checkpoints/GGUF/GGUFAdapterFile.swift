import MartletTensors

/// A LoRA adapter in llama.cpp's format (ggml-org/llama.cpp, `convert_lora_to_gguf.py`, `src/llama-adapter.cpp`), which
/// multiplies each layer's product by alpha / rank.
package struct GGUFAdapterFile {
  /// The matrices of one layer, in Hugging Face's order.
  package struct Layer {
    /// The layer's path, as in `model.layers.0.self_attn.q_proj`.
    package let path: String
    package let rank, inputs, outputs: Int
    /// rank × inputs.
    package let a: [Float]
    /// outputs × rank.
    package let b: [Float]

    package init(path: String, rank: Int, inputs: Int, outputs: Int, a: [Float], b: [Float]) {
      (self.path, self.rank, self.inputs, self.outputs) = (path, rank, inputs, outputs)
      (self.a, self.b) = (a, b)
    }
  }

  private let base: Checkpoint
  private let architecture: String
  private let layers: [Layer]
  private let alpha: Float

  /// - Throws: ``CheckpointError/unsupported(file:what:advice:)`` where llama.cpp has no such architecture.
  package init(for base: Checkpoint, layers: [Layer], alpha: Float) throws(CheckpointError) {
    (self.base, self.layers, self.alpha) = (base, layers, alpha)
    if let stated = try base.metadata?.string("general.architecture") {
      architecture = stated
    } else if base.architecture == "gpt2" || base.architecture == "phi3" {
      architecture = base.architecture
    } else {
      architecture = try ArchitectureNames(of: base).gguf
    }
  }

  /// Writes the file, which appears once it is whole.
  package func write(to path: String, replaces: Bool) throws {
    var header = GGUFHeader()
    header.set("general.architecture", .string(architecture))
    header.set("general.type", .string("adapter"))
    header.set("adapter.type", .string("lora"))
    header.set("adapter.lora.alpha", .float32(alpha))
    var values: [[Float]] = []
    for layer in layers.sorted(by: { $0.path < $1.path }) {
      let (name, order) = try place(of: layer)
      header.tensors.append(
        .init(name: name + ".lora_a", shape: [layer.rank, layer.inputs], format: .float32))
      values.append(layer.a)
      header.tensors.append(
        .init(name: name + ".lora_b", shape: [layer.outputs, layer.rank], format: .float32))
      guard let order else {
        values.append(layer.b)
        continue
      }
      values.append(
        (0..<layer.outputs).flatMap { row in
          layer.b[order(row) * layer.rank..<(order(row) + 1) * layer.rank]
        })
    }
    let output = try PendingOutput(path: path, isFolder: false, replaces: replaces)
    do {
      var file = try OutputFile(output.temporaryPath, shownPath: path)
      try file.write(header.bytes)
      for (tensor, values) in zip(header.tensors, values) {
        try values.withUnsafeBytes { try file.write($0) }
        try file.write([UInt8](repeating: 0, count: header.padding(after: tensor)))
      }
    }
    try output.finish()
  }

  /// GGUF's name of a layer's matrix, and which of Hugging Face's rows is its row `i`.
  private func place(of layer: Layer) throws -> (name: String, order: (@Sendable (Int) -> Int)?) {
    let candidates =
      [layer.path]
      + ["model.", "transformer."].compactMap {
        layer.path.hasPrefix($0) ? String(layer.path.dropFirst($0.count)) : nil
      }
    let names = GGUFTensorNames(architecture: architecture)
    let found = candidates.lazy.compactMap { base.tensors.description(of: $0 + ".weight") }.first
    let ggufName = base.kind == .gguf ? found?.nameInFile : names?.ggufName(layer.path + ".weight")
    guard let tensor = found, let ggufName else {
      throw CheckpointError.unsupported(
        file: base.path,
        what: "GGUF files of the base have no matrix of their own for \(layer.path)",
        advice: "Merge the adapter instead: ‘martlet adapter merge’.")
    }
    if base.kind == .gguf {
      return (ggufName, tensor.rowPermutation.map { $0.inverseOrder(rows: layer.outputs) })
    }
    guard let known = try? ArchitectureNames(of: base) else { return (ggufName, nil) }
    return (ggufName, try ConvertedModel.rowOrder(layer.path + ".weight", tensor, known, base))
  }
}

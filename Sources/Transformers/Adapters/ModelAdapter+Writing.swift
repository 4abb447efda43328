import MartletCheckpoints
import MartletJSON
import MartletTensors

extension ModelAdapter {
  /// Writes the adapter as peft's `save_pretrained` does: `adapter_config.json` and `adapter_model.safetensors`, in
  /// float32. Each file is there as a whole, the old one or the new one, whenever the program or the power ends.
  /// - Parameter directory: The folder, which is made where there is none; other files in it stay.
  /// - Throws: ``AdapterError/file(_:)`` where the disk is full or the folder cannot be written, and
  ///   ``AdapterError/notFinite(tensor:)``.
  public func write(to directory: String) throws(AdapterError) {
    var entries: [SafetensorsWriter.Entry] = []
    for (path, factors) in factors.sorted(by: { $0.key < $1.key }) {
      let isEmbedding = ModelPaths.isEmbedding(path)
      let name = "base_model.model." + ModelPaths.transformersName(path)
      entries.append(
        try Self.entry(name + (isEmbedding ? ".lora_embedding_A" : ".lora_A.weight"), factors.a))
      entries.append(
        try Self.entry(name + (isEmbedding ? ".lora_embedding_B" : ".lora_B.weight"), factors.b))
    }
    for (name, tensor) in savedWeights.sorted(by: { $0.key < $1.key }) {
      let isMatrix = tensor.rows > 1
      let inFile =
        normsIncludeOne && name.hasSuffix("norm.weight") ? tensor.shifted(by: -1) : tensor
      entries.append(
        try Self.entry(
          savedName(name), inFile,
          shape: isMatrix ? [tensor.rows, tensor.columns] : [tensor.columns]))
    }
    entries.sort { $0.name < $1.name }
    let text = JSON.object(configuration.members).serialized(pretty: true) + "\n"
    try Self.checked { () throws(CheckpointError) in
      try FileSystem.makeFolder(directory)
      try SafetensorsWriter.write(entries, to: "\(directory)/\(Self.weightsFile)")
      try FileSystem.replaceFile("\(directory)/\(Self.configurationFile)") {
        (file) throws(CheckpointError) in
        try file.write(Array(text.utf8))
      }
    }
  }

  /// peft's name for a weight that is replaced whole. A bias beside matrices is that of the layer inside.
  private func savedName(_ name: String) -> String {
    let name = ModelPaths.transformersName(name)
    for suffix in ["weight", "bias"] where name.hasSuffix("." + suffix) {
      let path = String(name.dropLast(suffix.count + 1))
      if factors[path] != nil { return "base_model.model.\(path).base_layer.\(suffix)" }
    }
    return "base_model.model." + name
  }

  private static func entry(
    _ name: String, _ tensor: Tensor, shape: [Int]? = nil
  ) throws(AdapterError) -> SafetensorsWriter.Entry {
    guard tensor.values.allSatisfy(\.isFinite) else { throw .notFinite(tensor: name) }
    return SafetensorsWriter.Entry(name: name, shape: shape ?? [tensor.rows, tensor.columns]) {
      tensor.values
    }
  }
}

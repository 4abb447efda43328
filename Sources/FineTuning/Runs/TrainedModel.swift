import MartletCheckpoints
import MartletJSON
import MartletTensors
import MartletTransformers

/// A model whose own weights were trained, as a folder that transformers loads.
enum TrainedModel {
  /// Writes the folder: the weights in float32, and what the base has beside its weights.
  /// - Throws: ``CheckpointError`` where a file cannot be read or written.
  static func write(
    _ weights: TrainableWeights, of base: Checkpoint, to path: String
  ) throws(CheckpointError) {
    switch base.kind {
    case .huggingFace: try copyFiles(of: base.path, to: path)
    case .gguf: try convert(base, to: path, device: weights.device)
    }
    let config = "\(path)/config.json"
    guard case .object(var members) = try JSON.reading(MappedFile(config)) else {
      throw .malformed(file: config, field: "line 1", offset: nil, problem: "it holds no object")
    }
    members[members["torch_dtype"] == nil ? "dtype" : "torch_dtype"] = "float32"
    members["tie_word_embeddings"] = .bool(weights.base.parameters["lm_head.weight"] == nil)
    // What the base was quantized by does not hold for float32.
    members["quantization_config"] = nil
    try NewFile.write(JSON.object(members).serialized(pretty: true) + "\n", to: config)
    try writeWeights(weights, "\(path)/model.safetensors")
  }

  private static func writeWeights(_ weights: TrainableWeights, _ path: String) throws(CheckpointError) {
    // transformers' Gemma multiplies by 1 + weight, and here the one is in the values.
    let includesOne = weights.base.parameters.architecture == "gemma3_text"
    var entries: [TensorFile.Entry] = []
    do throws(ModelError) {
      for parameter in weights.base.parameters {
        let values: Tensor
        if let trained = weights.values[parameter.name] {
          values = trained
        } else {
          values = try parameter.values()
        }
        entries.append(
          TensorFile.Entry(
            name: parameter.name, shape: parameter.shape,
            values: includesOne && parameter.name.hasSuffix("norm.weight") ? values.shifted(by: -1) : values))
      }
    } catch {
      throw .malformed(file: path, field: "weights", offset: nil, problem: "\(error)")
    }
    do throws(TrainingError) { try TensorFile.write(entries, to: path) } catch {
      if case .file(let error) = error { throw error }
      throw .malformed(file: path, field: "weights", offset: nil, problem: "\(error)")
    }
  }

  /// What a model has beside its weights: its configuration, its tokenizer, its templates, and its licence.
  private static func copyFiles(of base: String, to path: String) throws(CheckpointError) {
    try FileSystem.makeFolder(path)
    let endings = [".json", ".jinja", ".txt", ".model"]
    for name in try FileSystem.names(in: base).sorted() {
      let isLicence = name.uppercased().hasPrefix("LICEN")
      guard endings.contains(where: name.hasSuffix) || isLicence, !name.hasSuffix(".index.json"),
        FileSystem.size("\(base)/\(name)") != nil
      else { continue }
      try FileSystem.copy("\(base)/\(name)", to: "\(path)/\(name)")
    }
  }

  private static func convert(_ base: Checkpoint, to path: String, device: Device) throws(CheckpointError) {
    do {
      let options = ModelConversion.Options(scheme: .float32)
      try ModelConversion(of: base, to: path, options: options).run(device: device)
    } catch let error as CheckpointError {
      throw error
    } catch is CancellationError {
      throw .cancelled
    } catch {
      throw .unsupported(
        file: base.path, what: "Its tokenizer cannot be written for transformers (\(error))",
        advice: "Fine-tune the model's Hugging Face folder.")
    }
  }
}

extension TrainableWeights {
  /// The device that the weights live on.
  var device: Device { base.device }
}

import MartletTensors

/// From a GGUF model to one file: all that it says stays as it is, whatever the architecture. Parts are joined.
extension ConvertedModel {
  init(gguf file: GGUFModel, options: ModelConversion.Options) throws {
    for key in file.metadata.keys where !key.hasPrefix("split.") && key != "general.alignment" {
      header.set(key, try file.encodedValue(key))
    }
    if !options.keepsTokenizer {
      for key in file.metadata.keys where key.hasPrefix("tokenizer.") { header.set(key, nil) }
      header.set("tokenizer.ggml.model", .string("none"))
    }
    let architecture = try file.architecture()
    func integer(_ name: String) throws -> Int? {
      // Some architectures state a list with one number for each layer.
      file.metadata["\(architecture).\(name)"]?.intValue
    }
    let rules = try options.scheme.map { scheme in
      TensorTypeRules(
        scheme, isPure: options.isPure, architecture: architecture,
        layerCount: try integer("block_count") ?? 0,
        names: file.tensors.map(\.name),
        groupsQueries: try integer("attention.head_count") != integer("attention.head_count_kv"),
        expertCount: try integer("expert_count") ?? 0)
    }
    for tensor in file.tensors {
      let (format, wanted) =
        rules?.format(of: tensor.name, shape: tensor.shape, present: tensor.format) ?? (tensor.format, nil)
      let plain = options.scheme.flatMap { $0.isQuantized ? nil : $0.format }
      tensors.append(
        TensorConversion(
          source: .tensor(tensor), name: tensor.name, shape: tensor.shape,
          format: Self.format(tensor, format, plain: plain), wanted: wanted))
    }
    if let scheme = options.scheme {
      header.set("general.file_type", .uint32(scheme.fileType))
      if scheme.isQuantized { header.set("general.quantization_version", .uint32(2)) }
    }
    try refuseRequantizing(options, file: file.path)
  }

  /// The type that a rule gives; tensors that rules leave alone are no longer quantized where F32, F16 or BF16 is asked
  /// for.
  private static func format(
    _ tensor: TensorDescription, _ chosen: StorageFormat, plain: StorageFormat?
  ) -> StorageFormat {
    guard let plain else { return chosen }
    guard !TensorTypeRules.isRounded(tensor.name, shape: tensor.shape) else { return chosen }
    return tensor.format.elementsPerBlock > 1 || plain == .float32 ? .float32 : tensor.format
  }

  /// - Throws: ``ConversionError/alreadyQuantized(file:tensor:format:)``, as llama-quantize does.
  func refuseRequantizing(_ options: ModelConversion.Options, file: String) throws(ConversionError) {
    guard !options.allowsRequantizing else { return }
    for conversion in tensors where conversion.format.elementsPerBlock > 1 {
      guard case .tensor(let tensor) = conversion.source, tensor.format.elementsPerBlock > 1,
        tensor.format != conversion.format
      else { continue }
      throw .alreadyQuantized(file: file, tensor: tensor.nameInFile, format: tensor.format)
    }
  }
}

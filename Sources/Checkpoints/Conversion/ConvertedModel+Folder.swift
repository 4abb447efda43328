import MartletJSON
import MartletTensors
import MartletTokenizers

/// From a safetensors folder to a GGUF file, as llama.cpp's `convert_hf_to_gguf.py` does it.
extension ConvertedModel {
  init(folder checkpoint: Checkpoint, options: ModelConversion.Options) throws {
    let names = try ArchitectureNames(of: checkpoint)
    var metadata = GGUFMetadataWriter(checkpoint: checkpoint, names: names)
    try metadata.write()
    try addTensors(of: checkpoint, names)
    let embedding = tensors.first { $0.name == "token_embd.weight" }
    try metadata.writeTokenizer(options, embeddingRows: embedding?.shape.first ?? 0)
    if let factors = try metadata.ropeFactors() {
      tensors.append(
        TensorConversion(
          source: .values(factors), name: "rope_freqs.weight", shape: [factors.count], format: .float32))
    }
    chooseFormats(names, checkpoint, options)
    header = metadata.header
    let scheme = options.scheme ?? mostFrequentScheme
    header.set("general.file_type", .uint32(scheme.fileType))
    if scheme.isQuantized { header.set("general.quantization_version", .uint32(2)) }
    warnings = metadata.warnings + warnings
  }

  private mutating func addTensors(of checkpoint: Checkpoint, _ names: ArchitectureNames) throws {
    guard let table = GGUFTensorNames(architecture: names.gguf) else { return }
    let configuration = checkpoint.configuration
    let isTied = configuration["tie_word_embeddings"]?.boolValue ?? (names.modelType == "gemma3_text")
    var dropped: [String] = []
    for tensor in checkpoint.tensors.tensors {
      let name = Self.currentName(tensor.name, names)
      if Self.isDerived(name) || (isTied && name == "lm_head.weight") { continue }
      guard let ggufName = table.ggufName(name) else {
        guard Self.isLeftOut(name, names) else {
          throw CheckpointError.unsupported(
            file: checkpoint.path, what: "GGUF has no name for its tensor \(tensor.name)",
            advice: "Convert a model without it.")
        }
        dropped.append(tensor.name)
        continue
      }
      tensors.append(
        TensorConversion(
          source: .tensor(tensor), name: ggufName, shape: tensor.shape, format: tensor.format,
          rowOrder: try Self.rowOrder(name, tensor, names, checkpoint),
          addend: names.addsOneToNorms && name.hasSuffix("norm.weight") ? 1 : 0))
    }
    try checkShapes(of: checkpoint)
    if !dropped.isEmpty {
      let shown = dropped.prefix(4).joined(separator: ", ") + (dropped.count > 4 ? ", …" : "")
      warnings.append(
        "GGUF holds the encoder of the model alone: \(dropped.count) tensors are left out (\(shown)).")
    }
    sort()
  }

  /// - Throws: ``CheckpointError`` where two tensors get one name, or GGUF cannot hold a tensor's shape.
  private func checkShapes(of checkpoint: Checkpoint) throws(CheckpointError) {
    var names: Set<String> = []
    for tensor in tensors {
      guard names.insert(tensor.name).inserted, (1...4).contains(tensor.shape.count),
        !tensor.shape.contains(0)
      else {
        throw .malformed(
          file: checkpoint.path, field: "tensor \(tensor.name)", offset: nil,
          problem: "its shape is \(tensor.shape), or another tensor stands for it too")
      }
    }
  }

  /// The name that transformers writes today.
  private static func currentName(_ name: String, _ names: ArchitectureNames) -> String {
    guard names.modelType == "bert" else { return name }
    let name = name.hasPrefix("bert.") ? String(name.dropFirst(5)) : name
    if name.hasSuffix(".gamma") { return String(name.dropLast(6)) + ".weight" }
    if name.hasSuffix(".beta") { return String(name.dropLast(5)) + ".bias" }
    return name
  }

  /// Whether the values follow from the configuration.
  private static func isDerived(_ name: String) -> Bool {
    name.hasSuffix("rotary_emb.inv_freq") || name.hasSuffix("embeddings.position_ids")
  }

  /// Whether llama.cpp's encoders do without the tensor.
  private static func isLeftOut(_ name: String, _ names: ArchitectureNames) -> Bool {
    names.modelType == "bert" && (name.hasPrefix("pooler.") || name.hasPrefix("cls."))
  }

  static func rowOrder(
    _ name: String, _ tensor: TensorDescription, _ names: ArchitectureNames, _ checkpoint: Checkpoint
  ) throws -> (@Sendable (Int) -> Int)? {
    guard names.permutesRows, let rows = tensor.shape.first else { return nil }
    let isQuery = name.contains(".self_attn.q_proj.")
    guard isQuery || name.contains(".self_attn.k_proj.") else { return nil }
    let configuration = checkpoint.configuration
    let heads = configuration["num_attention_heads"]?.intValue
    let count = isQuery ? heads : configuration["num_key_value_heads"]?.intValue ?? heads
    guard let count, count > 0, rows.isMultiple(of: 2 * count) else {
      throw CheckpointError.malformed(
        file: checkpoint.path, field: "tensor \(tensor.name)", offset: nil,
        problem: "\(rows) rows are no whole pairs for each of \(count ?? 0) heads")
    }
    return RowPermutation.interleavedRotary(heads: count).inverseOrder(rows: rows)
  }

  /// Embedding first, then layer by layer.
  private mutating func sort() {
    func layer(_ name: String) -> Int {
      let parts = name.split(separator: ".")
      if parts.first == "blk", parts.count > 1 { return Int(parts[1]) ?? 0 }
      return name.hasPrefix("output") ? Int.max : -1
    }
    tensors.sort { (layer($0.name), $0.name) < (layer($1.name), $1.name) }
  }

  /// Norms, biases and BERT's positions are F32, as llama.cpp computes with them; matrices are what is asked for, else what
  /// they are.
  private mutating func chooseFormats(
    _ names: ArchitectureNames, _ checkpoint: Checkpoint, _ options: ModelConversion.Options
  ) {
    let configuration = checkpoint.configuration
    let heads = configuration["num_attention_heads"]?.intValue
    let rules = options.scheme.map {
      TensorTypeRules(
        $0, isPure: options.isPure, architecture: names.gguf,
        layerCount: configuration["num_hidden_layers"]?.intValue ?? 0, names: tensors.map(\.name),
        groupsQueries: configuration["num_key_value_heads"]?.intValue ?? heads != heads)
    }
    for index in tensors.indices {
      let (name, shape) = (tensors[index].name, tensors[index].shape)
      if TensorTypeRules.isRounded(name, shape: shape) {
        guard let rules else { continue }
        (tensors[index].format, tensors[index].wanted) = rules.format(
          of: name, shape: shape, present: tensors[index].format)
      } else {
        tensors[index].format = .float32
      }
    }
  }

  /// The type that most matrices have.
  private var mostFrequentScheme: QuantizationScheme {
    let matrices = tensors.filter { TensorTypeRules.isRounded($0.name, shape: $0.shape) }
    let counts = Dictionary(grouping: matrices, by: \.format).mapValues(\.count)
    let most = counts.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }
    return most.flatMap { QuantizationScheme($0.key) } ?? .float32
  }
}

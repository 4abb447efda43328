import MartletJSON
import MartletTensors
import MartletTokenizers

/// From a GGUF file to a folder that transformers loads.
extension ConvertedModel {
  init(folderOf checkpoint: Checkpoint, path: String, options: ModelConversion.Options) throws {
    let allowed = [QuantizationScheme.float32, .float16, .bfloat16]
    if let scheme = options.scheme, !allowed.contains(scheme) {
      throw ConversionError.wrongType(scheme.rawValue, path: path, allowed: allowed.map(\.rawValue))
    }
    let names = try ArchitectureNames(of: checkpoint)
    let format = options.scheme?.format ?? Self.commonFormat(checkpoint)
    try addTensors(of: checkpoint, names, format: format)
    if options.scheme == nil, format != .float32 { try keepExactValues(of: checkpoint) }
    try addConfiguration(checkpoint, names, format: format)
    if options.keepsTokenizer {
      do {
        try addTokenizer(checkpoint)
      } catch let error as TokenizerError {
        throw ConversionError.tokenizer(file: checkpoint.path, error)
      }
    }
    addModelCard(checkpoint)
    addGenerationConfiguration(checkpoint)
    addEmbeddingFiles(checkpoint)
  }

  /// F16 or BF16 where all matrices are that, else F32.
  private static func commonFormat(_ checkpoint: Checkpoint) -> StorageFormat {
    let formats = Set(
      checkpoint.tensors.tensors.filter { $0.shape.count > 1 && !isPosition($0) }.map(\.format))
    return formats == [.float16] || formats == [.bfloat16] ? formats.first ?? .float32 : .float32
  }

  /// Whether GGUF keeps the matrix in F32 whatever the others are.
  private static func isPosition(_ tensor: TensorDescription) -> Bool {
    !TensorTypeRules.isRounded(tensor.nameInFile, shape: tensor.shape)
  }

  private mutating func addTensors(
    of checkpoint: Checkpoint, _ names: ArchitectureNames, format: StorageFormat
  ) throws {
    for tensor in checkpoint.tensors.tensors {
      // Its values are in the configuration.
      if tensor.nameInFile == "rope_freqs.weight" { continue }
      guard tensor.name != tensor.nameInFile else {
        throw CheckpointError.unsupported(
          file: checkpoint.path, what: "transformers has no name for its tensor \(tensor.name)",
          advice: "Convert a model without it.")
      }
      let rows = tensor.shape.first ?? 0
      tensors.append(
        TensorConversion(
          source: .tensor(tensor), name: tensor.name, shape: tensor.shape, format: format,
          rowOrder: tensor.rowPermutation.map { $0.order(rows: rows) },
          addend: tensor.includesOne ? -1 : 0))
    }
    tensors.sort { $0.name < $1.name }
  }

  /// Norms, biases and positions are F32 in GGUF. Where nobody asked for fewer bits and 16 would change them, they stay.
  private mutating func keepExactValues(of checkpoint: Checkpoint) throws {
    let device = try Device(threads: 1)
    for index in tensors.indices {
      guard case .tensor(let tensor) = tensors[index].source, tensor.format == .float32 else { continue }
      let (format, addend) = (tensors[index].format, tensors[index].addend)
      let isExact = try checkpoint.tensors.withBytes(of: tensor.name) { bytes in
        let count = tensor.elementCount
        var (values, back) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
        var encoded = [UInt8](repeating: 0, count: count * format.bytesPerBlock)
        try values.withUnsafeMutableBufferPointer {
          try device.decodeRows(0..<1, columns: count, format: .float32, bytes: bytes, into: $0)
        }
        values = values.map { $0 + addend }
        try values.withUnsafeBufferPointer { values in
          try encoded.withUnsafeMutableBytes {
            try device.encodeRows(values, columns: count, format: format, into: $0)
          }
        }
        try encoded.withUnsafeBytes { bytes in
          try back.withUnsafeMutableBufferPointer {
            try device.decodeRows(0..<1, columns: count, format: format, bytes: bytes, into: $0)
          }
        }
        return zip(values, back).allSatisfy { $0.bitPattern == $1.bitPattern }
      }
      if !isExact { tensors[index].format = .float32 }
    }
  }

  // MARK: Configuration

  private mutating func addConfiguration(
    _ checkpoint: Checkpoint, _ names: ArchitectureNames, format: StorageFormat
  ) throws {
    var members = checkpoint.configuration
    // transformers would put sizes of its own in the place of those that are missing.
    for key in ["hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size"]
    {
      guard members[key]?.intValue == nil else { continue }
      throw CheckpointError.malformed(
        file: checkpoint.path, field: key, offset: nil, problem: "no key of the file says it")
    }
    members["_name_or_path"] = try checkpoint.metadata?.string("general.name").map { .string($0) }
    members["architectures"] = [.string(names.className)]
    members["torch_dtype"] =
      switch format {
      case .float16: "float16"
      case .bfloat16: "bfloat16"
      default: "float32"
      }
    // Only Llama's class reads these; in other configurations they would mean that something is to be added.
    if names.modelType != "llama" {
      members["attention_bias"] = names.modelType == "qwen3" ? members["attention_bias"] : nil
      members["mlp_bias"] = nil
    }
    if names.isEncoder {
      for key in ["num_key_value_heads", "head_dim", "tie_word_embeddings"] { members[key] = nil }
    }
    if members["rope_scaling"]?["rope_type"] == "factors" {
      members["rope_scaling"] = try Self.llama3Scaling(members, file: checkpoint.path)
    }
    add("config.json", .object(members))
  }

  /// The settings of Llama 3.1 that give the divisors of a file.
  private static func llama3Scaling(_ members: JSONObject, file: String) throws(CheckpointError) -> JSON {
    let divisors = (members["rope_scaling"]?["factors"]?.arrayValue ?? []).compactMap { $0.doubleValue }
    let base = members["rope_theta"]?.doubleValue ?? 10_000
    let largest = divisors.max() ?? 1
    for exponent in 3...20 {
      let original = Double(1 << exponent)
      let factors = Llama3Factors(
        factor: largest, low: 1, high: 4, original: original, base: base, headWidth: 2 * divisors.count)
      let differs = zip(factors.divisors, divisors).contains { abs(Double($0) - $1) > 1e-4 * $1 }
      guard !differs, largest > 1 else { continue }
      return [
        "rope_type": "llama3", "factor": JSON(largest), "low_freq_factor": 1, "high_freq_factor": 4,
        "original_max_position_embeddings": JSON(Int(original)),
      ]
    }
    throw .unsupported(
      file: file,
      what: "Its rope_freqs.weight follows from no setting of transformers (llama3 with factors 1 and 4)",
      advice: "Choose another model.")
  }

  private mutating func add(_ name: String, _ json: JSON) {
    files.append(File(name: name, text: json.serialized(pretty: true) + "\n"))
  }

  private mutating func addGenerationConfiguration(_ checkpoint: Checkpoint) {
    let configuration = checkpoint.generationConfiguration
    guard checkpoint.architecture != "bert" else { return }
    var members = JSONObject()
    members["bos_token_id"] = checkpoint.configuration["bos_token_id"]
    let ends = configuration.endOfGeneration.sorted().map { JSON(Int($0)) }
    members["eos_token_id"] = ends.count == 1 ? ends[0] : ends.isEmpty ? nil : .array(ends)
    members["pad_token_id"] = checkpoint.configuration["pad_token_id"]
    let advice = configuration.sampling
    if let temperature = advice.temperature { members["do_sample"] = .bool(temperature > 0) }
    if let temperature = advice.temperature, temperature > 0 { members["temperature"] = JSON(temperature) }
    members["top_k"] = advice.topK.map { JSON($0) }
    members["top_p"] = advice.topP.map { JSON($0) }
    members["min_p"] = advice.minP.map { JSON($0) }
    members["repetition_penalty"] = advice.repetitionPenalty.map { JSON($0) }
    if !members.isEmpty { add("generation_config.json", .object(members)) }
    warnings += advice.unfollowed.map { "\($0.key) is left out of generation_config.json: \($0.reason)." }
  }

  /// The licence and the languages, where transformers' hub has them.
  private mutating func addModelCard(_ checkpoint: Checkpoint) {
    guard checkpoint.license != nil || !checkpoint.languages.isEmpty else { return }
    var lines = ["---"]
    if let license = checkpoint.license { lines.append("license: \(JSON.quoted(license))") }
    if !checkpoint.languages.isEmpty { lines.append("language:") }
    lines += checkpoint.languages.map { "- \($0)" } + ["---", ""]
    files.append(File(name: "README.md", text: lines.joined(separator: "\n")))
  }

  /// The files of sentence-transformers, where the file says how vectors are made.
  private mutating func addEmbeddingFiles(_ checkpoint: Checkpoint) {
    guard let embedding = checkpoint.sentenceEmbedding, embedding.isStated else { return }
    func module(_ index: Int, _ path: String, _ type: String) -> JSON {
      [
        "idx": JSON(index), "name": .string("\(index)"), "path": .string(path),
        "type": .string("sentence_transformers.models.\(type)"),
      ]
    }
    add(
      "modules.json",
      .array([
        module(0, "", "Transformer"), module(1, "1_Pooling", "Pooling"),
        module(2, "2_Normalize", "Normalize"),
      ]))
    files.append(File(name: "2_Normalize/config.json", text: "{}\n"))
    add(
      "1_Pooling/config.json",
      [
        "word_embedding_dimension": checkpoint.configuration["hidden_size"] ?? 0,
        "pooling_mode_cls_token": .bool(embedding.pooling == .firstToken),
        "pooling_mode_mean_tokens": .bool(embedding.pooling == .mean), "pooling_mode_max_tokens": false,
        "pooling_mode_mean_sqrt_len_tokens": false,
        "pooling_mode_lasttoken": .bool(embedding.pooling == .lastToken),
      ])
    add(
      "sentence_bert_config.json",
      ["max_seq_length": JSON(embedding.maximumSequenceLength), "do_lower_case": false])
  }

  // MARK: Tokenizer

  private mutating func addTokenizer(_ checkpoint: Checkpoint) throws {
    guard let metadata = checkpoint.metadata, metadata["tokenizer.ggml.tokens"] != nil else {
      warnings.append("The file has no vocabulary, and so the folder has no tokenizer.")
      return
    }
    let vocabulary = try GGUFVocabulary(metadata, file: checkpoint.path)
    let tokenizer = try checkpoint.makeTokenizer()
    let json = try vocabulary.tokenizerJSON()
    files.append(File(name: "tokenizer.json", text: json.serialized() + "\n"))
    var written = try Tokenizer(tokenizerJSON: json)
    written.special = tokenizer.special
    if let difference = TokenizerDifference(between: tokenizer, and: written) {
      warnings.append("The folder's tokenizer differs from the file's: \(difference).")
    }
    try addTokenizerConfiguration(checkpoint, tokenizer)
    let templates = checkpoint.chatTemplates
    if let standard = templates.standard { files.append(File(name: "chat_template.jinja", text: standard)) }
    for (name, text) in templates.named.sorted(by: { $0.key < $1.key }) {
      guard !name.contains("/"), !name.hasPrefix(".") else {
        warnings.append("The chat template ‘\(name)’ is left out: its name is no name of a file.")
        continue
      }
      files.append(File(name: "additional_chat_templates/\(name).jinja", text: text))
    }
  }

  private mutating func addTokenizerConfiguration(_ checkpoint: Checkpoint, _ tokenizer: Tokenizer) throws {
    var members: JSONObject = [
      "tokenizer_class": .string(
        checkpoint.architecture == "bert" ? "BertTokenizer" : "PreTrainedTokenizerFast"),
      "clean_up_tokenization_spaces": .bool(checkpoint.architecture == "bert"),
    ]
    let special = tokenizer.special
    let isBERT = checkpoint.architecture == "bert"
    let tokens = [
      ("bos_token", isBERT ? nil : special.bos), ("eos_token", isBERT ? nil : special.eos),
      ("unk_token", special.unknown), ("pad_token", special.padding), ("cls_token", special.classification),
      ("sep_token", special.separator), ("mask_token", special.mask),
    ]
    for (name, id) in tokens {
      // A decoder's beginning stands for [CLS] in files without one.
      if name == "cls_token", !isBERT { continue }
      if let text = id.flatMap({ tokenizer.token($0) }) { members[name] = .string(text) }
    }
    if let length = checkpoint.contextLength { members["model_max_length"] = JSON(length) }
    if isBERT {
      members["do_lower_case"] = true
    } else {
      members["add_bos_token"] = .bool(special.addsBOS)
      members["add_eos_token"] = .bool(special.addsEOS)
    }
    add("tokenizer_config.json", .object(members))
  }
}

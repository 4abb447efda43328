import MartletCheckpoints
import MartletTensors
import MartletTokenizers
import MartletTransformers

/// The JSON files of a Hugging Face folder, its templates and its README, beside weights and a vocabulary that are sound.
func readModelFolder(_ input: [UInt8]) {
  let names = [
    "config.json", "tokenizer_config.json", "generation_config.json", "modules.json", "1_Pooling/config.json",
    "sentence_bert_config.json", "config_sentence_transformers.json", "chat_template.json",
    "chat_template.jinja", "README.md", "additional_chat_templates/tool_use.jinja",
  ]
  let sound: [(name: String, bytes: [UInt8])] = [
    ("model.safetensors", TinyLlama.safetensors),
    ("vocab.json", Array("{\"a\":0,\"b\":1,\"ab\":2,\"<|endoftext|>\":3}".utf8)),
    ("merges.txt", Array("a b\n".utf8)),
  ]
  withFolder(files(names, of: input) + sound) { path in
    guard let checkpoint = try? Checkpoint.open(path) else { return }
    _ = (checkpoint.contextLength, checkpoint.quantization)
    _ = try? checkpoint.fingerprint()
    if let tokenizer = try? checkpoint.makeTokenizer() { use(tokenizer) }
    convert(checkpoint, to: path + "/converted.gguf", .q8_0, tokenizer: false)
    run(checkpoint)
  }
}

/// An index with the files that it names: `1.safetensors` and `2.safetensors`.
func readShardedModel(_ input: [UInt8]) {
  let index = "model.safetensors.index.json"
  withFolder(files([index, "1.safetensors", "2.safetensors"], of: input)) { path in
    if let model = try? ShardedSafetensors(indexPath: "\(path)/\(index)") { readAll(model) }
  }
}

/// GPT-2's `vocab.json` and `merges.txt`.
func readGPT2Files(_ input: [UInt8]) {
  let parts = parts(of: input)
  guard parts.count > 1 else { return }
  if let tokenizer = try? Tokenizer(vocabularyJSON: parts[0], merges: parts[1]) { use(tokenizer) }
}

private let device = try? Device(threads: 1)

/// Builds the model that the configuration describes, and takes a few tokens through it.
private func run(_ checkpoint: Checkpoint) {
  guard let device else { return }
  _ = try? PretrainedModels.loadEncoder(checkpoint, precision: .float32, device: device)
  guard let model = try? PretrainedModels.loadDecoder(checkpoint, precision: .float32, device: device),
    let states = try? model.hiddenStates(of: PackedBatch([0, 1, 3], cache: model.makeCache()))
  else { return }
  _ = model.logits(of: states)
}

/// The smallest Llama: a vocabulary of 4, one layer, one head, 16 wide.
private enum TinyLlama {
  static let safetensors: [UInt8] = {
    let layer = "model.layers.0."
    let shapes: [(String, [Int])] =
      [("model.embed_tokens", [4, 16]), ("model.norm", [16])]
      + ["input_layernorm", "post_attention_layernorm"].map { (layer + $0, [16]) }
      + ["q", "k", "v", "o"].map { (layer + "self_attn.\($0)_proj", [16, 16]) }
      + ["gate", "up"].map { (layer + "mlp.\($0)_proj", [32, 16]) }
      + [(layer + "mlp.down_proj", [16, 32])]
    var entries: [String] = []
    var offset = 0
    for (name, shape) in shapes {
      let end = offset + shape.reduce(4, *)
      entries.append(
        "\"\(name).weight\":{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    let header = Array("{\(entries.joined(separator: ","))}".utf8)
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
    // 0.5 in each place.
    return length + header + (0..<offset / 4).flatMap { _ in [0, 0, 0, 0x3F] as [UInt8] }
  }()
}

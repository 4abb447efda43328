import MartletJSON

/// The files of sentence-transformers, member by member (its modules `Transformer`, `Pooling`, `Normalize`, `Dropout`).
extension SentenceEmbeddingConfiguration {
  /// `sentence_bert_config.json`, under whatever name an early version gave it.
  static func transformerFile(of folder: ModelFolder) throws(CheckpointError) -> FileMembers? {
    for kind in ["bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"] {
      if let file = try FileMembers("sentence_\(kind)_config.json", of: folder), !file.members.isEmpty {
        return file
      }
    }
    return nil
  }

  static func checkTransformer(_ file: FileMembers, warnings: inout [String]) throws(CheckpointError) {
    try file.check(
      // unpad_inputs and backend choose how Python computes.
      accepted: ["max_seq_length", "do_lower_case", "unpad_inputs", "backend", "modality_config"],
      only: [
        "transformer_task": ["feature-extraction"], "module_output_name": ["token_embeddings"],
        "processing_kwargs": [], "query_length": [], "document_length": [], "query_expansion": [],
        "tokenizer_name_or_path": [], "model_args": [], "model_kwargs": [], "tokenizer_args": [],
        "processor_kwargs": [], "config_args": [], "config_kwargs": [],
      ], warnings: &warnings)
    if let text = file.members["modality_config"]?["text"],
      text["method"] != "forward" || text["method_output_name"] != "last_hidden_state"
    {
      throw file.refusal("modality_config", text)
    }
  }

  static func checkPooling(
    _ file: FileMembers, model: JSONObject, warnings: inout [String]
  ) throws(CheckpointError) {
    try file.check(
      accepted: [
        "word_embedding_dimension", "embedding_dimension", "pooling_mode", "pooling_mode_cls_token",
        "pooling_mode_mean_tokens", "pooling_mode_max_tokens", "pooling_mode_mean_sqrt_len_tokens",
        "pooling_mode_weightedmean_tokens", "pooling_mode_lasttoken", "include_prompt",
      ], only: [:], warnings: &warnings)
    for key in ["word_embedding_dimension", "embedding_dimension"] {
      guard let stated = file.members[key]?.intValue, let width = model["hidden_size"]?.intValue,
        stated != width
      else { continue }
      warnings.append(
        "\(file.file) says \"\(key)\" is \(stated), but the model's vectors have \(width) numbers.")
    }
  }

  static func checkNormalize(_ file: FileMembers, warnings: inout [String]) throws(CheckpointError) {
    try file.check(
      accepted: [],
      only: ["module_input_name": ["sentence_embedding"], "module_output_name": ["sentence_embedding"]],
      warnings: &warnings)
  }

  /// `config_sentence_transformers.json`.
  mutating func readModelFile(_ file: FileMembers, warnings: inout [String]) throws(CheckpointError) {
    try file.check(
      accepted: ["__version__", "prompts", "default_prompt_name", "similarity_fn_name"],
      only: ["model_type": ["SentenceTransformer"], "truncate_dim": []], warnings: &warnings)
    for (name, text) in file.members["prompts"]?.objectValue ?? [:] { prompts[name] = text.stringValue }
    defaultPrompt = file.members["default_prompt_name"]?.stringValue
    if let name = defaultPrompt, prompts[name] == nil {
      throw .malformed(
        file: file.file, field: "default_prompt_name", offset: nil, problem: "there is no prompt \"\(name)\"")
    }
    if let measure = file.members["similarity_fn_name"]?.stringValue, measure != "cosine", !normalizes {
      warnings.append(
        "The model's makers compare its vectors by \(measure) (similarity_fn_name); Martlet's search compares by cosine."
      )
    }
  }
}

import Foundation
import MartletCheckpoints
import MartletEmbedding
import MartletJSON
import MartletTensors
import Testing

@Suite("Vectors of models with other pooling, prompts and limits are sentence-transformers'")
struct VariantTests {
  @Test(
    "Plain texts, queries and documents agree to 1e-5, at the model's own limit", arguments: TinyBERT.variants
  )
  func vectors(variant: String) throws {
    let reference = try TinyBERT.reference()
    let texts = (reference["texts"]?.arrayValue ?? []).compactMap(\.stringValue)
    let expected = try #require(reference["variants"]?[variant])
    try TinyBERT.with(variant) { tiny in
      let embedder = try tiny.embedder()
      #expect(embedder.maximumTokens == expected["limit"]?.intValue)
      for role in TextRole.allCases {
        let rows = try #require(expected[role.rawValue]?.arrayValue)
        let found = try embedder.embed(texts, as: role)
        #expect(found.count == rows.count && rows.count == texts.count)
        for (text, (embedding, row)) in zip(texts, zip(found, rows)) {
          let values = (row.arrayValue ?? []).map { Float($0.doubleValue ?? .nan) }
          let difference = zip(embedding.vector, values).map { abs($0 - $1) }.max() ?? .infinity
          // Of vectors that are longer than 1, relative to their numbers.
          let scale = max(1, values.map(abs).max() ?? 1)
          #expect(
            values.count == embedder.dimension && difference < 1e-5 * scale, "\(role), \(text.prefix(30))")
        }
        #expect(found.map(\.isTruncated) == [false, false, false, false, true])
        #expect(found.last?.tokenCount == embedder.maximumTokens)
      }
    }
  }

  @Test("Prompts are told apart by role; a default prompt is that of plain texts only")
  func prompts() throws {
    try TinyBERT.with("prompts") { tiny in
      let prompts = try tiny.embedder().prompts
      #expect(prompts == [.query: "query: ", .document: "passage: "])
    }
    try TinyBERT.with("default-prompt") { tiny in
      #expect(
        try tiny.embedder().prompts == [.plain: "this sentence: ", .query: "query: ", .document: ""])
      // E5 and others call their documents passages.
      try tiny.rewrite(
        "config_sentence_transformers.json", ["prompts": ["query": "q: ", "passage": "p: ", "document": nil]])
      #expect(try tiny.embedder().prompts == [.query: "q: ", .document: "p: "])
    }
  }

  @Test("A folder's README says which languages its model knows")
  func languages() throws {
    try TinyBERT.with("cls") { tiny in
      let path = tiny.folder.path()
      #expect(try SentenceEmbedder.open(named: path, device: Device(threads: 1)).languages.isEmpty)
      try Data("---\nlanguage: en\n---\n".utf8).write(to: tiny.folder.appending(path: "README.md"))
      #expect(try SentenceEmbedder.open(named: path, device: Device(threads: 1)).languages == ["en"])
    }
  }

  @Test("The truth values of earlier versions name the same pooling")
  func earlierPooling() throws {
    try TinyBERT.with("cls") { tiny in
      let stated = try tiny.checkpoint().sentenceEmbedding
      #expect(stated?.pooling == .firstToken && stated?.normalizes == true)
      try tiny.rewrite(
        "1_Pooling/config.json",
        [
          "word_embedding_dimension": 32, "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false,
          "pooling_mode_max_tokens": false, "pooling_mode_mean_sqrt_len_tokens": false,
        ])
      #expect(try tiny.checkpoint().sentenceEmbedding == stated)
    }
  }

  static let unsupported: [(file: String, contents: JSON, word: String)] = [
    ("1_Pooling/config.json", ["pooling_mode": ["cls", "mean"]], "cls and mean"),
    ("1_Pooling/config.json", ["pooling_mode": "median"], "median"),
    ("1_Pooling/config.json", ["embedding_dimension": 32], "no way of pooling"),
    ("1_Pooling/config.json", ["pooling_mode": "cls", "include_prompt": false], "include_prompt"),
    ("sentence_bert_config.json", ["query_length": 8], "query_length"),
    (
      "modules.json", [["type": "sentence_transformers.base.modules.dense.Dense", "path": "2_Dense"]], "Dense"
    ),
    ("modules.json", [transformer, pooling, dense], "Dense"), ("modules.json", [transformer], "Pooling"),
    ("modules.json", [transformer, pooling, pooling], "Pooling"), ("modules.json", [pooling], "Transformer"),
    ("modules.json", [["type": "custom_st.Transformer", "path": ""], pooling], "custom_st.Transformer"),
    (
      "modules.json", [["type": "sentence_transformers.models.Transformer", "path": "0_BERT"], pooling],
      "0_BERT"
    ),
    (
      "modules.json", [transformer, pooling, ["type": "sentence_transformers.models.LayerNorm"]], "LayerNorm"
    ),
    ("2_Normalize/config.json", ["module_input_name": "token_embeddings"], "module_input_name"),
    ("sentence_bert_config.json", ["transformer_task": "fill-mask"], "transformer_task"),
    ("sentence_bert_config.json", ["module_output_name": "sentence_embedding"], "module_output_name"),
    ("sentence_bert_config.json", ["processing_kwargs": ["text": ["max_length": 8]]], "processing_kwargs"),
    ("sentence_bert_config.json", ["model_args": ["attn_implementation": "x"]], "model_args"),
    ("sentence_bert_config.json", ["tokenizer_args": ["model_max_length": 8]], "tokenizer_args"),
    ("sentence_bert_config.json", ["query_expansion": ["length": 32]], "query_expansion"),
    (
      "sentence_bert_config.json",
      ["modality_config": ["text": ["method": "get_text_features", "method_output_name": "x"]]],
      "modality_config"
    ),
    ("config_sentence_transformers.json", ["truncate_dim": 16], "truncate_dim"),
    ("config_sentence_transformers.json", ["model_type": "SparseEncoder"], "model_type"),
    ("config_sentence_transformers.json", ["default_prompt_name": "nowhere"], "nowhere"),
    ("tokenizer_config.json", ["truncation_side": "left"], "truncation_side"),
    ("tokenizer_config.json", ["split_special_tokens": true], "split_special_tokens"),
  ]
  private static let transformer: JSON = ["type": "sentence_transformers.models.Transformer", "path": ""]
  private static let pooling: JSON = ["type": "sentence_transformers.models.Pooling", "path": "1_Pooling"]
  private static let dense: JSON = ["type": "sentence_transformers.models.Dense", "path": "2_Dense"]

  @Test(
    "What would make other vectors is refused by its name, never left out", arguments: unsupported.indices)
  func refusals(index: Int) throws {
    let (file, contents, word) = Self.unsupported[index]
    try TinyBERT.with("cls") { tiny in
      try tiny.rewrite(file, contents)
      let error = #expect(throws: (any Error).self) { try tiny.embedder() }
      #expect(error.map { "\($0)".contains(word) } == true, "\(error.map { "\($0)" } ?? "")")
    }
  }

  private static let unknown: [(file: String, contents: JSON)] = [
    ("sentence_bert_config.json", ["max_seq_length": 48, "made_up": 1]),
    ("1_Pooling/config.json", ["pooling_mode": "cls", "made_up": 1]),
    ("2_Normalize/config.json", ["made_up": 1]),
    ("config_sentence_transformers.json", ["made_up": 1]),
    ("tokenizer_config.json", ["model_max_length": 48, "made_up": 1]),
    ("config_sentence_transformers.json", ["similarity_fn_name": "dot"]),
    ("1_Pooling/config.json", ["pooling_mode": "cls", "embedding_dimension": 64]),
  ]

  @Test("A dense layer whose file holds another one, or is not there, is refused")
  func damagedDenseLayer() throws {
    try TinyBERT.with("dense") { tiny in
      try tiny.change("3_Dense/config.json", ["out_features": 8])
      #expect(throws: EmbeddingError.self) { try tiny.embedder() }
      try tiny.change("3_Dense/config.json", ["out_features": 16, "in_features": 25])
      #expect(throws: CheckpointError.self) { try tiny.embedder() }
      try FileManager.default.removeItem(at: tiny.folder.appending(path: "2_Dense/model.safetensors"))
      #expect(throws: CheckpointError.self) { try tiny.embedder() }
    }
  }

  @Test("A setting that is not known is named in a warning with its file", arguments: unknown.indices)
  func warnings(index: Int) throws {
    let (file, contents) = Self.unknown[index]
    try TinyBERT.with("cls") { tiny in
      #expect(try tiny.embedder().warnings == [])
      try tiny.rewrite(file, contents)
      // Without normalization it matters how vectors are compared.
      if file.hasPrefix("config_sentence") {
        try tiny.rewrite("modules.json", [Self.transformer, Self.pooling])
      }
      let warnings = try tiny.embedder().warnings
      let word = ["similarity_fn_name", "embedding_dimension"].first { contents[$0] != nil } ?? "made_up"
      #expect(warnings.count == 1 && warnings.first?.contains(word) == true, "\(warnings)")
      if word == "made_up" { #expect(warnings.first?.contains(file) == true) }
    }
  }

  /// A normalizer, what other files set beside it, and how the first and the second text then begin: the values are
  /// sentence-transformers'.
  private static let casings:
    [(normalizer: JSON, sentence: JSON, tokenizer: JSON, mixed: Float, lower: Float)] = [
      (bert(lowercase: false), [:], [:], cased, lower), (bert(lowercase: false), lowering, [:], lower, lower),
      (bert(lowercase: true), lowering, [:], stripped, stripped), (.null, lowering, [:], lower, lower),
      (
        ["type": "Sequence", "normalizers": [["type": "NFD"], ["type": "StripAccents"]]], lowering, [:],
        stripped, stripped
      ),
      (
        bert(lowercase: false), [:], ["tokenizer_class": "BertTokenizer", "do_lower_case": true], stripped,
        stripped
      ),
      (
        bert(lowercase: true), [:], ["tokenizer_class": "BertTokenizer", "do_lower_case": false], cased, lower
      ),
      (
        bert(lowercase: true), [:], ["tokenizer_class": "BertTokenizerFast", "strip_accents": false], lower,
        lower
      ),
      (
        bert(lowercase: false), [:], ["tokenizer_class": "PreTrainedTokenizerFast", "do_lower_case": true],
        cased,
        lower
      ),
    ]
  private static let lowering: JSON = ["do_lower_case": true]
  private static let (cased, lower, stripped): (Float, Float, Float) = (0.055461, 0.064854, 0.055746)

  private static func bert(lowercase: Bool) -> JSON {
    [
      "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": nil,
      "lowercase": .bool(lowercase),
    ]
  }

  @Test(
    "Texts are lower-cased where sentence-transformers' or the tokenizer's configuration says so",
    arguments: casings.indices)
  func lowercasing(index: Int) throws {
    let (normalizer, sentence, tokenizer, mixed, lower) = Self.casings[index]
    try TinyBERT.with("cls") { tiny in
      try tiny.change("tokenizer.json", ["normalizer": normalizer])
      try tiny.change("sentence_bert_config.json", sentence)
      try tiny.change("tokenizer_config.json", tokenizer)
      let vectors = try tiny.embedder().embed(["The É Swift NEVER lands", "the é swift never lands"])
      for (vector, value) in zip(vectors, [mixed, lower]) {
        #expect(abs((vector.vector.first ?? 0) - value) < 1e-5, "\(vector.vector.first ?? 0)")
      }
    }
  }
}

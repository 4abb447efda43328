import Checkpoints
import Embedding
import Foundation
import JSON
import Tensors
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
          #expect(values.count == embedder.dimension && difference < 1e-5, "\(role), \(text.prefix(30))")
        }
        #expect(found.map(\.isTruncated) == [false, false, false, false, true])
        #expect(found.last?.tokens == embedder.maximumTokens)
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
    ("1_Pooling/config.json", ["pooling_mode": "weightedmean"], "weightedmean"),
    ("1_Pooling/config.json", ["pooling_mode_mean_sqrt_len_tokens": true], "mean_sqrt_len_tokens"),
    ("1_Pooling/config.json", ["embedding_dimension": 32], "no way of pooling"),
    ("1_Pooling/config.json", ["pooling_mode": "cls", "include_prompt": false], "include_prompt"),
    ("1_Pooling/config.json", ["pooling_mode": "max"], "max"),
    ("sentence_bert_config.json", ["query_length": 8], "query_length"),
    (
      "modules.json", [["type": "sentence_transformers.base.modules.dense.Dense", "path": "2_Dense"]], "Dense"
    ),
  ]

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
}

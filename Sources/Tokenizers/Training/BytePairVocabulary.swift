import MartletJSON

/// A vocabulary of byte pairs that was learned.
public struct BytePairVocabulary: Sendable, Equatable {
  /// Two neighbours that become one token.
  public struct Merge: Sendable, Hashable {
    /// The token on the left.
    public let left: TokenID
    /// The token on the right.
    public let right: TokenID
  }

  /// How the tokens are spelled, by id: special tokens first, then bytes as GPT-2 writes them, then what was learned.
  public let tokens: PackedStrings
  /// The pairs, in the order in which they are merged.
  public let merges: [Merge]
  /// The tokens that stand for no text.
  public let specialTokens: [String]

  /// The token that ends a text: `<|endoftext|>`, or the first special one where that is not among them.
  public var endOfText: String? {
    specialTokens.first { $0 == "<|endoftext|>" } ?? specialTokens.first
  }

  /// The tokenizer that has this vocabulary.
  /// - Throws: ``TokenizerError`` where a special token cannot be one.
  public func makeTokenizer() throws(TokenizerError) -> Tokenizer {
    var tokenizer = try Tokenizer(tokenizerJSON: tokenizerJSON())
    if let end = endOfText.flatMap({ tokenizer.id(of: $0) }) {
      tokenizer.special.eos = end
      tokenizer.special.endOfGeneration = [end]
    }
    return tokenizer
  }

  /// The contents of the `tokenizer.json` that Hugging Face `tokenizers` reads.
  public func tokenizerJSON() -> JSON {
    var vocabulary = JSONObject()
    for (id, token) in tokens.enumerated() { vocabulary[token] = JSON(id) }
    let bytes: JSON = [
      "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
    ]
    let added = specialTokens.enumerated().map { id, token -> JSON in
      [
        "id": JSON(id), "content": .string(token), "single_word": false, "lstrip": false, "rstrip": false,
        "normalized": false, "special": true,
      ]
    }
    let pairs = merges.map { merge -> JSON in
      [.string(tokens[Int(merge.left)]), .string(tokens[Int(merge.right)])]
    }
    return [
      "version": "1.0", "truncation": .null, "padding": .null, "added_tokens": .array(added),
      "normalizer": .null, "pre_tokenizer": bytes,
      "post_processor": [
        "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true,
      ],
      "decoder": bytes,
      "model": [
        "type": "BPE", "dropout": .null, "unk_token": .null, "continuing_subword_prefix": .null,
        "end_of_word_suffix": .null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
        "vocab": .object(vocabulary), "merges": .array(pairs),
      ],
    ]
  }

  /// The contents of the `tokenizer_config.json` that transformers reads beside it: which token ends a text, and that the
  /// spaces of a text stay as they are.
  public func tokenizerConfiguration() -> JSON {
    var members: JSONObject = [
      "tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": false,
    ]
    if let end = endOfText {
      for name in ["bos_token", "eos_token", "unk_token"] { members[name] = .string(end) }
    }
    if let padding = specialTokens.first(where: { ["<|pad|>", "<pad>", "[PAD]"].contains($0) }) {
      members["pad_token"] = .string(padding)
    }
    return .object(members)
  }
}

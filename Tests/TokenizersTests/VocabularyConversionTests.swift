import Foundation
import MartletJSON
import MartletTokenizers
import Testing

/// `tokenizer.json` to a GGUF vocabulary and back.
@Suite("Vocabularies are converted with the same ids")
struct VocabularyConversionTests {
  /// The special tokens that a tokenizer has, as a GGUF file states them.
  private func vocabulary(_ json: JSON, like tokenizer: Tokenizer) throws -> GGUFVocabulary {
    var vocabulary = try GGUFVocabulary(tokenizerJSON: json)
    vocabulary.addsBOS = false
    vocabulary.classificationID = tokenizer.special.classification.map { Int($0) }
    vocabulary.separatorID = tokenizer.special.separator.map { Int($0) }
    return vocabulary
  }

  @Test("BPE with bytes is a SentencePiece vocabulary, whose scores follow from its merges")
  func bytes() throws {
    let fixture = try Fixture.read("bpe-bytes")
    let json = try #require(fixture["tokenizer"])
    let tokenizer = try Tokenizer(tokenizerJSON: json)
    let converted = try vocabulary(json, like: tokenizer)
    #expect(converted.model == "llama" && converted.addsSpacePrefix == true)
    let gguf = try Tokenizer(gguf: converted)
    let back = try Tokenizer(tokenizerJSON: converted.tokenizerJSON())
    for line in try #require(fixture["cases"]?.arrayValue) {
      let text = try #require(line["text"]?.stringValue)
      let ids = Fixture.ids(line["ids"])
      #expect(gguf.encode(text, parseSpecialTokens: true) == ids, "\(text.debugDescription)")
      #expect(back.encode(text, parseSpecialTokens: true) == ids, "back: \(text.debugDescription)")
    }
  }

  @Test("A SentencePiece vocabulary gets the merges that its scores mean")
  func sentencePiece() throws {
    let fixture = try Fixture.read("sentencepiece-bpe")
    var vocabulary = GGUFVocabulary(
      model: "llama", tokens: PackedStrings(fixture["pieces"]?.arrayValue?.compactMap(\.stringValue) ?? []))
    vocabulary.scores = fixture["scores"]?.arrayValue?.compactMap { $0.doubleValue.map { Float($0) } } ?? []
    vocabulary.tokenTypes = Fixture.ids(fixture["types"])
    vocabulary.unknownID = 0
    vocabulary.addsBOS = false
    let gguf = try Tokenizer(gguf: vocabulary)
    let json = try Tokenizer(tokenizerJSON: vocabulary.tokenizerJSON())
    for line in try #require(fixture["cases"]?.arrayValue) {
      let text = try #require(line["text"]?.stringValue)
      #expect(json.encode(text) == gguf.encode(text), "\(text.debugDescription)")
    }
  }

  private func byteLevel(_ preTokenizer: String) throws -> GGUFVocabulary {
    var tokens = ["<s>", "</s>", "<tool>"]
    // The alphabet of bytes: printable ones stand for themselves, others for signs from U+0100 on.
    let visible = Set(33...126).union(161...172).union(174...255)
    var next = 256
    for byte in 0..<256 {
      let scalar = visible.contains(byte) ? byte : next
      if !visible.contains(byte) { next += 1 }
      tokens.append(String(try #require(UnicodeScalar(scalar))))
    }
    tokens += ["th", "the", "Ġthe", "Ġt", "12", "123", "ab", "[PAD266]", "[PAD267]"]
    let types: [Int32] = [3, 3, 4] + Array(repeating: 1, count: 263) + [5, 5]
    var vocabulary = GGUFVocabulary(
      model: "gpt2", preTokenizer: preTokenizer, tokens: PackedStrings(tokens), tokenTypes: types,
      merges: ["t h", "th e", "Ġ t", "Ġ the", "1 2", "12 3", "a b"], bosID: 0, eosID: 1)
    vocabulary.addsBOS = true
    return vocabulary
  }

  @Test(
    "A way of splitting is found again by its pattern",
    arguments: ["gpt-2", "smollm", "qwen2", "llama-bpe", "smaug-bpe", "gpt-4o", "tekken"])
  func splitting(name: String) throws {
    let vocabulary = try byteLevel(name)
    let json = try vocabulary.tokenizerJSON()
    let (gguf, tokenizer) = (try Tokenizer(gguf: vocabulary), try Tokenizer(tokenizerJSON: json))
    #expect(json["model"]?["vocab"]?["[PAD266]"] == nil)
    for text in ["the the 12345 ab", "isn't THE\n\n x", "cafe\u{301} ÅB<tool>the</s>", "camelCase 日本"] {
      for parses in [false, true] {
        #expect(
          gguf.encode(text, addSpecialTokens: true, parseSpecialTokens: parses)
            == tokenizer.encode(text, addSpecialTokens: true, parseSpecialTokens: parses), "\(text)")
      }
    }
    let back = try GGUFVocabulary(tokenizerJSON: json, size: vocabulary.tokens.count)
    #expect(back.preTokenizer == name && back.tokens == vocabulary.tokens && back.merges == vocabulary.merges)
    #expect(back.tokenTypes == vocabulary.tokenTypes)
  }

  @Test("WordPiece keeps its ids, before accents too")
  func wordPiece() throws {
    let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "▁the", "s", "▁\u{93F}", "\u{93F}", "▁a", "##"]
    var vocabulary = GGUFVocabulary(
      model: "bert", tokens: PackedStrings(tokens), tokenTypes: [3, 3, 3, 3, 1, 1, 1, 1, 1, 1], unknownID: 1)
    vocabulary.classificationID = 2
    vocabulary.separatorID = 3
    let json = try vocabulary.tokenizerJSON()
    #expect(json["model"]?["vocab"]?["##s"] == 5 && json["model"]?["vocab"]?["\u{93F}"] == 6)
    let (gguf, tokenizer) = (try Tokenizer(gguf: vocabulary), try Tokenizer(tokenizerJSON: json))
    for text in ["The thes a", "\u{93F} a", "[SEP] the"] {
      #expect(
        gguf.encode(text, addSpecialTokens: true, parseSpecialTokens: true)
          == tokenizer.encode(text, addSpecialTokens: true, parseSpecialTokens: true))
    }
    let back = try GGUFVocabulary(tokenizerJSON: json)
    #expect(back.tokens == vocabulary.tokens && back.unknownID == 1)
  }

  @Test(
    "What GGUF has no words for is named",
    arguments: [
      ("unigram-bytes", "Unigram"), ("bpe-fused", "byte_fallback"), ("bpe-prefix-space", "add_prefix_space"),
      ("wordpiece-added", "pre_tokenizer"), ("wordpiece-no-decoder", "normalizer"),
    ])
  func refused(name: String, part: String) throws {
    let json = try #require(Fixture.read(name)["tokenizer"])
    #expect {
      try GGUFVocabulary(tokenizerJSON: json)
    } throws: {
      "\($0)".contains(part)
    }
    let unigram = GGUFVocabulary(model: "t5", tokens: ["a"], scores: [0])
    #expect(throws: TokenizerError.self) { try unigram.tokenizerJSON() }
    var twice = try byteLevel("gpt-2")
    twice.tokens = PackedStrings(Array(twice.tokens.dropLast(4)) + ["ab", "ab", "c", "d"])
    twice.tokenTypes = Array(repeating: 1, count: twice.tokens.count)
    #expect(throws: TokenizerError.self) { try twice.tokenizerJSON() }
  }
}

import MartletJSON
import MartletSeededRandom
import MartletTokenizers
import Testing

@Suite("A damaged or hostile tokenizer file is refused with a reason")
struct HostileTests {
  static let wordPiece =
    #"{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "a": 1, "b": 2}}, "pre_tokenizer": {"type": "BertPreTokenizer"}}"#
  static let bytePairs =
    #"{"model": {"type": "BPE", "vocab": {"<unk>": 0, "a": 1, "b": 2, "ab": 3}, "merges": ["a b"]}}"#
  static let unigram = #"{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["a", -1.5]]}}"#

  /// A file of which one part is replaced.
  private func error(_ file: String, _ old: String, _ new: String) -> TokenizerError? {
    #expect(file.contains(old))
    let changed = file.replacing(old, with: new)
    do {
      _ = try Tokenizer(tokenizerJSON: Array(changed.utf8))
      return nil
    } catch {
      return error
    }
  }

  @Test("The files that the tests damage are sound", arguments: [wordPiece, bytePairs, unigram])
  func sound(file: String) throws {
    let tokenizer = try Tokenizer(tokenizerJSON: Array(file.utf8))
    #expect(tokenizer.encode("a").count == 1)
  }

  @Test("Every beginning of a file is refused", arguments: [wordPiece, bytePairs, unigram])
  func truncated(file: String) {
    let bytes = Array(file.utf8)
    for count in 0..<bytes.count {
      #expect(throws: TokenizerError.self) { try Tokenizer(tokenizerJSON: Array(bytes[..<count])) }
    }
  }

  @Test(
    "Members of the wrong kind are named",
    arguments: [
      (#""WordPiece""#, "17", "model.type"), (#"{"[UNK]": 0, "a": 1, "b": 2}"#, "[]", "model.vocab"),
      (#"{"[UNK]": 0, "a": 1, "b": 2}"#, "{}", "model.vocab"), (#""a": 1"#, #""a": "1""#, "model.vocab"),
      (#""a": 1"#, #""a": -1"#, "model.vocab"), (#""a": 1"#, #""a": 1.5"#, "model.vocab"),
      (#""a": 1"#, #""a": 0"#, "model.vocab"), (#""a": 1"#, #""a": 99999999999999999999"#, "model.vocab"),
      (#""a": 1"#, #""a": 1e300"#, "model.vocab"), (#""a": 1"#, #""a": 16000000"#, "model.vocab"),
      (#""[UNK]": 0"#, #""[OTHER]": 0"#, "model.unk_token"),
      (#"{"type": "BertPreTokenizer"}"#, #"["BertPreTokenizer"]"#, "pre_tokenizer"),
      (#"{"type": "BertPreTokenizer"}"#, "{}", "pre_tokenizer.type"),
      (
        #"{"type": "BertPreTokenizer"}"#, #"{"type": "Sequence", "pretokenizers": 3}"#,
        "pre_tokenizer.pretokenizers"
      ),
      (
        #""pre_tokenizer""#,
        #""normalizer": {"type": "BertNormalizer", "lowercase": "yes"}, "pre_tokenizer""#,
        "normalizer.lowercase"
      ),
      (#""pre_tokenizer""#, #""added_tokens": {}, "pre_tokenizer""#, "added_tokens"),
      (
        #""pre_tokenizer""#, #""added_tokens": [{"id": -1, "content": "x"}], "pre_tokenizer""#,
        "added_tokens[0].id"
      ),
      (#""pre_tokenizer""#, #""added_tokens": [{"id": 3}], "pre_tokenizer""#, "added_tokens[0].content"),
      (
        #""pre_tokenizer""#,
        #""post_processor": {"type": "BertProcessing", "sep": ["x", 9], "cls": ["x", 0]}, "pre_tokenizer""#,
        "post_processor.sep"
      ),
      (
        #""pre_tokenizer""#,
        #""post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}]}, "pre_tokenizer""#,
        "post_processor.special_tokens.x"
      ),
      (
        #""type": "WordPiece""#, #""type": "WordPiece", "max_input_chars_per_word": -5"#,
        "model.max_input_chars_per_word"
      ),
    ])
  func wrongKinds(old: String, new: String, field: String) throws {
    let found = try #require(error(Self.wordPiece, old, new), "\(new) was accepted")
    switch found {
    case .malformed(let name, _), .missing(let name), .unsupported(let name, _, _): #expect(name == field)
    case .notJSON(let error): Issue.record("not JSON: \(error)")
    }
    #expect(found.description.contains(field))
  }

  @Test(
    "Parts that are not known are named with what is known",
    arguments: [
      (#""type": "WordPiece""#, #""type": "WordLevel""#, "model.type", "WordLevel"),
      (#""BertPreTokenizer""#, #""UnicodeScripts""#, "pre_tokenizer.type", "UnicodeScripts"),
      (
        #""pre_tokenizer""#,
        #""normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Magic"}]}, "pre_tokenizer""#,
        "normalizer.normalizers[1].type", "Magic"
      ),
      (
        #""pre_tokenizer""#,
        #""normalizer": {"type": "Replace", "pattern": {"Regex": "a|b"}, "content": "c"}, "pre_tokenizer""#,
        "normalizer.pattern", "a|b"
      ),
      (#""pre_tokenizer""#, #""decoder": {"type": "CTC"}, "pre_tokenizer""#, "decoder.type", "CTC"),
      (
        #""pre_tokenizer""#, #""post_processor": {"type": "Other"}, "pre_tokenizer""#, "post_processor.type",
        "Other"
      ),
      (
        #"{"type": "BertPreTokenizer"}"#, #"{"type": "Metaspace", "prepend_scheme": "sometimes"}"#,
        "pre_tokenizer.prepend_scheme", "sometimes"
      ),
      (#"{"type": "BertPreTokenizer"}"#, #"{"type": "ByteLevel"}"#, "pre_tokenizer.type", "ByteLevel"),
    ])
  func unknownParts(old: String, new: String, field: String, value: String) throws {
    guard case .unsupported(let name, let found, let known) = error(Self.wordPiece, old, new) else {
      return _ = Issue.record("\(new) was accepted")
    }
    #expect(name == field)
    #expect(found.contains(value))
    #expect(!known.isEmpty)
  }

  @Test(
    "Steps of a byte-level pre-tokenizer that are not known are named",
    arguments: [
      (#"{"type": "Split", "pattern": {"Regex": "a|b"}}"#, "pretokenizers[0].pattern"),
      (#"{"type": "Split", "pattern": {"Regex": "[^a]+"}}"#, "pretokenizers[0].pattern"),
      (#"{"type": "Split", "pattern": {"Regex": "[b-a]"}}"#, "pretokenizers[0].pattern"),
      (#"{"type": "Split", "pattern": {"Regex": "[a"}}"#, "pretokenizers[0].pattern"),
      (#"{"type": "Split", "pattern": {"Regex": "[a\\"}}"#, "pretokenizers[0].pattern"),
      (#"{"type": "Split", "pattern": {"Regex": "[]"}}"#, "pretokenizers[0].pattern"),
      (#"{"type": "Split", "pattern": {"Regex": "[a]{2,1}"}}"#, "pretokenizers[0].pattern"),
      (#"{"type": "Split", "pattern": {"Regex": "[a]{,3}"}}"#, "pretokenizers[0].pattern"),
      (#"{"type": "Split", "pattern": {"Regex": "[a]{99999}"}}"#, "pretokenizers[0].pattern"),
      (#"{"type": "Split", "pattern": {"Regex": "\\p{Q}+"}}"#, "pretokenizers[0].pattern"),
      (#"{"type": "Split", "pattern": {"Regex": "\\s+$"}}"#, "pretokenizers[0].pattern"),
      (#"{"type": "Split", "pattern": {"Regex": ""}}"#, "pretokenizers[0].pattern"),
      (#"{"type": "Split", "pattern": {"String": "a"}}"#, "pretokenizers[0].pattern"),
      (#"{"type": "Split"}"#, "pretokenizers[0].pattern"),
      (
        #"{"type": "Split", "pattern": {"Regex": "[a]"}, "behavior": "MergedWithNext"}"#,
        "pretokenizers[0].behavior"
      ),
      (
        #"{"type": "Split", "pattern": {"Regex": "[a]"}, "behavior": "Removed", "invert": true}"#,
        "pretokenizers[0].pattern"
      ),
      (
        #"{"type": "Split", "pattern": {"Regex": "[a]"}, "behavior": "Removed"}"#, "pretokenizers[0].behavior"
      ),
      (#"{"type": "Punctuation", "behavior": "Removed"}"#, "pretokenizers[0].behavior"),
      (#"{"type": "ByteLevel"}"#, "pretokenizers[1].type"),
      (#"{"type": "Metaspace"}"#, "pretokenizers[0].type"),
    ])
  func byteLevelSteps(step: String, field: String) throws {
    let new =
      #""merges": ["a b"]}, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [\#(step), {"type": "ByteLevel"}]}"#
    let found = try #require(error(Self.bytePairs, #""merges": ["a b"]}"#, new), "\(step) was accepted")
    switch found {
    case .malformed(let name, _), .missing(let name), .unsupported(let name, _, _):
      #expect(name == "pre_tokenizer.\(field)")
    case .notJSON(let error): Issue.record("not JSON: \(error)")
    }
  }

  @Test(
    "Merges of tokens that are not there, or that are no pairs, are refused",
    arguments: [
      #"["a c"]"#, #"["b a"]"#, #"["ab"]"#, #"["a b c"]"#, #"[["a"]]"#, #"[["a", 1]]"#, "[3]", #"{"a": "b"}"#,
    ])
  func merges(merges: String) throws {
    guard case .malformed("model.merges", _) = error(Self.bytePairs, #"["a b"]"#, merges) else {
      return _ = Issue.record("\(merges) was accepted")
    }
  }

  @Test(
    "Scores that are none, and an unknown token outside the vocabulary, are refused",
    arguments: [
      ("-1.5", "1e999", "model.vocab"), ("-1.5", "null", "model.vocab"), ("-1.5", #""-1.5""#, "model.vocab"),
      (#"["a", -1.5]"#, #"["a"]"#, "model.vocab"), (#"["a", -1.5]"#, #"["a", -1.5, 1]"#, "model.vocab"),
      (#""unk_id": 0"#, #""unk_id": 2"#, "model.unk_id"), (#""unk_id": 0"#, #""unk_id": -1"#, "model.unk_id"),
      (#""unk_id": 0"#, #""unk_id": null"#, "model.unk_id"),
    ])
  func scores(old: String, new: String, field: String) throws {
    switch error(Self.unigram, old, new) {
    case .malformed(field, _), .missing(field): break
    case let other: Issue.record("\(new): \(String(describing: other))")
    }
  }

  @Test("Ten thousand nested normalizers end in an error, not in a full stack")
  func deep() {
    let open = String(repeating: #"{"type": "Sequence", "normalizers": ["#, count: 10_000)
    let close = String(repeating: "]}", count: 10_000)
    #expect(throws: TokenizerError.self) {
      try Tokenizer(tokenizerJSON: Array(#"{"normalizer": \#(open)\#(close), "model": {}}"#.utf8))
    }
  }

  @Test(
    "A character map that is cut or says what cannot be is refused, or does no harm",
    arguments: ["", "AAAA", "/////w==", "AQAAAAA=", "not base64!", "CAAAAP////////8/"])
  func characterMap(text: String) throws {
    let normalizer =
      #"{"type": "Precompiled", "precompiled_charsmap": "\#(text)"}, "model": {"type": "Unigram""#
    guard error(Self.unigram, #"{"type": "Unigram""#, normalizer) == nil else { return }
    Issue.record("\(text) was accepted")
  }

  @Test("A character map of noise ends every text in time", arguments: [1, 2, 3] as [UInt64])
  func noise(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var bytes: [UInt8] = [0, 4, 0, 0]
    for _ in 0..<1400 { bytes.append(UInt8.random(in: 0...255, using: &random)) }
    var vocabulary = GGUFVocabulary(
      model: "t5", tokens: ["<unk>", "a"], scores: [0, -1], tokenTypes: [2, 1])
    vocabulary.precompiledCharacterMap = bytes
    vocabulary.unknownID = 0
    let tokenizer = try Tokenizer(gguf: vocabulary)
    for _ in 0..<200 { #expect(tokenizer.encode(random.text(longest: 50)).count < 10_000) }
  }

  @Test("A GGUF vocabulary whose lists do not fit together is refused")
  func ggufLists() {
    let tokens: PackedStrings = ["<unk>", "a"]
    for vocabulary in [
      GGUFVocabulary(model: "t5", tokens: tokens, scores: [0]),
      GGUFVocabulary(model: "llama", tokens: tokens, scores: [0, .nan]),
      GGUFVocabulary(model: "llama", tokens: tokens, scores: [0, 1], tokenTypes: [1]),
      GGUFVocabulary(model: "llama", tokens: [], scores: []),
      GGUFVocabulary(model: "t5", tokens: tokens, scores: [0, 1], unknownID: 2),
      GGUFVocabulary(model: "t5", tokens: tokens, scores: [0, 1]),
      GGUFVocabulary(model: "gpt2", tokens: tokens, merges: ["a c"]),
      GGUFVocabulary(model: "gpt2", preTokenizer: "unheard-of", tokens: tokens),
      GGUFVocabulary(model: "rwkv", tokens: tokens),
    ] {
      #expect(throws: TokenizerError.self) { try Tokenizer(gguf: vocabulary) }
    }
  }
}

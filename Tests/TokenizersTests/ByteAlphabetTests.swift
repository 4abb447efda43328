import MartletJSON
import MartletTokenizers
import Testing

/// Byte-level vocabularies spell each byte as one visible character. Entries that are spelled otherwise may stand beside
/// them; the values are those of huggingface/tokenizers.
@Suite("A byte-level vocabulary with entries outside the byte alphabet")
struct ByteAlphabetTests {
  /// U+200D as it is, all bytes in GPT-2's order, then "âĢ" and "âĢį", which spell U+200D in the byte alphabet.
  private static let tokens: [String] = {
    let printable = Array(0x21...0x7E) + Array(0xA1...0xAC) + Array(0xAE...0xFF)
    let others = (0x100..<0x144).map { $0 }
    let alphabet = (printable + others).compactMap { UnicodeScalar($0).map { String(Character($0)) } }
    return ["\u{200D}"] + alphabet + ["âĢ", "âĢį"]
  }()
  private static let merges = ["â Ģ", "âĢ į"]

  private func huggingFace(ignoresMerges: Bool = false) throws -> Tokenizer {
    let vocabulary = JSONObject(Self.tokens.enumerated().map { ($1, JSON($0)) })
    let file: JSON = [
      "model": [
        "type": "BPE", "vocab": .object(vocabulary), "merges": .array(Self.merges.map { .string($0) }),
        "ignore_merges": .bool(ignoresMerges),
      ],
      "pre_tokenizer": ["type": "ByteLevel", "add_prefix_space": false, "use_regex": true],
      "decoder": ["type": "ByteLevel"],
    ]
    return try Tokenizer(tokenizerJSON: Array(file.serialized().utf8))
  }

  @Test(
    "Merging ends at the entry in the alphabet, not at the one with the same bytes", arguments: [false, true])
  func tokenizerJSON(ignoresMerges: Bool) throws {
    let tokenizer = try huggingFace(ignoresMerges: ignoresMerges)
    #expect(tokenizer.encode("a\u{200D}b") == [65, 258, 66])
    #expect(tokenizer.encode("\u{200D}") == [258])
    #expect(tokenizer.decode([65, 258, 66, 0]) == "a\u{200D}b\u{200D}")
  }

  @Test("The same vocabulary in a GGUF file gives the same ids", arguments: ["gpt-2", "llama-bpe"])
  func gguf(preTokenizer: String) throws {
    var vocabulary = GGUFVocabulary(model: "gpt2", tokens: PackedStrings(Self.tokens))
    vocabulary.merges = PackedStrings(Self.merges)
    vocabulary.preTokenizer = preTokenizer
    let tokenizer = try Tokenizer(gguf: vocabulary)
    #expect(tokenizer.encode("a\u{200D}b") == [65, 258, 66])
    #expect(tokenizer.encode("\u{200D}") == [258])
  }

  @Test("GPT-2's own files are read likewise")
  func gpt2() throws {
    let vocabulary = JSON.object(JSONObject(Self.tokens.enumerated().map { ($1, JSON($0)) }))
    let tokenizer = try Tokenizer(
      vocabularyJSON: Array(vocabulary.serialized().utf8),
      merges: Array(Self.merges.joined(separator: "\n").utf8))
    #expect(tokenizer.encode("a\u{200D}b") == [65, 258, 66])
  }
}

import MartletJSON
import MartletTokenizers
import Testing

@Suite("Fill-in-the-middle tokens")
struct FillInTheMiddleTests {
  /// A vocabulary of the letters a to f with these special tokens from 6 on.
  private func tokenizer(_ special: [String]) throws -> Tokenizer {
    var vocabulary = JSONObject()
    for (id, letter) in ["a", "b", "c", "d", "e", "Ċ"].enumerated() { vocabulary[letter] = JSON(id) }
    let added = special.enumerated().map { index, spelling -> JSON in
      [
        "id": JSON(6 + index), "content": .string(spelling), "single_word": false, "lstrip": false,
        "rstrip": false, "normalized": false, "special": true,
      ]
    }
    return try Tokenizer(tokenizerJSON: [
      "added_tokens": .array(added), "normalizer": .null,
      "pre_tokenizer": ["type": "ByteLevel", "add_prefix_space": false],
      "decoder": ["type": "ByteLevel"],
      "model": ["type": "BPE", "vocab": .object(vocabulary), "merges": []],
    ])
  }

  @Test("A vocabulary of Qwen2.5-Coder's kind has them all, and a repository's")
  func qwen() throws {
    let tokenizer = try tokenizer([
      "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>",
    ])
    let tokens = try #require(FillInTheMiddle(tokenizer))
    #expect(tokens.prefix == 6 && tokens.middle == 7 && tokens.suffix == 8)
    #expect(tokens.padding == 9 && tokens.repositoryName == 10 && tokens.fileSeparator == 11)
    #expect(tokens.end == nil)
    #expect(tokens.endTokens == [6, 7, 8, 9, 10, 11])
    #expect(tokens.prompt(before: [0, 1], after: [2]) == [6, 0, 1, 8, 2, 7])
    #expect(tokens.file(path: "a", text: "bc", tokenizer) == [11, 0, 5, 1, 2, 5])
  }

  @Test(
    "Other vocabularies spell them in their own ways",
    arguments: [
      ["<fim_prefix>", "<fim_suffix>", "<fim_middle>"], ["<fim-prefix>", "<fim-suffix>", "<fim-middle>"],
      ["▁<PRE>", "▁<SUF>", "▁<MID>"], ["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"],
    ])
  func spellings(_ spellings: [String]) throws {
    let tokenizer = try tokenizer(spellings)
    let tokens = try #require(FillInTheMiddle(tokenizer))
    #expect((tokens.prefix, tokens.suffix, tokens.middle) == (6, 7, 8))
    #expect(tokens.fileSeparator == nil && tokens.file(path: "a", text: "b", tokenizer) == nil)
  }

  @Test("A vocabulary that lacks one of the three cannot fill a gap")
  func incomplete() throws {
    #expect(FillInTheMiddle(try tokenizer(["<|fim_prefix|>", "<|fim_suffix|>"])) == nil)
    #expect(FillInTheMiddle(try tokenizer([])) == nil)
  }
}

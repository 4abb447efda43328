import MartletTokenizers
import Testing

/// What a GGUF file leaves out of its vocabulary is what llama.cpp takes it for (llama-vocab.cpp).
@Suite("A GGUF file's vocabulary")
struct GGUFVocabularyTests {
  private func tokenizer(_ preTokenizer: String?, model: String = "gpt2", addsBOS: Bool? = nil) throws
    -> Tokenizer
  {
    var vocabulary = GGUFVocabulary(
      model: model, tokens: ["<s>", "a", "b", "ab", "<unk>"], scores: [0, -1, -1, -2, 0],
      tokenTypes: [3, 1, 1, 1, 2])
    vocabulary.merges = ["a b"]
    vocabulary.preTokenizer = preTokenizer
    vocabulary.bosID = 0
    vocabulary.unknownID = 4
    vocabulary.addsBOS = addsBOS
    return try Tokenizer(gguf: vocabulary)
  }

  @Test(
    "Texts of Llama 3 and Tekken get a beginning where the file does not say",
    arguments: ["llama-bpe", "llama3", "llama-v3", "tekken"])
  func beginning(preTokenizer: String) throws {
    #expect(try tokenizer(preTokenizer).encode("ab", addSpecialTokens: true) == [0, 3])
    #expect(try tokenizer(preTokenizer, addsBOS: false).encode("ab", addSpecialTokens: true) == [3])
  }

  @Test(
    "Those of GPT-2, Qwen and SmolLM get none, unless the file says so",
    arguments: ["gpt-2", "qwen2", "smollm", nil])
  func noBeginning(preTokenizer: String?) throws {
    #expect(try tokenizer(preTokenizer).encode("ab", addSpecialTokens: true) == [3])
    #expect(try tokenizer(preTokenizer, addsBOS: true).encode("ab", addSpecialTokens: true) == [0, 3])
  }

  @Test(
    "A way of splitting texts that is not known is refused by its name",
    arguments: ["exaone", "viking", "no-such"])
  func unknown(preTokenizer: String) {
    #expect {
      try tokenizer(preTokenizer)
    } throws: {
      "\($0)".contains(preTokenizer)
    }
  }

  /// A vocabulary of "a", "<|endoftext|>" and this token.
  private func ending(_ token: String, types: [Int32], eos: Int?, turn: Int? = nil) throws -> Tokenizer {
    var vocabulary = GGUFVocabulary(
      model: "gpt2", tokens: PackedStrings(["a", "<|endoftext|>", token]), tokenTypes: types)
    vocabulary.eosID = eos
    vocabulary.endOfTurnID = turn
    return try Tokenizer(gguf: vocabulary)
  }

  @Test("An answer ends at the end token that the file names, and at the end of a turn that it has beside it")
  func ends() throws {
    #expect(try ending("<|im_end|>", types: [1, 3, 3], eos: 1).special.endOfGeneration == [1, 2])
    #expect(try ending("<|im_end|>", types: [1, 3, 3], eos: 2).special.endOfGeneration == [1, 2])
    #expect(try ending("<|eot_id|>", types: [1, 3, 3], eos: nil).special.endOfGeneration == [1, 2])
    #expect(try ending("<turn>", types: [1, 3, 3], eos: 1, turn: 2).special.endOfGeneration == [1, 2])
    #expect(try ending("<turn>", types: [1, 3, 3], eos: 1).special.endOfGeneration == [1])
  }

  @Test(
    "An end that the file has as a token of another type ends an answer too, and is found in a template's text",
    arguments: [[1, 1, 1], [1, 3, 4], [1, 1, 5], []] as [[Int32]])
  func endsOfOtherTypes(types: [Int32]) throws {
    let tokenizer = try ending("<|im_end|>", types: types, eos: nil)
    #expect(tokenizer.special.endOfGeneration == [1, 2])
    #expect(tokenizer.encode("a<|im_end|>a", parseSpecialTokens: true) == [0, 2, 0])
    #expect(!tokenizer.encode("a<|im_end|>a").contains(2))
    #expect(tokenizer.decode([0, 2, 0]) == "aa")
  }

  @Test("A plain token ‘</s>’ may be HTML and ends nothing, unless the file names it as its end")
  func plainEnd() throws {
    #expect(try ending("</s>", types: [1, 3, 1], eos: 1).special.endOfGeneration == [1])
    #expect(try ending("</s>", types: [1, 3, 3], eos: 1).special.endOfGeneration == [1, 2])
    #expect(try ending("</s>", types: [1, 3, 1], eos: 2).special.endOfGeneration == [1, 2])
  }
}

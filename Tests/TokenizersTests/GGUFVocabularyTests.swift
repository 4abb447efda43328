import Testing
import Tokenizers

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
}

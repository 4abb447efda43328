import MartletTokenizers
import Testing

@Suite("The example of the documentation of Tokenizers")
struct DocumentationTests {
  @Test("It compiles, and takes a text to ids and back")
  func example() throws {
    let vocabulary = Array(#"{"a": 0, "b": 1, "ab": 2}"#.utf8)
    let tokenizer = try Tokenizer(vocabularyJSON: vocabulary, merges: Array("a b".utf8))
    let ids = tokenizer.encode("abba")
    let text = tokenizer.decode(ids)

    var decoder = tokenizer.makeStreamingDecoder(skipSpecialTokens: true)
    var streamed = ""
    for id in ids { streamed += decoder.append(id) }
    streamed += decoder.finish()

    #expect(ids == [2, 1, 0])
    #expect(text == "abba" && streamed == text)
  }
}

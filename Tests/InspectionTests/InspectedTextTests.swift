import MartletInspection
import MartletTensors
import Testing

@testable import MartletInspection

@Suite("A text as its tokens and words")
struct InspectedTextTests {
  private func words(_ text: String) -> [String] {
    let scalars = Array(text.unicodeScalars)
    return Words.ranges(in: scalars).map { range in
      var word = String.UnicodeScalarView()
      word.append(contentsOf: scalars[range])
      return String(word)
    }
  }

  @Test("Words are runs of letters and digits; each symbol is a word, white space belongs to none")
  func wordRanges() {
    #expect(words("The cat sat on the mat.") == ["The", "cat", "sat", "on", "the", "mat", "."])
    #expect(
      words("don't stop: it’s 3.5, or 1,000…") == [
        "don't", "stop", ":", "it’s", "3.5", ",", "or", "1,000", "…",
      ])
    #expect(words("well-known (yes!)") == ["well", "-", "known", "(", "yes", "!)"])
    #expect(words("snake_case x1") == ["snake_case", "x1"])
    #expect(words("日本 語") == ["日", "本", "語"])
    #expect(words("e\u{301}te\u{301}") == ["e\u{301}te\u{301}"])
    #expect(words(" \t\n").isEmpty && words("").isEmpty)
  }

  @Test("Each token knows its word and its place, in characters and in bytes; added tokens have none")
  func tokens() throws {
    let text = try TestModel.tiny.open().text("the cät the")
    #expect(text.pieces == ["<s>", "the", "▁", "c", "<unk>", "t", "▁", "the"])
    #expect(text.words.map(\.text) == ["the", "cät", "the"])
    #expect(text.words.map(\.tokens) == [[1], [3, 4, 5], [7]])
    #expect(text.tokens.map(\.word) == [nil, 0, nil, 1, 1, 1, nil, 2])
    #expect(text.tokens[0].scalarRange == nil && text.tokens[0].utf8Range == nil)
    #expect(text.tokens[5].scalarRange == 6..<7)
    #expect(text.tokens[5].utf8Range == 7..<8)
    #expect(text.words[1].utf8Range == 4..<8)
  }

  @Test("Without special tokens there are those of the text alone")
  func noSpecial() throws {
    let text = try TestModel.tiny.open().text("the", addsSpecialTokens: false)
    #expect(text.pieces == ["the"])
  }

  @Test("A token over several words belongs to the first, and stands for each of them")
  func tokenOverWords() {
    let text = InspectedText("a b c", ids: [5, 6], pieces: ["a▁b", "▁c"], ranges: [0..<3, 3..<5])
    #expect(text.words.map(\.tokens) == [[0], [0], [1]])
    #expect(text.tokens.map(\.word) == [0, 2])
  }

  @Test("What one token spells whole is one word")
  func wholeToken() {
    let text = InspectedText(
      "a [MASK].", ids: [1, 2, 3], pieces: ["a", "[MASK]", "."], ranges: [0..<1, 2..<8, 8..<9])
    #expect(text.words.map(\.text) == ["a", "[MASK]", "."])
  }

  @Test("A word that the tokenizer drops is none")
  func droppedWord() {
    let text = InspectedText("a \u{FFFD} c", ids: [1, 3], pieces: ["a", "c"], ranges: [0..<1, 4..<5])
    #expect(text.words.map(\.text) == ["a", "c"])
    #expect(text.tokens.map(\.word) == [0, 1])
  }
}

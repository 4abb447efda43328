import Foundation
import MartletCheckpoints
import MartletJSON
import MartletSeededRandom
import MartletTokenizers
import Testing

@Suite("Vocabularies that are learned")
struct BytePairTrainerTests {
  private static var fixture: JSON { get throws { try Fixture.read("training") } }
  private static let bookFile = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../../shared/data/books/pride-and-prejudice.txt").standardized

  private func merges(_ vocabulary: BytePairVocabulary) -> [String] {
    vocabulary.merges.map { "\(vocabulary.tokens[Int($0.left)]) \(vocabulary.tokens[Int($0.right)])" }
  }

  private func hash(_ lines: some Sequence<String>) -> String {
    var hash = SHA256()
    lines.joined(separator: "\n").utf8.withContiguousStorageIfAvailable {
      hash.update(UnsafeRawBufferPointer($0))
    }
    return hash.hexadecimal()
  }

  @Test("Tokens and merges are those of Hugging Face tokenizers' BpeTrainer")
  func reference() throws {
    let cases = try #require(try Self.fixture["cases"]?.arrayValue)
    #expect(cases.count == 22)
    for line in cases {
      let name = line["name"]?.stringValue ?? ""
      var words = WordCounts()
      for text in line["texts"]?.arrayValue?.compactMap(\.stringValue) ?? [] {
        if line["by_line"]?.boolValue == true {
          try words.add(lines: Array(text.utf8))
        } else {
          words.add(text)
        }
      }
      let trainer = BytePairTrainer(
        vocabularySize: try #require(line["vocabulary_size"]?.intValue),
        minimumFrequency: try #require(line["minimum_frequency"]?.intValue),
        specialTokens: line["special"]?.arrayValue?.compactMap(\.stringValue) ?? [])
      let vocabulary = try trainer.train(on: words)
      #expect(merges(vocabulary) == line["merges"]?.arrayValue?.compactMap(\.stringValue), "\(name)")
      #expect(vocabulary.tokens.count == line["tokens"]?.intValue, "\(name)")
      #expect(hash(vocabulary.tokens) == line["tokens_sha256"]?.stringValue, "\(name)")
    }
  }

  @Test(
    "So are those of a book, of 512, 2,000 and 8,000 tokens",
    .enabled(if: FileManager.default.fileExists(atPath: bookFile.path), "needs ../shared/data/books"))
  func book() throws {
    var words = WordCounts()
    try words.add(lines: [UInt8](Data(contentsOf: Self.bookFile)))
    let cases = try #require(try Self.fixture["pride-and-prejudice.txt"]?.arrayValue)
    #expect(cases.count == 3)
    for line in cases {
      let size = try #require(line["vocabulary_size"]?.intValue)
      let vocabulary = try BytePairTrainer(vocabularySize: size).train(on: words)
      #expect(vocabulary.tokens.count == line["tokens"]?.intValue)
      #expect(hash(merges(vocabulary)) == line["merges_sha256"]?.stringValue, "\(size)")
      #expect(hash(vocabulary.tokens) == line["tokens_sha256"]?.stringValue, "\(size)")
    }
  }

  @Test("A text comes back from its ids, whatever it holds")
  func roundTrip() throws {
    var random = SplitMix64(seed: 5)
    var words = WordCounts()
    words.add("swifts and swallows, swifts and martlets: the swifts sleep on the wing\n")
    let vocabulary = try BytePairTrainer(vocabularySize: 290).train(on: words)
    let tokenizer = try vocabulary.makeTokenizer()
    for _ in 0..<200 {
      let scalars = (0..<Int.random(in: 0...40, using: &random)).compactMap { _ in
        Unicode.Scalar(UInt32.random(in: 0...0x2FFF, using: &random))
      }
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars)
      #expect(Array(tokenizer.decode(tokenizer.encode(text)).utf8) == Array(text.utf8))
    }
    #expect(tokenizer.encode("swifts").count < 6)
    #expect(tokenizer.special.eos == 0 && tokenizer.isSpecial(0))
  }

  @Test("Parts of a text that end where lines do give what the whole gives")
  func parts() throws {
    let lines = (0..<50).map { "line \($0) of the text\r\n\n  and more \($0 % 7)\n" }
    var (whole, parts) = (WordCounts(), WordCounts())
    try whole.add(lines: Array(lines.joined().utf8))
    for line in lines { try parts.add(lines: Array(line.utf8)) }
    let trainer = BytePairTrainer(vocabularySize: 320)
    #expect(try trainer.train(on: whole) == trainer.train(on: parts))
    #expect(whole.byteCount == parts.byteCount && whole.count == parts.count)
  }

  @Test(
    "tokenizer.json is read as the vocabulary that was written, and its configuration names the end of texts")
  func files() throws {
    var words = WordCounts()
    words.add("a rose is a rose is a rose")
    let special = ["<|pad|>", "<|endoftext|>"]
    let vocabulary = try BytePairTrainer(vocabularySize: 262, specialTokens: special).train(on: words)
    let tokenizer = try Tokenizer(tokenizerJSON: Array(vocabulary.tokenizerJSON().serialized().utf8))
    #expect(tokenizer.vocabularySize == vocabulary.tokens.count)
    #expect(tokenizer.encode("<|endoftext|>", parseSpecialTokens: true) == [1])
    #expect(vocabulary.endOfText == "<|endoftext|>")
    let members = vocabulary.tokenizerConfiguration()
    #expect(members["eos_token"] == "<|endoftext|>" && members["pad_token"] == "<|pad|>")
  }

  @Test("What cannot be learned is an error that says why")
  func errors() {
    var words = WordCounts()
    words.add("text")
    #expect(throws: BytePairTrainingError.vocabularyTooSmall(asked: 256, smallest: 257)) {
      try BytePairTrainer(vocabularySize: 256).train(on: words)
    }
    #expect(throws: BytePairTrainingError.unusableSpecialToken("x")) {
      try BytePairTrainer(vocabularySize: 300, specialTokens: ["x", "x"]).check()
    }
    #expect(throws: BytePairTrainingError.unusableSpecialToken("")) {
      try BytePairTrainer(vocabularySize: 300, specialTokens: [""]).check()
    }
    #expect(throws: BytePairTrainingError.noText) {
      try BytePairTrainer(vocabularySize: 300).train(on: WordCounts())
    }
  }

  @Test(
    "Bytes that are not UTF-8 are refused at their place",
    arguments: [
      ([0x61, 0xFF], 1), ([0xC3], 0), ([0xC3, 0x28], 0), ([0x61, 0x62, 0xE2, 0x82], 2), ([0xC0, 0x80], 0),
      ([0xED, 0xA0, 0x80], 0), ([0xF4, 0x90, 0x80, 0x80], 0), ([0xF0, 0x80, 0x80, 0x80], 0),
      ([0xE0, 0x80, 0x80], 0), ([0x80], 0), ([0xF5, 0x80, 0x80, 0x80], 0),
    ] as [([UInt8], Int)])
  func notUTF8(bytes: [UInt8], offset: Int) {
    var words = WordCounts()
    #expect(throws: BytePairTrainingError.notUTF8(offset: offset)) { try words.add(lines: bytes) }
    #expect(words.count == 0)
  }

  @Test("Work that is cancelled ends")
  func cancellation() async {
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      var words = WordCounts()
      words.add("a swift and a swallow")
      _ = try BytePairTrainer(vocabularySize: 280).train(on: words)
    }
    let result = await task.result
    #expect(throws: BytePairTrainingError.cancelled) { try result.get() }
  }
}

import Foundation
import MartletJSON
import MartletTokenizers
import Testing

/// What `Fixtures/make_fixtures.py` wrote.
enum Fixture {
  static func read(_ name: String) throws -> JSON {
    let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name).json")
    return try JSON(parsing: [UInt8](Data(contentsOf: url)))
  }

  static func tokenizer(_ name: String) throws -> Tokenizer {
    let fixture = try read(name)
    return try tokenizer(of: try #require(fixture["tokenizer"]))
  }

  static func tokenizer(of json: JSON) throws -> Tokenizer {
    try Tokenizer(tokenizerJSON: Array(json.serialized().utf8))
  }

  static func ids(_ json: JSON?) -> [TokenID] {
    json?.arrayValue?.compactMap { $0.intValue.map { TokenID($0) } } ?? []
  }
}

@Suite("Small tokenizers of every kind do what the reference libraries do")
struct FixtureTests {
  static let names = [
    "unigram-precompiled", "unigram-bytes", "bpe-bytes", "bpe-fused", "bpe-unknown", "bpe-prefix-space",
    "wordpiece-added", "wordpiece-no-decoder", "unigram-untyped", "clip", "falcon", "deepseek-llm",
    "deepseek-coder", "deepseek-v3",
  ]

  @Test(
    "Ids, offsets and decoded texts of a tokenizer.json are those of Hugging Face tokenizers",
    arguments: names)
  func tokenizerJSON(name: String) throws {
    let fixture = try Fixture.read(name)
    let tokenizer = try Fixture.tokenizer(name)
    let cases = try #require(fixture["cases"]?.arrayValue)
    #expect(cases.count > 90)
    for line in cases {
      let text = try #require(line["text"]?.stringValue)
      let ids = Fixture.ids(line["ids"])
      #expect(tokenizer.encode(text, parseSpecialTokens: true) == ids, "\(name): \(text.debugDescription)")
      let mapped = tokenizer.encodeWithOffsets(text, parseSpecialTokens: true)
      #expect(mapped.ids == ids, "\(name), mapped: \(text.debugDescription)")
      if line["offsets"] != nil {
        let offsets = mapped.scalarRanges.flatMap { [TokenID($0.lowerBound), TokenID($0.upperBound)] }
        #expect(offsets == Fixture.ids(line["offsets"]), "\(name), offsets: \(text.debugDescription)")
      }
      let decoded = line["decoded"]?.stringValue ?? text
      // Bytes that are no UTF-8: the reference replaces all bytes in a row, valid ones too, which no stream could do
      // without holding them all back. Here what is valid stays.
      if decoded.contains("\u{FFFD}"), !text.contains("\u{FFFD}") { continue }
      let found = tokenizer.decode(ids, skipSpecialTokens: false)
      #expect(same(found, decoded), "\(name), decoded: \(text.debugDescription) \(found.debugDescription)")
      let skipped = line["skipped"]?.stringValue ?? decoded
      #expect(same(tokenizer.decode(ids), skipped), "\(name), skipped: \(text.debugDescription)")
    }
  }

  /// Scalar by scalar; Swift's own equality would let canonical equivalents pass.
  private func same(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

  @Test("The model's own tokens stand around one text and two as the template says", arguments: names)
  func template(name: String) throws {
    let fixture = try Fixture.read(name)
    let tokenizer = try Fixture.tokenizer(name)
    #expect(tokenizer.encode("low lower", addSpecialTokens: true) == Fixture.ids(fixture["special"]))
    let pair = tokenizer.encode(pair: "low lower", "newest")
    #expect(pair.ids == Fixture.ids(fixture["pair"]?["ids"]))
    if fixture["tokenizer"]?["post_processor"]?.isNull == false {
      #expect(pair.typeIDs == Fixture.ids(fixture["pair"]?["types"]))
    }
  }

  @Test(
    "A SentencePiece vocabulary in a GGUF file gives sentencepiece's ids",
    arguments: [("sentencepiece-unigram", "t5"), ("sentencepiece-bpe", "llama")])
  func sentencePiece(name: String, model: String) throws {
    let fixture = try Fixture.read(name)
    let tokenizer = try Tokenizer(gguf: vocabulary(fixture, model))
    for line in try #require(fixture["cases"]?.arrayValue) {
      let text = try #require(line["text"]?.stringValue)
      #expect(tokenizer.encode(text) == Fixture.ids(line["ids"]), "\(name): \(text.debugDescription)")
    }
  }

  @Test(
    "A byte-level vocabulary in a GGUF file gives the ids of its tokenizer.json",
    arguments: ["falcon", "deepseek-llm", "deepseek-coder", "deepseek-v3"])
  func byteLevel(name: String) throws {
    let fixture = try Fixture.read(name)
    let model = try #require(fixture["tokenizer"]?["model"])
    let ids = try #require(model["vocab"]?.objectValue).compactMap { token, id in
      id.intValue.map { ($0, token) }
    }
    var vocabulary = GGUFVocabulary(
      model: "gpt2", tokens: PackedStrings(ids.sorted { $0.0 < $1.0 }.map(\.1)),
      tokenTypes: ids.indices.map { $0 < 2 ? 3 : 1 })
    let merges = try #require(model["merges"]?.arrayValue)
    vocabulary.merges = PackedStrings(
      merges.map { "\($0[0]?.stringValue ?? "") \($0[1]?.stringValue ?? "")" })
    vocabulary.preTokenizer = name
    let tokenizer = try Tokenizer(gguf: vocabulary)
    for line in try #require(fixture["cases"]?.arrayValue) {
      let text = try #require(line["text"]?.stringValue)
      #expect(
        tokenizer.encode(text, parseSpecialTokens: true) == Fixture.ids(line["ids"]),
        "\(name): \(text.debugDescription)")
    }
  }

  @Test("CLIP's pattern is read as transformers writes it, too")
  func clip() throws {
    let fixture = try Fixture.read("clip")
    let json = try #require(fixture["tokenizer"]).serialized()
    let ends = #"<\\|startoftext\\|>|<\\|endoftext\\|>|"#
    let changed = json.replacing(#""'s|'t"#, with: "\"\(ends)'s|'t")
    #expect(changed != json)
    let tokenizer = try Tokenizer(tokenizerJSON: Array(changed.utf8))
    for line in try #require(fixture["cases"]?.arrayValue) {
      let text = try #require(line["text"]?.stringValue)
      #expect(tokenizer.encode(text, parseSpecialTokens: true) == Fixture.ids(line["ids"]))
    }
  }

  @Test("Where a word ends that has a mark for it, so does the range of its token")
  func markedRanges() throws {
    let tokenizer = try Fixture.tokenizer("clip")
    let mapped = tokenizer.encodeWithOffsets("bird, bird")
    #expect(mapped.scalarRanges.last?.upperBound == 10)
    #expect(
      zip(mapped.scalarRanges, mapped.scalarRanges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
  }

  private func vocabulary(_ fixture: JSON, _ model: String) throws -> GGUFVocabulary {
    let pieces = (fixture["pieces"]?.arrayValue ?? []).compactMap(\.stringValue)
    let types = (fixture["types"]?.arrayValue ?? []).compactMap(\.intValue)
    var vocabulary = GGUFVocabulary(
      model: model, tokens: PackedStrings(pieces),
      scores: fixture["scores"]?.arrayValue?.compactMap { $0.doubleValue.map { Float($0) } } ?? [],
      tokenTypes: types.map { Int32($0) })
    vocabulary.unknownID = types.firstIndex(of: 2)
    if model == "t5" {
      let text = try #require(fixture["charsmap"]?.stringValue)
      vocabulary.precompiledCharacterMap = Data(base64Encoded: text).map { [UInt8]($0) }
    }
    return vocabulary
  }
}

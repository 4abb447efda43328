import MartletJSON
import MartletSeededRandom
import MartletTestScope
import MartletTokenizers
import Testing

extension SplitMix64 {
  /// A text of scalars from many scripts.
  mutating func text(longest: Int) -> String {
    let ranges: [ClosedRange<UInt32>] = [
      0x20...0x7E, 0x20...0x7E, 0x00...0x1F, 0xA0...0x24F, 0x300...0x36F, 0x400...0x4FF, 0x600...0x6FF,
      0x900...0x97F, 0x1100...0x11FF, 0x2000...0x206F, 0x3040...0x30FF, 0x4E00...0x4FFF, 0xAC00...0xAD00,
      0xFF00...0xFFEF, 0x1F300...0x1F6FF, 0xE0000...0xE007F, 0x10FFF0...0x10FFFF,
    ]
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...longest, using: &self) {
      let range = ranges[Int.random(in: ranges.indices, using: &self)]
      if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &self)) { text.append(scalar) }
    }
    return String(text)
  }
}

@Suite("What holds for every text")
struct PropertyTests {
  @Test("Byte-level BPE gives every text back", arguments: [1, 2, 3] as [UInt64])
  func roundTrip(seed: UInt64) throws {
    let tokenizer = try Small.byteLevel()
    var random = SplitMix64(seed: seed)
    for _ in 0..<500 {
      let text = random.text(longest: 60)
      #expect(
        tokenizer.decode(tokenizer.encode(text)).utf8.elementsEqual(text.utf8), "\(text.debugDescription)")
    }
  }

  @Test(
    "A stream of any ids never ends in half a character, and is the decoded text in the end",
    arguments: FixtureTests.names)
  func stream(name: String) throws {
    let tokenizer = try Fixture.tokenizer(name)
    var random = SplitMix64(seed: 11)
    for _ in 0..<300 {
      let count = Int.random(in: 0...40, using: &random)
      let ids = (0..<count).map { _ in
        TokenID.random(in: -1...TokenID(tokenizer.vocabularySize), using: &random)
      }
      var stream = tokenizer.makeStreamingDecoder()
      var joined = ""
      for id in ids { joined += stream.append(id) }
      joined += stream.finish()
      #expect(joined.utf8.elementsEqual(tokenizer.decode(ids).utf8))
    }
  }

  @Test(
    "Characters spelled in bytes come out whole, and not before they are",
    arguments: ["bpe-bytes", "unigram-bytes", "bpe-prefix-space"])
  func wholeCharacters(name: String) throws {
    let tokenizer = try Fixture.tokenizer(name)
    var random = SplitMix64(seed: 5)
    for _ in 0..<200 {
      let ids = tokenizer.encode(random.text(longest: 30))
      let whole = tokenizer.decode(ids)
      var stream = tokenizer.makeStreamingDecoder()
      var joined = ""
      for id in ids {
        joined += stream.append(id)
        // A replacement character would be the trace of a half.
        #expect(whole.utf8.starts(with: joined.utf8))
      }
      #expect((joined + stream.finish()).utf8.elementsEqual(whole.utf8))
    }
  }

  @Test("Half a character at the end of a stream reads as U+FFFD, and nothing is lost before it")
  func half() throws {
    let tokenizer = try Fixture.tokenizer("bpe-bytes")
    let bytes = ["a", "<0xF0>", "<0x9F>"].compactMap { tokenizer.id(of: $0) }
    var stream = tokenizer.makeStreamingDecoder()
    #expect(bytes.map { stream.append($0) } == ["a", "", ""])
    #expect(stream.finish() == "\u{FFFD}")
  }

  @Test(
    "Ids with and without offsets are the same, and offsets lie within the text in order",
    arguments: FixtureTests.names)
  func offsets(name: String) throws {
    let tokenizer = try Fixture.tokenizer(name)
    var random = SplitMix64(seed: 17)
    for _ in 0..<200 {
      let text = random.text(longest: 40)
      let mapped = tokenizer.encodeWithOffsets(text)
      #expect(mapped.ids == tokenizer.encode(text), "\(text.debugDescription)")
      #expect(mapped.scalarRanges.count == mapped.ids.count)
      let count = text.unicodeScalars.count
      #expect(mapped.scalarRanges.allSatisfy { $0.upperBound <= count })
      for (a, b) in zip(mapped.scalarRanges, mapped.scalarRanges.dropFirst()) {
        #expect(a.lowerBound <= b.lowerBound)
      }
    }
  }

  @Test(
    "Special tokens that are written in a text are text unless they are asked for",
    arguments: FixtureTests.names)
  func written(name: String) throws {
    let tokenizer = try Fixture.tokenizer(name)
    let fixture = try Fixture.read(name)
    let special = try #require(fixture["tokenizer"]?["added_tokens"]?.arrayValue)
      .filter { $0["special"]?.boolValue == true && $0["content"]?.stringValue?.contains("unk") == false }
    // CLIP's end stands for what is unknown, too.
    let unknown = fixture["tokenizer"]?["model"]?["unk_token"]?.stringValue
    for token in special where token["content"]?.stringValue != unknown {
      let content = try #require(token["content"]?.stringValue)
      let id = try #require(tokenizer.id(of: content))
      #expect(!tokenizer.encode("a \(content) b\(content)").contains(id), "\(name): \(content)")
      #expect(tokenizer.encode("a \(content) b", parseSpecialTokens: true).contains(id))
    }
  }

  @Test(
    "A text of ten million bytes without a space takes time in proportion", .long, .timeLimit(.minutes(2)),
    arguments: FixtureTests.names)
  func giantWord(name: String) throws {
    let tokenizer = try Fixture.tokenizer(name)
    // Quadratic work on these would take days.
    let text = String(repeating: "abcabcdeé", count: 1_000_000)
    #expect(tokenizer.encode(text).count > 0)
    // Marks that must change places, all of them in one run.
    for marks in ["\u{301}\u{327}", "\u{1D16D}\u{1D165}"] {
      #expect(tokenizer.encode(String(repeating: marks, count: 500_000)).count >= 0)
    }
    #expect(tokenizer.encode(String(repeating: "<", count: 1_000_000), parseSpecialTokens: true).count > 0)
  }
}

/// Tokenizers that need no file.
enum Small {
  /// All bytes and a few merges.
  static func byteLevel() throws -> Tokenizer { try Fixture.tokenizer(of: byteLevelJSON()) }

  static func byteLevelJSON() throws -> JSON {
    let fixture = try Fixture.read("bpe-prefix-space")
    var members = try #require(fixture["tokenizer"]?.objectValue)
    members["pre_tokenizer"] = ["type": "ByteLevel", "add_prefix_space": false, "use_regex": true]
    return .object(members)
  }
}

import MartletJSON
import MartletSeededRandom
import MartletTokenizers
import Testing

@Suite("Damaged tokenizer files end in an error or a tokenizer, never in a trap")
struct HostileFileTests {
  /// Files of which one bit is flipped, a piece is missing, or the end.
  private func forEachDamage(_ bytes: [UInt8], count: Int, _ body: ([UInt8]) -> Void) {
    var random = SplitMix64(seed: UInt64(bytes.count))
    for _ in 0..<count {
      var changed = bytes
      let place = Int.random(in: bytes.indices, using: &random)
      switch Int.random(in: 0..<8, using: &random) {
      case 0: changed.removeSubrange(place...)
      case 1: changed.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &random)))
      case 2: changed[place] = Array("0123456789-{}[],\":".utf8).randomElement(using: &random) ?? 0
      default: changed[place] ^= 1 << Int.random(in: 0..<8, using: &random)
      }
      body(changed)
    }
  }

  /// What is left of a file may be sound, and then has to do its work.
  private func use(_ tokenizer: Tokenizer) {
    for text in ["", "Hello, World 123", "größer ▁▁ \u{0}\u{FFFD} 猫", "<s></s>[CLS]<unk>"] {
      let ids = tokenizer.encode(text, addSpecialTokens: true, parseSpecialTokens: true)
      _ = tokenizer.decode(ids, skipSpecialTokens: false)
      _ = tokenizer.encodeWithOffsets(text)
      _ = tokenizer.encode(pair: text, text)
    }
    _ = tokenizer.decode([-1, 0, TokenID(tokenizer.vocabularySize), .max])
  }

  @Test("A tokenizer.json of each kind", arguments: FixtureTests.names)
  func tokenizerJSON(name: String) throws {
    let file = Array(try #require(try Fixture.read(name)["tokenizer"]).serialized().utf8)
    var sound = 0
    forEachDamage(file, count: 300) { bytes in
      do throws(TokenizerError) {
        use(try Tokenizer(tokenizerJSON: bytes))
        sound += 1
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
    #expect(sound < 300)
  }

  @Test("GPT-2's vocabulary and merges")
  func gpt2() throws {
    let letters = Array("abcdefghijklmnopqrstuvwxyzĠ").map(String.init)
    let merges = [("t", "h"), ("th", "e"), ("Ġ", "a"), ("i", "n")]
    let tokens = letters + merges.map { $0.0 + $0.1 } + ["<|endoftext|>"]
    let vocabulary = Array(
      JSON.object(JSONObject(tokens.enumerated().map { ($1, JSON($0)) })).serialized().utf8)
    let lines = Array(("#version: 0.2\n" + merges.map { "\($0.0) \($0.1)\n" }.joined()).utf8)
    use(try Tokenizer(vocabularyJSON: vocabulary, merges: lines))
    let check = { (vocabulary: [UInt8], merges: [UInt8]) in
      do throws(TokenizerError) { use(try Tokenizer(vocabularyJSON: vocabulary, merges: merges)) } catch {
        #expect(!error.description.isEmpty)
      }
    }
    forEachDamage(vocabulary, count: 500) { check($0, lines) }
    forEachDamage(lines, count: 500) { check(vocabulary, $0) }
  }
}

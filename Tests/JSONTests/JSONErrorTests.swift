import MartletJSON
import MartletSeededRandom
import Testing

@Suite("Text that is not JSON")
struct JSONErrorTests {
  @Test(
    "Is refused",
    arguments: [
      "", " ", "{", "[", "\"", "\"\\", "\"\\u12", "tru", "nul", "+1", "01", "-", "1.", ".5", "1e", "1e+",
      "0x10",
      "1.2.3", "--1", "NaN", "Infinity", "[1,]", "[,1]", "[1 2]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
      "{a:1}", "{'a':1}", "{1:2}", "[1]]", "1 2", "\"\\x\"", "\"\\u12G4\"", "\"\n\"", "\"\u{1}\"", "// 1",
      "[1}",
      "{\"a\":1]", "truefalse", "\u{FEFF}1", "\u{A0}1", "1\u{0}",
    ])
  func refused(text: String) {
    #expect(throws: JSONError.self) { try JSON(parsing: text) }
    #expect(throws: JSONError.self) { try RawJSONObject(parsing: "{\"a\":\(text)\n,}") }
  }

  @Test("Every cut of a valid text is refused without a trap")
  func truncated() {
    let text = Array(#"{"a":[1.5e-3,true,null,"x\u00e9\ud83d\ude00\n"],"b":{"c":[[]],"d":"ü"}}"#.utf8)
    for length in 0..<text.count {
      #expect(throws: JSONError.self) { try JSON(parsing: text[..<length]) }
    }
  }

  @Test("The error says line, column and what was expected")
  func places() throws {
    #expect(
      error("{\n  \"ä\": tru\n}")?.description
        == "Not valid JSON at line 2, column 8: found 't' where a value should stand.")
    #expect(
      error("[1, 2")?.description
        == "Not valid JSON at line 1, column 6: the text ends where ',' or ']' should follow.")
    #expect(error("{\"a\":1,\n \"a\":2}")?.problem == .duplicateKey("a"))
    #expect(error("{\"a\":1,\n \"a\":2}")?.line == 2)
    #expect(error("[01]")?.problem == .invalidNumber("01"))
    #expect(error("[1] x")?.problem == .trailingText(found: "'x'"))
    #expect(error("\"a\tb\"")?.problem == .controlCharacter(9))
    #expect(error("\u{FEFF}{}")?.problem == .byteOrderMark)
  }

  @Test(
    "A lone surrogate is refused",
    arguments: [
      #""\ud800""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud800x""#, #""\ud800\n""#, #""\ud800\u0041""#,
    ])
  func loneSurrogates(text: String) {
    guard case .loneSurrogate = error(text)?.problem else {
      Issue.record("\(text) was not refused for its surrogate")
      return
    }
  }

  @Test(
    "Bytes that are not UTF-8 are refused at their place",
    arguments: [
      [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0x80],
    ] as [[UInt8]])
  func invalidUTF8(bytes: [UInt8]) {
    for escape in ["", "\\n"] {
      let text = Array("[\"ab\(escape)".utf8) + bytes + Array("\"]".utf8)
      do {
        _ = try JSON(parsing: text)
        Issue.record("read")
      } catch {
        #expect(error.problem == .invalidUTF8)
        #expect(error.byteOffset == 4 + escape.utf8.count)
      }
    }
  }

  @Test("Nesting is limited, so a hostile file cannot exhaust the stack")
  func depth() throws {
    let deep = String(repeating: "[", count: 1_000_000)
    #expect(error(deep)?.problem == .tooDeep(maximum: 512))
    #expect(error(String(repeating: "{\"a\":", count: 1_000_000))?.problem == .tooDeep(maximum: 512))
    let allowed = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
    #expect(try JSON(parsing: allowed).serialized() == allowed)
    #expect(throws: JSONError.self) { try JSON(parsing: Array("[[1]]".utf8), maximumDepth: 1) }
  }

  @Test("Random damage to a valid text never traps", arguments: [UInt64(11), 12])
  func damage(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<300 {
      var bytes = Array(randomValue(depth: 4, using: &random).serialized().utf8)
      for _ in 0..<3 where !bytes.isEmpty {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if let value = try? JSON(parsing: bytes) {
        #expect((try? JSON(parsing: value.serialized())) == value)
      }
      _ = try? RawJSONObject(parsing: bytes)
    }
  }

  private func error(_ text: String) -> JSONError? {
    do throws(JSONError) {
      _ = try JSON(parsing: text)
      return nil
    } catch { return error }
  }
}

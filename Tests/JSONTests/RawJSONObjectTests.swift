import MartletJSON
import MartletSeededRandom
import Testing

@Suite("Records of a JSON-lines file")
struct RawJSONObjectTests {
  @Test("Other members keep their order and literal text")
  func passThrough() throws {
    var record = try RawJSONObject(
      parsing: #"{"id": 1.50, "text": "\u00e9", "tags": [ 1,2 ], "\u0061": null}"#)
    record.set("embedding", rawJSON: "[0.1,0.2]")
    #expect(
      record.text
        == #"{"id": 1.50, "text": "\u00e9", "tags": [ 1,2 ], "\u0061": null, "embedding": [0.1,0.2]}"#)
    #expect(try record.value(for: "text") == "é")
    #expect(record.rawValue(for: "id") == "1.50")
    #expect(record.keys == ["id", "text", "tags", "a", "embedding"])
    #expect(try record.value(for: "none") == nil)
  }

  @Test("A member that is there is replaced in its place")
  func replaced() throws {
    var record = try RawJSONObject(parsing: #"{"ids":[0],"text":"x"}"#)
    record.set("ids", [1, 2])
    record.set("truncated", true)
    #expect(record.text == #"{"ids":[1,2],"text":"x","truncated":true}"#)
  }

  @Test("An escaped key is found by its meaning and kept as written")
  func escapedKey() throws {
    var record = try RawJSONObject(parsing: #"{"\u0074ext":"x"}"#)
    record.set("text", "y")
    #expect(record.text == #"{"\u0074ext":"y"}"#)
  }

  @Test("A record spread over lines comes back on one")
  func oneLine() throws {
    let record = try RawJSONObject(parsing: "{\n\"a\" :\r\n[1,\n2],\n\"b\":\"\\n\"\n}\n")
    #expect(!record.text.contains { $0.isNewline })
    #expect(try JSON(parsing: record.text) == ["a": [1, 2], "b": "\n"])
  }

  @Test("Empty records can be added to")
  func empty() throws {
    var record = try RawJSONObject(parsing: " { } ")
    #expect(record.text == "{}")
    record.set("a", 1)
    #expect(record.text == #"{"a": 1}"#)
  }

  @Test("What is no object, or names a key twice, is refused")
  func refused() {
    #expect(throws: JSONError.self) { try RawJSONObject(parsing: "[1]") }
    #expect(throws: JSONError.self) { try RawJSONObject(parsing: "{\"a\":1} {}") }
    #expect(throws: JSONError.self) { try RawJSONObject(parsing: "{\"a\":1,\"\\u0061\":2}") }
    do throws(JSONError) {
      _ = try RawJSONObject(parsing: "[1]")
    } catch { #expect(error.problem == .notAnObject(found: "an array")) }
  }

  @Test("A random object passes through unchanged", arguments: [UInt64(21)])
  func random(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for _ in 0..<300 {
      let object = JSONObject(
        (0..<5).map { ("\($0)" + randomText(using: &random), randomValue(depth: 3, using: &random)) })
      let compact = JSON.object(object).serialized()
      let spaced = JSON.object(object).serialized(style: .python)
      #expect(try RawJSONObject(parsing: compact).text == compact)
      #expect(try RawJSONObject(parsing: spaced).text == spaced)
    }
  }
}

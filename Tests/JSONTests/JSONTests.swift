import MartletJSON
import MartletSeededRandom
import Testing

@Suite("JSON values")
struct JSONValueTests {
  @Test("Members keep their order and numbers their text")
  func orderAndLiterals() throws {
    let text = #"{"z":1.50,"a":[1e-05,-0,12345678901234567890],"m":{"y":null,"b":true}}"#
    let value = try JSON(parsing: text)
    #expect(value.serialized() == text)
    #expect(value.objectValue?.keys == ["z", "a", "m"])
    #expect(value["a"]?[2]?.doubleValue == 12345678901234567168)
    #expect(value["a"]?[2]?.intValue == nil)
    #expect(value["z"]?.doubleValue == 1.5)
    #expect(value["m"]?["b"]?.boolValue == true)
    #expect(value["m"]?["y"]?.isNull == true)
    #expect(value["none"] == nil)
    #expect(value["a"]?[3] == nil)
  }

  @Test("Escapes become characters, surrogate pairs one scalar")
  func escapes() throws {
    let value = try JSON(parsing: #""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00""#)
    #expect(value.stringValue == "\"\\/\u{8}\u{C}\n\r\té😀")
    #expect(value.serialized(asciiOnly: true) == #""\"\\/\b\f\n\r\t\u00e9\ud83d\ude00""#)
  }

  @Test(
    "A whole number is one however it is written",
    arguments: [("7", 7), ("7.0", 7), ("7e0", 7), ("-0", 0), ("1E3", 1000)])
  func wholeNumbers(text: String, expected: Int) throws {
    #expect(try JSON(parsing: text).intValue == expected)
  }

  @Test("Numbers that are not whole or do not fit have no integer value")
  func notWhole() throws {
    #expect(try JSON(parsing: "7.5").intValue == nil)
    #expect(try JSON(parsing: "1e400").intValue == nil)
    #expect(try JSON(parsing: "1e400").doubleValue == .infinity)
  }

  @Test("Floats are written in the shortest text that reads back")
  func floats() throws {
    #expect(JSON(Float(0.1)).serialized() == "0.1")
    #expect(JSON(0.1).serialized() == "0.1")
    #expect(JSON(Double.nan).isNull && JSON(-Float.infinity).isNull)
    #expect(try JSON(parsing: JSON(Float(1e-7)).serialized()).doubleValue.map(Float.init) == 1e-7)
  }

  @Test("Composed and decomposed keys are two keys")
  func canonicalEquivalents() throws {
    let value = try JSON(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}")
    #expect(value["\u{E9}"] == 1)
    #expect(value["e\u{301}"] == 2)
    #expect(JSON.string("\u{E9}") != JSON.string("e\u{301}"))
  }

  @Test("An object with many members finds, replaces and removes each")
  func manyMembers() throws {
    var object = JSONObject((0..<1000).map { ("key\($0)", JSON($0)) })
    #expect(object.count == 1000)
    for index in 0..<1000 { #expect(object["key\(index)"] == JSON(index)) }
    object["key500"] = nil
    object["key7"] = "seven"
    #expect(object["key500"] == nil && object["key7"] == "seven" && object["key999"] == 999)
    #expect(object.keys.prefix(8).last == "key7" && object.count == 999)
    let text = JSON.object(object).serialized()
    #expect(try JSON(parsing: text) == .object(object))
  }

  @Test("Styles write as Python does and as people read")
  func styles() {
    let value: JSON = ["a": [1, 2], "b": [:], "c": []]
    #expect(value.serialized(style: .python) == #"{"a": [1, 2], "b": {}, "c": []}"#)
    #expect(
      value.serialized(pretty: true) == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": []\n}")
  }

  @Test("A random value written as text reads back as the same value", arguments: [UInt64(1), 2])
  func randomValues(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for _ in 0..<300 {
      let value = randomValue(depth: 5, using: &random)
      #expect(try JSON(parsing: value.serialized()) == value)
      #expect(try JSON(parsing: value.serialized(pretty: true)) == value)
      #expect(try JSON(parsing: value.serialized(asciiOnly: true)) == value)
      #expect(value.serialized(asciiOnly: true).utf8.allSatisfy { $0 < 0x80 })
    }
  }
}

func randomText(using random: inout SplitMix64) -> String {
  var text = String.UnicodeScalarView()
  for _ in 0..<Int.random(in: 0...12, using: &random) {
    let limit: UInt32 = [0x80, 0x800, 0x10000, 0x110000].randomElement(using: &random) ?? 0x80
    if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)) { text.append(scalar) }
  }
  return String(text)
}

func randomValue(depth: Int, using random: inout SplitMix64) -> JSON {
  switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
  case 0: return .null
  case 1: return .bool(Bool.random(using: &random))
  case 2: return JSON(Int(truncatingIfNeeded: random.next()))
  case 3: return JSON(Double(bitPattern: random.next()))
  case 4: return JSON(Float(bitPattern: UInt32(truncatingIfNeeded: random.next())))
  case 5: return .string(randomText(using: &random))
  case 6:
    return .array(
      (0..<Int.random(in: 0...6, using: &random)).map { _ in randomValue(depth: depth - 1, using: &random) })
  default:
    return .object(
      JSONObject(
        (0..<Int.random(in: 0...20, using: &random)).map { _ in
          (randomText(using: &random), randomValue(depth: depth - 1, using: &random))
        }))
  }
}

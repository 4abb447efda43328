import Foundation
import Testing

@testable import MartletCheckpoints

@Suite("Safetensors files that are not what they should be")
struct SafetensorsHostileTests {
  private let folder: HostileFolder
  init() throws { folder = try HostileFolder() }

  private static let header = """
    {"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},\
    "b":{"dtype":"BF16","shape":[],"data_offsets":[24,26]},"c":{"dtype":"I64","shape":[1],"data_offsets":[26,34]}}
    """

  private func build(_ header: String, length: UInt64? = nil, data: Int) -> [UInt8] {
    var file = FileBytes()
    file.put(length ?? UInt64(header.utf8.count))
    file.bytes += Array(header.utf8) + (0..<data).map { UInt8(truncatingIfNeeded: $0) }
    return file.bytes
  }

  /// The text of the error that a header leads to; empty where the file is read.
  private func complaint(_ header: String, data: Int = 24) throws -> String {
    try folder.safetensors(build(header, data: data)).map { "\($0)" } ?? ""
  }

  /// A header with one tensor.
  private func tensor(_ type: String, _ shape: String, _ offsets: String) -> String {
    "{\"a\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}}"
  }

  @Test("The file that the others are made of is sound")
  func sound() throws {
    #expect(try folder.safetensors(build(Self.header, data: 34)) == nil)
  }

  @Test("Cut off anywhere, or with a byte too many, it is refused")
  func truncated() throws {
    let bytes = build(Self.header, data: 34)
    for length in 0..<bytes.count {
      #expect(try folder.safetensors(Array(bytes[..<length])) != nil, "cut to \(length) bytes")
    }
    #expect(try complaint(Self.header, data: 35).contains("goes on"))
  }

  @Test("With any bits of its header changed, it is read or refused")
  func mutated() throws {
    let bytes = build(Self.header, data: 34)
    try forEachMutation(of: bytes, header: bytes.count - 34) { _ = try folder.safetensors($0) }
  }

  @Test("A header's length beyond the file is refused", arguments: [1000, 1 << 40, 1 << 63, UInt64.max])
  func length(_ length: UInt64) throws {
    let error = try folder.safetensors(build(Self.header, length: length, data: 34))
    #expect(error.map { "\($0)" }?.contains("header length") == true)
  }

  @Test("A header over 100 MB is refused without being read")
  func longHeader() throws {
    let path = try folder.file([0, 0xE1, 0xF5, 0x05, 1, 0, 0, 0], "long.safetensors")
    #expect(truncate(path, 200_000_000) == 0)
    #expect(throws: CheckpointError.self) { try SafetensorsFile(path: path) }
  }

  @Test(
    "Sizes and offsets that are none are refused",
    arguments: [
      ("[-2,-3]", "[0,24]"), ("[2.5]", "[0,10]"), ("[1e30]", "[0,24]"), ("[\"6\"]", "[0,24]"),
      ("6", "[0,24]"),
      ("[6]", "[24,0]"), ("[6]", "[-24,0]"), ("[6]", "[0]"), ("[6]", "[]"), ("[6]", "[0,12,24]"),
      ("[6]", "[0,25]"), ("[6]", "[9223372036854775800,9223372036854775807]"),
      ("[4611686018427387904,4]", "[0,0]"), ("[9223372036854775807,9223372036854775807]", "[0,24]"),
      ("[99999999999999999999]", "[0,24]"),
    ])
  func sizes(_ shape: String, _ offsets: String) throws {
    #expect(try complaint(tensor("F32", shape, offsets)).contains("tensor a"))
  }

  @Test("A tensor of a type that nobody knows is held to its place all the same")
  func unknownType() throws {
    #expect(try complaint(tensor("X9", "[6]", "[0,24]")).isEmpty)
    #expect(try !complaint(tensor("X9", "[6]", "[0,25]")).isEmpty)
    #expect(try !complaint(tensor("X9", "[9223372036854775807,3]", "[0,9223372036854775807]")).isEmpty)
  }

  @Test("Tensors that overlap, leave holes or end behind the file are refused")
  func places() throws {
    func two(_ first: String, _ second: String) -> String {
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[12],\"data_offsets\":\(first)},"
        + "\"b\":{\"dtype\":\"U8\",\"shape\":[12],\"data_offsets\":\(second)}}"
    }
    #expect(try complaint(two("[0,12]", "[12,24]")).isEmpty)
    #expect(try complaint(two("[0,12]", "[6,18]"), data: 18).contains("overlaps"))
    #expect(try complaint(two("[0,12]", "[0,12]"), data: 12).contains("overlaps"))
    #expect(try complaint(two("[0,12]", "[13,25]"), data: 25).contains("hole"))
    #expect(try complaint(two("[0,12]", "[12,24]"), data: 20).contains("cut off"))
  }

  @Test(
    "A tensor's name that stands there twice is refused, however it is spelt",
    arguments: [("a", "a"), ("a", "\\u0061"), ("\\u00e9", "e\\u0301")])
  func duplicates(_ first: String, _ second: String) throws {
    for type in ["F32", "I32"] {
      let header =
        "{\"\(first)\":{\"dtype\":\"\(type)\",\"shape\":[0],\"data_offsets\":[0,0]},"
        + "\"\(second)\":{\"dtype\":\"\(type)\",\"shape\":[0],\"data_offsets\":[0,0]}}"
      #expect(try complaint(header, data: 0).contains("twice"), "\(header)")
    }
  }

  @Test(
    "Headers that are no object of tensors are refused",
    arguments: [
      "", " ", "[]", "null", "{", "{}}", "{\"a\":1}", "{\"a\":{}}", "{\"__metadata__\":1}",
      "{\"__metadata__\":{\"a\":1}}", "{\"a\":{\"dtype\":6,\"shape\":[6],\"data_offsets\":[0,24]}}",
      String(repeating: "{\"a\":", count: 5000), "{\"\u{0}\":1}",
    ])
  func noObject(_ header: String) throws {
    #expect(try !complaint(header).isEmpty)
  }
}

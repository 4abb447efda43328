import Foundation
import MartletJSON
import Testing

@testable import MartletCheckpoints

@Suite("Sharded models that are not what they should be")
struct ShardedHostileTests {
  private let folder: HostileFolder
  init() throws { folder = try HostileFolder() }

  private static let index = """
    {"metadata":{"total_size":48},"weight_map":{"a":"1.safetensors","b":"2.safetensors","c":"2.safetensors"}}
    """

  /// A shard whose tensors are U8 or F32 vectors of so many values.
  private func shard(_ tensors: [(name: String, type: String, count: Int)]) -> [UInt8] {
    var entries: [String] = []
    var offset = 0
    for (name, type, count) in tensors {
      let end = offset + count * (type == "F32" ? 4 : 1)
      entries.append(
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":[\(count)],\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var file = FileBytes()
    let header = "{\(entries.joined(separator: ","))}"
    file.put(UInt64(header.utf8.count))
    file.bytes += Array(header.utf8) + [UInt8](repeating: 1, count: offset)
    return file.bytes
  }

  private var first: [UInt8] { shard([("a", "F32", 4)]) }
  private var second: [UInt8] { shard([("b", "F32", 8), ("c", "U8", 3)]) }

  /// The text of the error that these files lead to; empty where the model is read to its last byte.
  private func complaint(_ index: String, _ files: [String: [UInt8]]) throws -> String {
    let path = try folder.file(Array(index.utf8), "model.safetensors.index.json")
    for (name, bytes) in files { _ = try folder.file(bytes, name) }
    defer { for name in files.keys { unlink(folder.url.appending(path: name).path) } }
    do {
      let model = try ShardedSafetensors(indexPath: path)
      for tensor in model.tensors {
        #expect(try model.withBytes(of: tensor.name) { $0.count } == tensor.byteRange.count)
      }
    } catch let error as CheckpointError { return "\(error)" }
    return ""
  }

  private var sound: [String: [UInt8]] { ["1.safetensors": first, "2.safetensors": second] }

  @Test("The model that the others are made of is sound, and a tensor that is not read is named")
  func reads() throws {
    #expect(try complaint(Self.index, sound).isEmpty)
    let path = try folder.file(Array(Self.index.utf8), "model.safetensors.index.json")
    for (name, bytes) in sound { _ = try folder.file(bytes, name) }
    let model = try ShardedSafetensors(indexPath: path)
    #expect(model.tensors.map(\.name) == ["a", "b"])
    #expect(throws: CheckpointError.self) { try model.withBytes(of: "c") { _ in } }
    #expect(throws: CheckpointError.self) { try model.withBytes(of: "d") { _ in } }
  }

  @Test(
    "A file of the index that is no name beside it is refused, whether or not it exists",
    arguments: [
      "\"../../etc/passwd\"", "\"/etc/passwd\"", "\"..\"", "\"a/../1.safetensors\"", "\"./1.safetensors\"",
      "\"\"", "\"1.safetensors\\u0000.png\"", "1", "null", "[\"1.safetensors\"]",
    ])
  func paths(_ file: String) throws {
    let text = try complaint("{\"weight_map\":{\"a\":\(file)}}", sound)
    #expect(text.contains("weight_map") && text.contains("no name of a file beside the index"), "\(text)")
  }

  @Test("A file that is missing, is a folder, or is no safetensors file is named")
  func missing() throws {
    #expect(try complaint(Self.index, ["1.safetensors": first]).contains("2.safetensors"))
    #expect(try complaint("{\"weight_map\":{\"a\":\".\"}}", sound).contains("a folder"))
    let text = try complaint(
      "{\"weight_map\":{\"a\":\"model.safetensors.index.json\"}}", sound)
    #expect(text.contains("header length"), "\(text)")
    #expect(
      try complaint(Self.index, ["1.safetensors": first, "2.safetensors": []]).contains("2.safetensors"))
  }

  @Test("A tensor that is not where the index has it, or nowhere, is named")
  func misplaced() throws {
    for map in [
      "{\"a\":\"2.safetensors\",\"b\":\"1.safetensors\"}",
      "{\"a\":\"1.safetensors\",\"z\":\"2.safetensors\"}",
    ] {
      let text = try complaint("{\"weight_map\":\(map)}", sound)
      #expect(text.contains("weight_map") && text.contains("is not in"), "\(text)")
    }
  }

  @Test("A tensor that two files hold is refused")
  func duplicates() throws {
    let files = [
      "1.safetensors": first, "2.safetensors": shard([("b", "F32", 8), ("a", "F32", 4), ("c", "U8", 3)]),
    ]
    #expect(try complaint(Self.index, files).contains("another file holds it too"))
  }

  @Test("Overlaps, impossible sizes and missing ends inside one of the files are found there")
  func damagedShard() throws {
    func broken(_ old: String, _ new: String) throws -> String {
      let header = try #require(
        String(bytes: second.dropFirst(8).prefix(second.count - 8 - 35), encoding: .utf8))
      let changed = header.replacingOccurrences(of: old, with: new)
      #expect(changed != header)
      var file = FileBytes()
      file.put(UInt64(changed.utf8.count))
      file.bytes += Array(changed.utf8) + [UInt8](repeating: 1, count: 35)
      return try complaint(Self.index, ["1.safetensors": first, "2.safetensors": file.bytes])
    }
    #expect(try broken("[32,35]", "[29,32]").contains("tensor c"))
    #expect(try broken("[0,32]", "[-32,0]").contains("tensor b"))
    #expect(try broken("[8]", "[4611686018427387904,4]").contains("tensor b"))
    #expect(try broken("[32,35]", "[32,9223372036854775807]").contains("tensor c"))
    #expect(
      try complaint(Self.index, ["1.safetensors": first, "2.safetensors": Array(second.dropLast())])
        .contains("cut off"))
  }

  @Test(
    "An index that is no object of names is refused",
    arguments: [
      "", "[]", "{}", "{\"weight_map\":[]}", "{\"weight_map\":\"1.safetensors\"}",
      "{\"weight_map\":{\"a\":{}}}",
      "{\"weight_map\":{\"a\":\"1.safetensors\",\"a\":\"2.safetensors\"}}",
      String(repeating: "{\"weight_map\":", count: 5000), "{\"weight_map\":{\"a\":\"1.safetensors\"}",
    ])
  func noIndex(_ index: String) throws {
    #expect(try !complaint(index, sound).isEmpty)
  }

  @Test("An index of very many tensors that are not there is refused with the first of them")
  func many() throws {
    let names = (0..<200_000).map { "\"t\($0)\":\"1.safetensors\"" }.joined(separator: ",")
    #expect(try complaint("{\"weight_map\":{\(names)}}", sound).contains("t0 is not in 1.safetensors"))
  }

  @Test("With any bits of the index changed, the model is read or refused")
  func mutated() throws {
    for (name, bytes) in sound { _ = try folder.file(bytes, name) }
    let index = Array(Self.index.utf8)
    try forEachMutation(of: index, header: index.count) { bytes in
      let path = try folder.file(bytes, "model.safetensors.index.json")
      do { _ = try ShardedSafetensors(indexPath: path) } catch is CheckpointError {}
    }
  }
}

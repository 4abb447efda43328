import Foundation
import Testing

@testable import MartletCheckpoints

@Suite("GGUF models in several files")
struct SplitGGUFTests {
  private let folder: HostileFolder
  init() throws { folder = try HostileFolder() }

  /// A file with F32 vectors of four values, and the keys of a part.
  private struct Part {
    var number: Int
    var count = 3
    var tensors: [String]
    var all = 4
    var architecture: String?

    var bytes: [UInt8] {
      var file = FileBytes(bytes: Array("GGUF".utf8))
      file.put(UInt32(3))
      file.put(UInt64(tensors.count))
      file.put(UInt64(architecture == nil ? 3 : 4))
      func key(_ name: String, _ type: UInt32) {
        file.put(name)
        file.put(type)
      }
      if let architecture {
        key("general.architecture", 8)
        file.put(architecture)
      }
      key("split.no", 2)
      file.put(UInt16(number))
      key("split.count", 2)
      file.put(UInt16(count))
      key("split.tensors.count", 5)
      file.put(Int32(all))
      for (index, tensor) in tensors.enumerated() {
        file.put(tensor)
        file.put(UInt32(1))
        file.put(UInt64(4))
        file.put(UInt32(0))
        file.put(UInt64(32 * index))
      }
      if tensors.isEmpty { return file.bytes }
      file.pad(to: 32)
      for tensor in tensors {
        for value in 0..<4 { file.put(Float(10 * tensor.utf8.count + value).bitPattern) }
        file.pad(to: 32)
      }
      return file.bytes
    }
  }

  private static let sound = [
    Part(number: 0, tensors: ["a", "bb"], architecture: "llama"), Part(number: 1, tensors: ["ccc"]),
    Part(number: 2, tensors: ["dddd"]),
  ]

  private func name(_ number: Int, of count: Int = 3, stem: String = "model") -> String {
    "\(stem)-0000\(number)-of-0000\(count).gguf"
  }

  /// Writes parts under their names, and gives the path of the first.
  private func write(_ parts: [Part] = sound, stem: String = "model") throws -> String {
    let paths = try parts.map { try folder.file($0.bytes, name($0.number + 1, stem: stem)) }
    return try #require(paths.first)
  }

  /// The text of the error that opening leads to; empty where there is none.
  private func complaint(_ path: String) -> String {
    do { _ = try Checkpoint.open(path) } catch { return "\(error)" }
    return ""
  }

  private func values(_ checkpoint: Checkpoint, _ name: String) throws -> [Float] {
    try checkpoint.tensors.withBytes(of: name) { bytes in
      (0..<4).map { Float(bitPattern: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
    }
  }

  @Test("The first part opens all of them, and so does their folder")
  func opens() throws {
    let path = try write()
    for path in [path, folder.url.path] {
      let checkpoint = try Checkpoint.open(path)
      #expect(checkpoint.tensors.tensors.map(\.name) == ["a", "bb", "ccc", "dddd"])
      for name in ["a", "bb", "ccc", "dddd"] {
        let first = Float(10 * name.utf8.count)
        #expect(try values(checkpoint, name) == [first, first + 1, first + 2, first + 3])
        checkpoint.tensors.discardPages(of: name)
      }
      #expect(checkpoint.tensors.weightBytes == 64)
    }
  }

  @Test("The first part may hold the metadata alone")
  func withoutTensors() throws {
    let path = try write([
      Part(number: 0, tensors: [], architecture: "llama"), Part(number: 1, tensors: ["a", "bb", "ccc"]),
      Part(number: 2, tensors: ["dddd"]),
    ])
    #expect(try Checkpoint.open(path).tensors.tensors.count == 4)
  }

  @Test("Another part than the first names the first")
  func laterPart() throws {
    let first = try write()
    let second = folder.url.appending(path: name(2)).path
    #expect(complaint(second).contains("part 2 of 3"))
    #expect(complaint(second).contains(first))
  }

  @Test("A part that is missing is named")
  func missing() throws {
    let first = try write()
    let second = folder.url.appending(path: name(2)).path
    unlink(second)
    #expect(complaint(first).contains("\(second) is missing: part 2 of 3"))
    #expect(complaint(folder.url.path).contains("\(second) is missing"))
    unlink(first)
    #expect(complaint(folder.url.path).contains("part 3 of 3"))
  }

  @Test("A part under another name says what names are needed")
  func renamed() throws {
    let path = try folder.file(Self.sound[0].bytes, "renamed.gguf")
    #expect(complaint(path).contains("one of 3 parts"))
    #expect(complaint(path).contains("NAME-00001-of-00003.gguf"))
  }

  private static let foreign: [(Part, String)] = [
    (Part(number: 2, tensors: ["ccc"]), "part 2 of 3 is needed, and this is part 3 of 3"),
    (Part(number: 1, count: 4, tensors: ["ccc"]), "this is part 2 of 4"),
    (Part(number: 1, tensors: ["ccc"], architecture: "qwen2"), "general.architecture: it is qwen2"),
    (Part(number: 1, tensors: ["ccc", "eeeee"]), "split.tensors.count: it is 4, and the 3 parts have 5"),
    (Part(number: 1, tensors: []), "split.tensors.count: it is 4, and the 3 parts have 3"),
    (Part(number: 1, tensors: ["bb"]), "tensor bb: another part of the model holds it too"),
  ]

  @Test("A part of another model is refused with what is wrong", arguments: foreign.indices)
  func foreignPart(index: Int) throws {
    let first = try write()
    let (part, problem) = Self.foreign[index]
    _ = try folder.file(part.bytes, name(2))
    #expect(complaint(first).contains(problem), "\(complaint(first))")
  }

  @Test("A file that is no part, or cut off, is refused where a part is needed")
  func noPart() throws {
    let first = try write()
    var whole = Part(number: 0, count: 1, tensors: ["ccc"]).bytes
    _ = try folder.file(whole, name(2))
    #expect(complaint(first).contains("this is part 1 of 1"))
    whole = Self.sound[1].bytes
    // Behind the last tensor stands padding, which nobody needs.
    for length in 0..<whole.count - 16 {
      _ = try folder.file(Array(whole[..<length]), name(2))
      #expect(complaint(first).contains(name(2)), "cut to \(length) bytes")
    }
  }

  @Test("A folder of two split models asks which")
  func twoModels() throws {
    _ = try write()
    let other = try write(stem: "other")
    #expect(complaint(folder.url.path).contains("It holds 6 GGUF files"))
    #expect(complaint(other).isEmpty)
  }

  @Test("Names of parts are read and made")
  func names() {
    #expect(GGUFPartName("a/b-00002-of-00012.gguf") == GGUFPartName(stem: "a/b", number: 2, count: 12))
    #expect(GGUFPartName("b-00002-of-00012.gguf")?.with(number: 10).path == "b-00010-of-00012.gguf")
    for name in [
      "b.gguf", "b-00000-of-00002.gguf", "b-00003-of-00002.gguf", "b-1-of-2.gguf", "-00001-of-00002",
      "b00001-of-00002.gguf", "b-00001-of-0000x.gguf", "b-00001_of-00002.gguf", "b-+0001-of-00002.gguf",
      ".gguf", "",
    ] {
      #expect(GGUFPartName(name) == nil, "\(name)")
    }
  }
}

import Foundation
import MartletJSON
import Testing

@testable import MartletCheckpoints

@Suite("What is said of a model before it is loaded")
struct FactsTests {
  private static let (rows, columns) = (100, 8)

  private static func matrix(_ value: (Int) -> Float) -> [Float] { (0..<rows * columns).map(value) }

  /// A GGUF file of an embedding in 32 bits and an output head in 16.
  private func file(head: [Float]) -> [UInt8] {
    var file = FileBytes()
    file.bytes = Array("GGUF".utf8)
    file.put(UInt32(3))
    file.put(UInt64(2))
    file.put(UInt64(1))
    file.put("general.architecture")
    file.put(UInt32(8))
    file.put("llama")
    let embedding = Self.matrix(Self.value)
    for (name, type, offset) in [("token_embd.weight", 0, 0), ("output.weight", 1, embedding.count * 4)] {
      file.put(name)
      file.put(UInt32(2))
      file.put(UInt64(Self.columns))
      file.put(UInt64(Self.rows))
      file.put(UInt32(type))
      file.put(UInt64(offset))
    }
    file.pad(to: 32)
    for value in embedding { file.put(value.bitPattern) }
    for value in head { file.put(Float16(value).bitPattern) }
    return file.bytes
  }

  private static func value(_ index: Int) -> Float { Float((index * 7919) % 101) / 50 - 1 }

  @Test(
    "An output head that repeats the embedding with other rounding is counted once, another one is counted")
  func tiedGGUF() throws {
    let folder = try HostileFolder()
    let tied = try Checkpoint.open(folder.file(file(head: Self.matrix(Self.value)), "tied.gguf"))
    #expect(tied.repeatsEmbedding && tied.parameterCount == Self.rows * Self.columns)
    let apart = try Checkpoint.open(
      folder.file(file(head: Self.matrix { Self.value($0 * 31 + 5) }), "apart.gguf"))
    #expect(!apart.repeatsEmbedding && apart.parameterCount == 2 * Self.rows * Self.columns)
    let empty = try Checkpoint.open(folder.file(file(head: Self.matrix { _ in 0 }), "empty.gguf"))
    #expect(!empty.repeatsEmbedding)
  }

  @Test("A folder's configuration says whether its head is the embedding", arguments: [true, false])
  func tiedFolder(isTied: Bool) throws {
    let folder = try HostileFolder()
    let names = ["model.embed_tokens.weight", "lm_head.weight"]
    var header = JSONObject()
    for (index, name) in names.enumerated() {
      header[name] = [
        "dtype": "F32", "shape": [4, 2], "data_offsets": [JSON(index * 32), JSON(index * 32 + 32)],
      ]
    }
    var bytes = FileBytes()
    bytes.put(JSON.object(header).serialized())
    bytes.bytes += [UInt8](repeating: 1, count: 64)
    _ = try folder.file(bytes.bytes, "model.safetensors")
    let config: JSON = ["model_type": "llama", "tie_word_embeddings": .bool(isTied)]
    _ = try folder.file(Array(config.serialized().utf8), "config.json")
    let checkpoint = try Checkpoint.open(folder.url.path)
    #expect(checkpoint.parameterCount == (isTied ? 8 : 16))
  }
}

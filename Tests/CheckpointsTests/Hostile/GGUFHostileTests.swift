import Foundation
import MartletTensors
import Testing

@testable import MartletCheckpoints

@Suite("GGUF files that are not what they should be")
struct GGUFHostileTests {
  private let folder: HostileFolder
  init() throws { folder = try HostileFolder() }

  private struct Tensor {
    var name: String
    var dimensions: [UInt64]
    var type: UInt32 = 0
    var offset: UInt64
  }

  private static let tensors = [
    Tensor(name: "token_embd.weight", dimensions: [8, 4], offset: 0),
    Tensor(name: "output_norm.weight", dimensions: [8], offset: 128),
    Tensor(name: "blk.0.ffn_up.weight", dimensions: [32, 2], type: 8, offset: 160),
  ]

  /// Adds keys and values, and says how many.
  private static func putMetadata(_ file: inout FileBytes) -> Int {
    func key(_ name: String, _ type: UInt32) {
      file.put(name)
      file.put(type)
    }
    key("general.architecture", 8)
    file.put("llama")
    key("llama.block_count", 4)
    file.put(UInt32(1))
    key("llama.rope.freq_base", 6)
    file.put(Float(10_000).bitPattern)
    key("tokenizer.ggml.model", 8)
    file.put("gpt2")
    key("tokenizer.ggml.tokens", 9)
    file.put(UInt32(8))
    file.put(UInt64(4))
    for token in ["a", "b", "ab", "<|end|>"] { file.put(token) }
    key("tokenizer.ggml.token_type", 9)
    file.put(UInt32(5))
    file.put(UInt64(4))
    for type in [1, 1, 1, 3] as [Int32] { file.put(type) }
    key("tokenizer.ggml.merges", 9)
    file.put(UInt32(8))
    file.put(UInt64(1))
    file.put("a b")
    key("test.nested", 9)
    file.put(UInt32(9))
    file.put(UInt64(1))
    file.put(UInt32(0))
    file.put(UInt64(2))
    file.bytes += [1, 2]
    key("test.flag", 7)
    file.bytes.append(1)
    return 9
  }

  /// A small sound file, or what `change` makes of it.
  private func build(
    version: UInt32 = 3, tensors: [Tensor] = tensors, tensorCount: UInt64? = nil, pairCount: UInt64? = nil,
    rank: UInt32? = nil, data: Int = 228, extra: (count: Int, put: (inout FileBytes) -> Void)? = nil
  ) -> (bytes: [UInt8], header: Int) {
    var metadata = FileBytes()
    let pairs = Self.putMetadata(&metadata) + (extra?.count ?? 0)
    extra?.put(&metadata)
    var file = FileBytes(bytes: Array("GGUF".utf8))
    file.put(version)
    file.put(tensorCount ?? UInt64(tensors.count))
    file.put(pairCount ?? UInt64(pairs))
    file.bytes += metadata.bytes
    for tensor in tensors {
      file.put(tensor.name)
      file.put(rank ?? UInt32(tensor.dimensions.count))
      for size in tensor.dimensions { file.put(size) }
      file.put(tensor.type)
      file.put(tensor.offset)
    }
    let header = file.bytes.count
    file.pad(to: 32)
    file.bytes += (0..<data).map { UInt8(truncatingIfNeeded: $0) }
    return (file.bytes, header)
  }

  /// The error's text; empty where the file is read.
  private func complaint(_ bytes: [UInt8]) throws -> String {
    try folder.gguf(bytes).map { "\($0)" } ?? ""
  }

  @Test("The file that the others are made of is sound")
  func sound() throws {
    #expect(try folder.gguf(build().bytes) == nil)
    let file = try GGUFFile(path: folder.file(build().bytes, "sound.gguf"))
    #expect(file.tensors.map(\.shape) == [[4, 8], [8], [2, 32]])
    #expect(file.tensors.map(\.byteRange.count) == [128, 32, 68])
    #expect(try file.metadata.array("tokenizer.ggml.tokens")?.strings() == ["a", "b", "ab", "<|end|>"])
  }

  @Test("Cut off anywhere, it is refused")
  func truncated() throws {
    let (bytes, _) = build()
    for length in 0..<bytes.count {
      #expect(try folder.gguf(Array(bytes[..<length])) != nil, "cut to \(length) bytes")
    }
  }

  @Test("With any bits of its header changed, it is read or refused")
  func mutated() throws {
    let (bytes, header) = build()
    try forEachMutation(of: bytes, header: header) { _ = try folder.gguf($0) }
  }

  @Test(
    "Counts beyond the file are refused where they stand",
    arguments: [1000, 1 << 32, 1 << 62, 1 << 63, UInt64.max])
  func counts(_ count: UInt64) throws {
    #expect(try complaint(build(tensorCount: count).bytes).contains("tensor count"))
    #expect(try complaint(build(pairCount: count).bytes).contains("metadata count"))
    for (type, name) in [(8, "strings"), (9, "arrays"), (10, "integers"), (0, "bytes")] as [(UInt32, String)]
    {
      let text = try complaint(
        build(
          extra: (
            1,
            { file in
              file.put(name)
              file.put(UInt32(9))
              file.put(type)
              file.put(count)
            }
          )
        ).bytes)
      #expect(text.contains(name) && text.contains("it counts \(count)"), "\(text)")
    }
  }

  @Test("A string longer than the file is refused", arguments: [1 << 20, 1 << 63, UInt64.max])
  func longString(_ length: UInt64) throws {
    let text = try complaint(
      build(
        extra: (
          1,
          { file in
            file.put("long")
            file.put(UInt32(8))
            file.put(length)
          }
        )
      ).bytes)
    #expect(text.contains("its length is \(length)"), "\(text)")
  }

  @Test("Arrays that nest without end are refused")
  func nested() throws {
    let text = try complaint(
      build(
        extra: (
          1,
          { file in
            file.put("deep")
            file.put(UInt32(9))
            for _ in 0..<20 {
              file.put(UInt32(9))
              file.put(UInt64(1))
            }
          }
        )
      ).bytes)
    #expect(text.contains("nested"), "\(text)")
  }

  @Test("Impossible alignments are refused", arguments: [0, 3, 1 << 40, UInt64.max])
  func alignment(_ alignment: UInt64) throws {
    let text = try complaint(
      build(
        extra: (
          1,
          { file in
            file.put("general.alignment")
            file.put(UInt32(10))
            file.put(alignment)
          }
        )
      ).bytes)
    #expect(text.contains("general.alignment"), "\(text)")
  }

  @Test("A key that stands there twice is refused, and so is a tensor's name")
  func duplicates() throws {
    let key = build(
      extra: (
        1,
        { file in
          file.put("test.flag")
          file.put(UInt32(7))
          file.bytes.append(0)
        }
      ))
    #expect(try complaint(key.bytes).contains("stands there twice"))
    var tensors = Self.tensors
    tensors[1].name = tensors[0].name
    #expect(try complaint(build(tensors: tensors).bytes).contains("stands there twice"))
  }

  @Test(
    "Dimensions that no tensor has are refused",
    arguments: [[0], [8, 0], [UInt64.max], [1 << 63], [1 << 32, 1 << 32], [1 << 62, 4], [8, 1 << 61]])
  func dimensions(_ dimensions: [UInt64]) throws {
    var tensors = Self.tensors
    tensors[0].dimensions = dimensions
    let text = try complaint(build(tensors: tensors).bytes)
    #expect(text.contains("token_embd.weight"), "\(text)")
  }

  @Test("Ranks other than 1 to 4 are refused", arguments: [0, 5, UInt32.max])
  func ranks(_ rank: UInt32) throws {
    #expect(try complaint(build(rank: rank).bytes).contains("there are \(rank), not 1 to 4"))
  }

  @Test("Rows that are not whole blocks, and types that nobody knows, are refused")
  func types() throws {
    var tensors = Self.tensors
    tensors[2].dimensions = [33, 2]
    #expect(try complaint(build(tensors: tensors).bytes).contains("blocks of 32"))
    tensors = Self.tensors
    tensors[0].type = 4_000_000_000
    #expect(try complaint(build(tensors: tensors).bytes).contains("no tensor type 4000000000"))
  }

  private static let unread: [(UInt32, String)] = [
    (15, "Q8_K"), (16, "IQ2_XXS"), (17, "IQ2_XS"), (18, "IQ3_XXS"), (19, "IQ1_S"), (21, "IQ3_S"),
    (22, "IQ2_S"),
    (29, "IQ1_M"), (34, "TQ1_0"), (35, "TQ2_0"), (40, "NVFP4"), (41, "Q1_0"), (42, "Q2_0"), (24, "I8"),
  ]

  @Test("Types that are not read are named, and some that are", arguments: unread.indices)
  func unreadTypes(index: Int) throws {
    var tensors = Self.tensors
    tensors[0].type = Self.unread[index].0
    let text = try complaint(build(tensors: tensors).bytes)
    #expect(text.contains("token_embd.weight is of type \(Self.unread[index].1)"), "\(text)")
    #expect(text.contains("Q2_K") && text.contains("Q4_K_M"), "\(text)")
  }

  @Test(
    "Offsets behind the end are refused",
    arguments: [256, 1 << 40, 1 << 62, UInt64(Int.max) - 31, 1 << 63, UInt64.max - 31])
  func offsets(_ offset: UInt64) throws {
    var tensors = Self.tensors
    tensors[1].offset = offset
    #expect(try complaint(build(tensors: tensors).bytes).contains("output_norm.weight"))
  }

  @Test("Offsets off the alignment, and tensors that overlap, are refused")
  func overlap() throws {
    var tensors = Self.tensors
    tensors[1].offset = 129
    #expect(try complaint(build(tensors: tensors).bytes).contains("alignment"))
    tensors[1].offset = 96
    #expect(try complaint(build(tensors: tensors).bytes).contains("inside token_embd.weight"))
    tensors[1].offset = 0
    #expect(try complaint(build(tensors: tensors).bytes).contains("inside"))
  }

  @Test("Other versions, other endings, and other files are named")
  func otherFiles() throws {
    #expect(try complaint(build(version: 1).bytes).contains("version 1"))
    #expect(try complaint(build(version: 4).bytes).contains("this is 4"))
    #expect(try complaint(build(version: 3 << 24).bytes).contains("big-endian"))
    #expect(try complaint(Array("PK\u{3}\u{4}".utf8) + build().bytes).contains("no GGUF file"))
    #expect(try folder.gguf([]) != nil)
  }
}

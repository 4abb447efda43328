import Foundation
import MartletJSON
import MartletTensors
import MartletTokenizers
import Testing

@testable import MartletCheckpoints

/// A folder for what is written, removed with this object.
final class ConversionFolder {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("conversion-\(UUID())")
  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }
  func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }

  /// A tiny model of the fixtures.
  static func model(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("TransformersTests/Fixtures/\(name)").path
  }

  /// Converts a model and opens the result.
  func convert(
    _ source: String, to name: String, _ scheme: QuantizationScheme? = nil, tokenizer: Bool = true,
    _ change: (inout ModelConversion.Options) -> Void = { _ in }
  ) throws -> Checkpoint {
    var options = ModelConversion.Options(scheme: scheme)
    options.keepsTokenizer = tokenizer
    change(&options)
    let conversion = try ModelConversion(of: Checkpoint.open(source), to: path(name), options: options)
    var reported = 0
    try conversion.run(device: Device(threads: 2)) { done, total in
      reported = done
      #expect(done <= total)
    }
    #expect(reported == conversion.byteCount)
    return try Checkpoint.open(path(name))
  }
}

/// A tensor's values in float32, in Hugging Face's order.
func values(_ name: String, of checkpoint: Checkpoint) throws -> [Float] {
  let tensor = try #require(checkpoint.tensors.description(of: name))
  let rows = tensor.shape.dropLast().reduce(1, *)
  let columns = tensor.shape.last ?? 1
  let order = tensor.rowPermutation?.order(rows: rows)
  var values = [Float](repeating: 0, count: rows * columns)
  let device = try Device(threads: 1)
  try checkpoint.tensors.withBytes(of: name) { bytes in
    try values.withUnsafeMutableBufferPointer {
      try device.decodeRows(
        0..<rows, columns: columns, format: tensor.format, bytes: bytes, rowOrder: order, into: $0)
    }
  }
  return tensor.includesOne ? values.map { $0 - 1 } : values
}

@Suite("Models are converted")
struct ConversionTests {
  private let folder: ConversionFolder
  init() throws { folder = try ConversionFolder() }

  @Test(
    "Safetensors to GGUF in F32 and back again is equal, bit by bit",
    arguments: ["llama-linear", "llama-llama3", "llama-sharded", "mistral", "qwen2", "qwen3", "bert"])
  func roundTrip(name: String) throws {
    let source = try Checkpoint.open(ConversionFolder.model(name))
    _ = try folder.convert(source.path, to: "model.gguf", .float32, tokenizer: false)
    let back = try folder.convert(folder.path("model.gguf"), to: "back", tokenizer: false)
    let kept = source.tensors.tensors.filter { !$0.name.hasPrefix("pooler.") }
    #expect(Set(back.tensors.tensors.map(\.name)) == Set(kept.map(\.name)))
    for tensor in kept {
      let written = try #require(back.tensors.description(of: tensor.name))
      #expect(written.shape == tensor.shape && written.format == .float32)
      #expect(
        try values(tensor.name, of: back).map(\.bitPattern)
          == values(tensor.name, of: source).map(\.bitPattern),
        "\(tensor.name)")
    }
  }

  @Test(
    "A GGUF file has the tensors that the reference's has, byte by byte",
    arguments: [
      ("llama-linear", "f32"), ("llama-llama3", "bf16"), ("llama-sharded", "f16"), ("qwen3", "f32"),
      ("bert", "f32"), ("llama-linear", "q8_0"), ("llama-linear", "q4_0"), ("llama-linear", "q5_1"),
    ])
  func reference(name: String, type: String) throws {
    let scheme = try #require(QuantizationScheme(rawValue: type.uppercased()))
    _ = try folder.convert(ConversionFolder.model(name), to: "model.gguf", scheme, tokenizer: false) {
      // The reference keeps no more bits for the embedding.
      $0.isPure = scheme.isQuantized
    }
    let own = try GGUFFile(path: folder.path("model.gguf"))
    let reference = try GGUFFile(path: ConversionFolder.model("\(name)/\(type).gguf"))
    #expect(Set(own.tensors.map(\.name)) == Set(reference.tensors.map(\.name)))
    for tensor in reference.tensors {
      let written = try #require(own.description(of: tensor.name))
      #expect(written.format == tensor.format && written.shape == tensor.shape, "\(tensor.name)")
      let bytes = try [own, reference].map { file in try file.withBytes(of: tensor.name) { Array($0) } }
      if tensor.name == "rope_freqs.weight" {
        // Powers are rounded otherwise in the last digit.
        let factors = bytes.map { $0.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) } }
        #expect(zip(factors[0], factors[1]).allSatisfy { abs($0 - $1) <= 1e-5 * $1 })
      } else {
        #expect(bytes[0] == bytes[1], "\(tensor.name)")
      }
    }
  }

  @Test(
    "The configuration comes back as it was",
    arguments: ["llama-linear", "llama-llama3", "llama-sharded", "qwen2", "qwen3", "bert"])
  func configuration(name: String) throws {
    let source = try Checkpoint.open(ConversionFolder.model(name))
    _ = try folder.convert(source.path, to: "model.gguf", tokenizer: false)
    let back = try folder.convert(folder.path("model.gguf"), to: "back", tokenizer: false)
    #expect(back.architecture == source.architecture)
    let numbers = [
      "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "intermediate_size",
      "max_position_embeddings", "vocab_size", "head_dim", "rms_norm_eps", "layer_norm_eps",
      "type_vocab_size",
    ]
    for key in numbers {
      guard let stated = source.configuration[key]?.doubleValue else { continue }
      let found = try #require(back.configuration[key]?.doubleValue, "\(key)")
      #expect(Float(found) == Float(stated), "\(key)")
    }
    if name != "bert" {
      let tied = source.configuration["tie_word_embeddings"]
      #expect(back.configuration["tie_word_embeddings"] == tied)
    }
    let rope = source.configuration["rope_parameters"] ?? source.configuration["rope_scaling"]
    for key in ["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"] {
      guard let stated = rope?[key]?.doubleValue else { continue }
      #expect(back.configuration["rope_scaling"]?[key]?.doubleValue == stated, "\(key)")
    }
  }

  @Test("Matrices keep BF16 and F16 unless a type is asked for, and norms are F32 in GGUF")
  func types() throws {
    let brain = try folder.convert(ConversionFolder.model("qwen2"), to: "b.gguf")
    #expect(Set(brain.tensors.tensors.filter { $0.shape.count > 1 }.map(\.format)) == [.bfloat16])
    #expect(Set(brain.tensors.tensors.filter { $0.shape.count == 1 }.map(\.format)) == [.float32])
    #expect(brain.metadata?["general.file_type"]?.intValue == 32)
    let half = try folder.convert(folder.path("b.gguf"), to: "half", .float16)
    #expect(Set(half.tensors.tensors.map(\.format)) == [.float16])
    #expect(half.configuration["torch_dtype"] == "float16")
    // Without a type, what BF16 cannot hold stays F32.
    let kept = try folder.convert(
      try folder.convert(ConversionFolder.model("qwen3"), to: "d.gguf", .bfloat16).path, to: "kept")
    #expect(Set(kept.tensors.tensors.filter { $0.shape.count > 1 }.map(\.format)) == [.bfloat16])
    #expect(kept.tensors.description(of: "model.norm.weight")?.format == .float32)
    let again = try folder.convert(half.path, to: "c.gguf")
    #expect(Set(again.tensors.tensors.filter { $0.shape.count > 1 }.map(\.format)) == [.float16])
  }

  @Test("A GGUF file made from another keeps all of its metadata and its tensors' bytes")
  func copy() throws {
    let source = try GGUFFile(path: ConversionFolder.model("llama-linear/q4_1.gguf"))
    _ = try folder.convert(source.path, to: "copy.gguf")
    let copy = try GGUFFile(path: folder.path("copy.gguf"))
    #expect(copy.metadata.keys == source.metadata.keys)
    for tensor in source.tensors {
      let bytes = try [source, copy].map { file in try file.withBytes(of: tensor.name) { Array($0) } }
      #expect(bytes[0] == bytes[1], "\(tensor.name)")
    }
    #expect(try copy.metadata.array("tokenizer.ggml.tokens")?.strings().count == 128)
  }

  @Test("Quantized weights become F32 in a folder, and quantizing them again is refused")
  func quantized() throws {
    let source = ConversionFolder.model("llama-linear/q5_0.gguf")
    let plain = try folder.convert(source, to: "plain", tokenizer: false)
    let original = try Checkpoint.open(source)
    for tensor in plain.tensors.tensors {
      #expect(tensor.format == .float32)
      #expect(try values(tensor.name, of: plain) == values(tensor.name, of: original))
    }
    #expect {
      try folder.convert(source, to: "again.gguf", .q4_0)
    } throws: { error in
      guard case ConversionError.alreadyQuantized = error else { return false }
      return "\(error)".contains("--allow-requantize")
    }
    let again = try folder.convert(source, to: "again.gguf", .q4_0) { $0.allowsRequantizing = true }
    #expect(again.tensors.tensors.contains { $0.format == .q4_0 })
  }

  @Test("Gemma's norms keep their values, and its file says what llama.cpp takes for granted")
  func gemma() throws {
    let source = folder.path("gemma")
    try FileManager.default.copyItem(atPath: ConversionFolder.model("gemma3"), toPath: source)
    #expect {
      try folder.convert(source, to: "refused.gguf")
    } throws: { error in
      "\(error)".contains("query_pre_attn_scalar")
    }
    let file = URL(fileURLWithPath: source + "/config.json")
    var members = try #require(JSON(parsing: String(contentsOf: file, encoding: .utf8)).objectValue)
    members["query_pre_attn_scalar"] = 16
    members["layer_types"] = ["sliding_attention", "sliding_attention", "sliding_attention"]
    try JSON.object(members).serialized().write(to: file, atomically: true, encoding: .utf8)
    let gguf = try folder.convert(source, to: "gemma.gguf", .float32)
    #expect(gguf.architecture == "gemma3_text")
    let back = try folder.convert(gguf.path, to: "back")
    let original = try Checkpoint.open(source)
    for tensor in original.tensors.tensors {
      let (one, other) = (try values(tensor.name, of: original), try values(tensor.name, of: back))
      // One was added and taken away again, which costs digits of small numbers.
      let allowed: Float = tensor.name.hasSuffix("norm.weight") ? 0x1p-23 : 0
      #expect(zip(one, other).allSatisfy { abs($0 - $1) <= allowed }, "\(tensor.name)")
    }
  }
}

import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import MartletTestScope
import Testing

/// `convert` and `quantize`, as processes.
@Suite("Models are converted and quantized", .startsProcesses)
struct ConvertCommandTests {
  private func fixture(_ name: String) -> String {
    MartletProcess.packageRoot.appendingPathComponent("Tests/TransformersTests/Fixtures/\(name)").path
  }

  private func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test("quantize says what became of each tensor, and Q4_K is Q4_K_S")
  func quantize() throws {
    try withTemporaryFolder { folder in
      let target = folder.appendingPathComponent("model.gguf").path
      let result = try MartletProcess().run(
        "quantize", fixture("qwen3"), target, "--type", "q4_k", "--json")
      #expect(result.status == 0, "\(result.errors)")
      let object = try JSON(parsing: result.text)
      #expect(object["type"] == "Q4_K_S" && object["kind"] == "GGUF" && object["output"] == .string(target))
      let tensors = try #require(object["tensors"]?.arrayValue)
      #expect(tensors.count == 25)
      let matrix = try #require(tensors.first { $0["name"] == "blk.1.ffn_up.weight" })
      #expect(matrix["from"] == "F32" && matrix["to"] == "Q5_0" && matrix["instead_of"] == "Q4_K")
      #expect(matrix["shape"] == [64, 32] && matrix["bytes"] == 1408)
      let bytes = try #require(object["bytes"]?.intValue)
      #expect(try #require(object["bytes_before"]?.intValue) > 4 * bytes)
      #expect(object["warnings"]?.arrayValue?.count == 1)
      let written = try Checkpoint.open(target)
      #expect(
        written.tensors.tensors.reduce(0) { $0 + $1.byteRange.count } == bytes
          && written.quantization.hasPrefix("Q4_K_S:"))
      let again = try MartletProcess().run("quantize", target, target + "2.gguf", "--type", "Q8_0")
      #expect(again.status == 64 && again.errors.contains("--allow-requantize"), "\(again.errors)")
    }
  }

  @Test("convert goes to GGUF and back, and tells in a sentence")
  func convert() throws {
    try withTemporaryFolder { folder in
      let (file, back) = (
        folder.appendingPathComponent("m.gguf").path, folder.appendingPathComponent("m").path
      )
      let there = try MartletProcess().run("convert", fixture("bert"), file)
      #expect(there.status == 0 && there.text.isEmpty)
      #expect(there.errors.contains("37 tensors (37 F32)"), "\(there.errors)")
      #expect(there.errors.contains("pooler.dense.weight"))
      #expect(try MartletProcess().run("convert", file, back, "--type", "F16").status == 0)
      #expect(try names(folder.appendingPathComponent("m")) == ["config.json", "model.safetensors"])
    }
  }

  @Test(
    "Wrong uses are refused with 64",
    arguments: [
      (["quantize", "IN", "OUT.gguf"], "needs a type"),
      (["quantize", "IN", "OUT", "--type", "Q8_0"], "does not end in .gguf"),
      (["quantize", "IN", "OUT.gguf", "--type", "F16"], "must be one of Q8_0"),
      (["quantize", "IN", "OUT.gguf", "--type", "Q5_K"], "Q5_K_S, Q5_K_M"),
      (["convert", "IN", "OUT.gguf", "--pure"], "--pure"), (["convert", "IN", "OUT"], "so is the model"),
      (["convert", "IN", "IN"], "is the model itself"),
    ])
  func uses(arguments: [String], message: String) throws {
    try withTemporaryFolder { folder in
      let source = folder.appendingPathComponent("IN").path
      try FileManager.default.copyItem(atPath: fixture("qwen3"), toPath: source)
      let arguments = arguments.map { $0.contains("IN") || $0.contains("OUT") ? "\(folder.path)/\($0)" : $0 }
      let result = try MartletProcess().run(arguments)
      #expect(result.status == 64 && result.errors.contains(message), "\(result.errors)")
      #expect(try names(folder) == ["IN"])
    }
  }

  @Test("A limit of file sizes, as a full disk, leaves nothing behind", arguments: ["m.gguf", "m"])
  func fullDisk(name: String) throws {
    try withTemporaryFolder { folder in
      var process = MartletProcess()
      process.launcher = ["/bin/sh", "-c", "ulimit -f 64; exec \"$@\"", "sh"]
      let source = fixture(name == "m" ? "qwen3/f32.gguf" : "qwen3")
      let result = try process.run(
        "convert", source, folder.appendingPathComponent(name).path, "--type", "F32",
        "--no-tokenizer")
      #expect(result.status == 74 && result.errors.contains("writing it failed"), "\(result.errors)")
      #expect(try names(folder).isEmpty)
    }
  }

  @Test("Ctrl-C leaves nothing behind", .needs(Models.embedder))
  func interruption() throws {
    try withTemporaryFolder { folder in
      let result = try MartletProcess().interrupt([
        "quantize", Models.embedder, folder.appendingPathComponent("m.gguf").path, "--type", "Q4_K_M",
        "--threads", "1",
      ]) { _ in
        (try? names(folder).isEmpty) == false
      }
      #expect(result.status == 130, "\(result.errors)")
      #expect(try names(folder).isEmpty)
    }
  }

  @Test("A real embedder comes back equal, bit by bit, with its tokenizer", .needs(Models.embedder), .long)
  func embedder() throws {
    try withTemporaryFolder { folder in
      let (file, back) = (
        folder.appendingPathComponent("m.gguf").path, folder.appendingPathComponent("m").path
      )
      let there = try MartletProcess().run("convert", Models.embedder, file, "--type", "F32")
      #expect(there.status == 0 && !there.errors.contains("differs"), "\(there.errors)")
      let result = try MartletProcess().run("convert", file, back)
      #expect(result.status == 0 && result.errors.split(separator: "\n").count == 1, "\(result.errors)")
      let models = try [Checkpoint.open(named: Models.embedder), Checkpoint.open(back)]
      for tensor in models[1].tensors.tensors {
        let bytes = try models.map { model in try model.tensors.withBytes(of: tensor.name) { Array($0) } }
        #expect(bytes[0] == bytes[1], "\(tensor.name)")
      }
      #expect(models[1].tensors.tensors.count == 101)
      #expect(
        models[1].sentenceEmbedding?.pooling == .mean && models[1].sentenceEmbedding?.normalizes == true)
      let tokenizers = try models.map { try $0.makeTokenizer() }
      for text in ["Grüße, the naïve café.", "cafe\u{301} हिन्दी ी̗", "two  words, [MASK]\n日本語"] {
        let ids = tokenizers.map { $0.encode(text, addSpecialTokens: true, parseSpecialTokens: true) }
        #expect(ids[0] == ids[1])
      }
    }
  }

  @Test("A GGUF file's tokenizer and template come back through a folder", .needs(Models.small), .long)
  func decoder() throws {
    try withTemporaryFolder { folder in
      let (path, file) = (
        folder.appendingPathComponent("m").path, folder.appendingPathComponent("m.gguf").path
      )
      for arguments in [["convert", Models.small, path, "--type", "F16"], ["convert", path, file]] {
        let result = try MartletProcess().run(arguments)
        #expect(result.status == 0 && !result.errors.contains("warning"), "\(result.errors)")
      }
      let models = try [Checkpoint.open(named: Models.small), Checkpoint.open(path), Checkpoint.open(file)]
      #expect(Set(models.map(\.chatTemplates.standard)).count == 1 && models[0].chatTemplates.standard != nil)
      #expect(Set(models.map(\.license)) == ["apache-2.0"] && Set(models.map(\.languages)) == [["en"]])
      #expect(Set(models.map(\.generationConfiguration.endOfGeneration)).count == 1)
      for key in ["tokens", "token_type", "merges"] {
        let counts = try [models[0], models[2]].map { try $0.metadata?.array("tokenizer.ggml.\(key)")?.count }
        #expect(counts[0] == counts[1])
      }
      let tokenizers = try models.map { try $0.makeTokenizer() }
      for text in ["<|im_start|>user\nGrüße 12345<|im_end|>", "  two\t spaces\n\n", "camelCase isn't 日本語 🙂"] {
        let ids = Set(tokenizers.map { $0.encode(text, addSpecialTokens: true, parseSpecialTokens: true) })
        #expect(ids.count == 1)
      }
    }
  }
}

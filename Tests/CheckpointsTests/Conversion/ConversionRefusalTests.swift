import Foundation
import MartletJSON
import MartletTensors
import Testing

@testable import MartletCheckpoints

@Suite("What cannot be converted is refused, and nothing is left behind")
struct ConversionRefusalTests {
  private let folder: ConversionFolder
  init() throws { folder = try ConversionFolder() }

  private func expectRefusal(
    _ parts: [String], _ work: () throws -> Checkpoint
  ) throws {
    let before = try folder.names()
    #expect {
      try work()
    } throws: { error in
      for part in parts where !"\(error)".contains(part) {
        Issue.record("‘\(error)’ does not say ‘\(part)’")
      }
      return error is ConversionError || error is CheckpointError
    }
    #expect(try folder.names() == before)
  }

  @Test("What exists is replaced only where that is asked for, and a folder only if it is a model's")
  func existing() throws {
    let source = ConversionFolder.model("qwen3")
    _ = try folder.convert(source, to: "model.gguf")
    try expectRefusal(["exists already", "--force"]) { try folder.convert(source, to: "model.gguf") }
    _ = try folder.convert(source, to: "model.gguf", .float16) { $0.replaces = true }
    #expect(try Checkpoint.open(folder.path("model.gguf")).formats.contains { $0.format == .float16 })
    _ = try folder.convert(folder.path("model.gguf"), to: "model")
    let again = try folder.convert(folder.path("model.gguf"), to: "model", .bfloat16) { $0.replaces = true }
    #expect(Set(again.tensors.tensors.map(\.format)) == [.bfloat16])
    try FileManager.default.createDirectory(atPath: folder.path("photos"), withIntermediateDirectories: false)
    try Data("x".utf8).write(to: folder.url.appendingPathComponent("photos/a.jpg"))
    try expectRefusal(["holds no model"]) {
      try folder.convert(folder.path("model.gguf"), to: "photos") { $0.replaces = true }
    }
    try expectRefusal(["it is no folder"]) {
      try folder.convert(source + "/f32.gguf", to: "photos/a.jpg") { $0.replaces = true }
    }
    #expect(try folder.names() == ["model", "model.gguf", "photos"])
  }

  @Test("Types that the new files cannot hold, and files of the same kind")
  func kinds() throws {
    let source = ConversionFolder.model("qwen3")
    try expectRefusal(["holds no Q4_0", "F32, F16, BF16"]) {
      try folder.convert(source + "/f32.gguf", to: "model", .q4_0)
    }
    try expectRefusal(["so is the model", ".gguf"]) { try folder.convert(source, to: "copy") }
    try expectRefusal(["does not exist"]) { try folder.convert(source, to: "nowhere/model.gguf") }
  }

  /// A copy of a tiny model in which members of its configuration are other ones.
  private func model(_ name: String, _ members: KeyValuePairs<String, JSON>) throws -> String {
    let path = folder.path("source-\(UUID())")
    try FileManager.default.copyItem(atPath: ConversionFolder.model(name), toPath: path)
    let file = URL(fileURLWithPath: path + "/config.json")
    var object = try #require(JSON(parsing: String(contentsOf: file, encoding: .utf8)).objectValue)
    for (key, value) in members { object[key] = value }
    try JSON.object(object).serialized().write(to: file, atomically: true, encoding: .utf8)
    return path
  }

  @Test("Settings that GGUF has no key for are named")
  func settings() throws {
    let cases: [(String, KeyValuePairs<String, JSON>, String)] = [
      ("qwen2", ["use_sliding_window": true], "use_sliding_window"),
      ("qwen3", ["hidden_act": "relu"], "hidden_act"),
      ("qwen3", ["rope_parameters": ["rope_type": "dynamic", "factor": 2]], "dynamic"),
      ("qwen3", ["rope_parameters": ["rope_type": "yarn", "factor": 2, "truncate": false]], "truncate"),
      ("qwen3", ["num_experts": 8], "num_experts"), ("qwen3", ["hidden_size": "wide"], "hidden_size"),
      ("qwen3", ["model_type": "made_up"], "made_up"),
    ]
    for (name, members, key) in cases {
      let source = try model(name, members)
      try expectRefusal([key]) { try folder.convert(source, to: "model.gguf") }
    }
  }

  @Test("A tensor that GGUF has no name for")
  func tensors() throws {
    let source = try model("bert", ["model_type": "llama", "hidden_act": "silu"])
    try expectRefusal(["embeddings.LayerNorm"]) { try folder.convert(source, to: "model.gguf") }
  }

  @Test("A tokenizer that GGUF has no words for, unless it is left out")
  func tokenizers() throws {
    let source = ConversionFolder.model("llama-linear")
    try expectRefusal(["tokenizer.json", "byte_fallback", "--no-tokenizer"]) {
      try folder.convert(source, to: "model.gguf")
    }
    _ = try folder.convert(source, to: "model.gguf", tokenizer: false)
  }

  @Test("A value that blocks cannot hold ends the work, and so does cancelling it")
  func brokenOff() async throws {
    let path = try model("qwen3", [:])
    let file = URL(fileURLWithPath: path + "/model.safetensors")
    var bytes = try Data(contentsOf: file)
    let last = try #require(Checkpoint.open(path).tensors.tensors.last { $0.shape.count > 1 })
    bytes.replaceSubrange(
      last.byteRange.lowerBound..<last.byteRange.lowerBound + 4,
      with: withUnsafeBytes(of: Float.nan) { Data($0) })
    try bytes.write(to: file)
    try expectRefusal(["holds a value that Q8_0 cannot"]) {
      try folder.convert(path, to: "model.gguf", .q8_0)
    }
    let source = try Checkpoint.open(ConversionFolder.model("qwen3"))
    let target = folder.path("cancelled.gguf")
    let before = try folder.names()
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try ModelConversion(of: source, to: target).run(device: Device(threads: 1))
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try folder.names() == before)
  }
}

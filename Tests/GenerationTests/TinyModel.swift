import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import Testing

@testable import MartletGeneration

/// The fixture llama-linear: a whole model of two layers with random weights, 128 rows, 100 tokens and a context of 128.
enum TinyModel {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "TransformersTests/Fixtures/llama-linear")

  static func open(
    at folder: URL = folder, precision: Precision = .fast, context: Int? = nil, maximumSequences: Int = 16,
    cacheBudget: Int? = nil
  ) throws -> LocalModel {
    try LocalModel(
      Checkpoint.open(folder.path()), name: "tiny", precision: precision, contextLength: context,
      maximumSequences: maximumSequences, cacheBudget: cacheBudget, device: Device(threads: 1))
  }

  /// The model with other JSON files, in a folder that is removed after `body`.
  static func changed<Result>(
    tokenizer: (inout JSONObject) throws -> Void = { _ in }, configuration: JSON? = nil,
    _ body: (URL) async throws -> Result
  ) async throws -> Result {
    let copy = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: copy) }
    for name in ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"] {
      try FileManager.default.copyItem(at: folder.appending(path: name), to: copy.appending(path: name))
    }
    let file = copy.appending(path: "tokenizer.json")
    var members = try #require(try JSON(parsing: [UInt8](Data(contentsOf: file))).objectValue)
    try tokenizer(&members)
    try Data(JSON.object(members).serialized().utf8).write(to: file)
    if let configuration {
      try Data(configuration.serialized().utf8).write(to: copy.appending(path: "tokenizer_config.json"))
    }
    return try await body(copy)
  }
}

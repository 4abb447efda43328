import Foundation
import MartletCheckpoints
import MartletEmbedding
import MartletJSON
import MartletTensors
import Testing

/// The tiny BERT of the fixtures in one of its variants (Fixtures/make_fixtures.py), a whole model in a folder.
struct TinyBERT {
  static let fixtures = MiniLM.here.appending(path: "Fixtures")
  static let variants = [
    "cls", "prompts", "default-prompt", "max", "last", "weighted-mean", "square-root", "dense",
  ]

  let folder: URL

  /// Puts the variant together in a folder that is removed after `body`.
  static func with<Result>(_ variant: String, _ body: (TinyBERT) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: fixtures.appending(path: variant), to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["config.json", "model.safetensors", "tokenizer.json"] {
      try FileManager.default.copyItem(
        at: fixtures.appending(path: "bert/\(name)"), to: folder.appending(path: name))
    }
    return try body(TinyBERT(folder: folder))
  }

  /// Other contents for one of its JSON files.
  func rewrite(_ name: String, _ contents: JSON) throws {
    try Data(contents.serialized().utf8).write(to: folder.appending(path: name))
  }

  /// Other values for members of one of its JSON files.
  func change(_ name: String, _ members: JSON) throws {
    let json = try JSON(parsing: [UInt8](Data(contentsOf: folder.appending(path: name))))
    var all = json.objectValue ?? [:]
    for (key, value) in members.objectValue ?? [:] { all[key] = value }
    try rewrite(name, .object(all))
  }

  func checkpoint() throws -> Checkpoint { try Checkpoint.open(folder.path()) }

  func embedder() throws -> SentenceEmbedder {
    try SentenceEmbedder(checkpoint(), name: "tiny", device: Device(threads: 1))
  }

  /// What sentence-transformers computed.
  static func reference() throws -> JSON {
    try JSON(parsing: [UInt8](Data(contentsOf: fixtures.appending(path: "reference.json"))))
  }
}

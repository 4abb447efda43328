import Foundation
import MartletCheckpoints
import MartletGeneration
import MartletJSON
import MartletTokenizers
import Testing

@testable import MartletFineTuning

/// What transformers makes of conversations and prompts with two small tokenizers (Fixtures/make_examples.py).
struct ExampleFixture {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/examples")
  let root: JSON

  init() throws {
    root = try JSON(parsing: [UInt8](Data(contentsOf: Self.folder.appending(path: "expected.json"))))
  }

  var models: [JSON] { root["models"]?.arrayValue ?? [] }

  /// The names of the models that have a tokenizer and a template.
  static let names = ["chatml", "gemma", "mistral", "endless"]

  func model(_ name: String) throws -> JSON {
    try #require(models.first { $0["name"]?.stringValue == name })
  }

  /// The tokenizer of a model with its template, or with another one.
  func encoder(_ name: String, template: String? = nil, hasTemplate: Bool = true) throws -> PromptEncoder {
    let model = try model(name)
    let kind = try #require(model["tokenizer"]?.stringValue)
    var tokenizer = try Tokenizer(
      tokenizerJSON: [UInt8](Data(contentsOf: Self.folder.appending(path: "\(kind).json"))))
    let (bos, eos) = (model["bos"]?.stringValue, try #require(model["eos"]?.stringValue))
    tokenizer.special.bos = bos.flatMap { tokenizer.id(of: $0) }
    tokenizer.special.addsBOS = bos != nil
    tokenizer.special.eos = tokenizer.id(of: eos)
    tokenizer.special.endOfGeneration = Set([tokenizer.id(of: eos)].compactMap { $0 })
    var special = ["eos_token": eos]
    special["bos_token"] = bos
    let templates = ChatTemplates(standard: hasTemplate ? template ?? model["template"]?.stringValue : nil)
    return try PromptEncoder(tokenizer, chatTemplates: templates, specialTokens: special, name: name)
  }

  func template(_ name: String) throws -> String { try #require(root["templates"]?[name]?.stringValue) }
}

/// A file that is there for the time of a test.
final class TemporaryFile {
  let path: String

  convenience init(_ text: String, name: String = "data.jsonl") throws {
    try self.init(bytes: Array(text.utf8), name: name)
  }

  init(bytes: [UInt8], name: String) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.appending(path: name).path(percentEncoded: false)
    try Data(bytes).write(to: URL(filePath: path))
  }

  deinit { try? FileManager.default.removeItem(at: URL(filePath: path).deletingLastPathComponent()) }
}

extension TrainingExample {
  /// 1 where a token counts.
  var mask: [Int] { counts.map { $0 ? 1 : 0 } }

  /// The tokens that count, as text.
  func counted(_ tokenizer: Tokenizer) -> String {
    tokenizer.decode(zip(tokens, counts).filter(\.1).map(\.0), skipSpecialTokens: false)
  }
}

extension JSON {
  var integers: [Int] { (arrayValue ?? []).compactMap(\.intValue) }
}

import Foundation

/// The tiny model of the fixtures, a Hugging Face folder that needs nothing to be pulled: random weights, single
/// characters as tokens, a context of 128 tokens, texts that begin with "<s>", and no chat template.
enum TinyFolder {
  static let url = MartletProcess.packageRoot.appendingPathComponent(
    "Tests/TransformersTests/Fixtures/llama-linear")
  static let path = url.path

  /// Calls `body` with a folder of the same model in which these files are other ones, and removes it.
  static func with<Result>(_ files: [String: String], _ body: (String) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
      for name in ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"] {
        try FileManager.default.copyItem(
          at: url.appendingPathComponent(name), to: folder.appendingPathComponent(name))
      }
      for (name, text) in files {
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
      return try body(folder.path)
    }
  }
}

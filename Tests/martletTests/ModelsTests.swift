import Foundation
import JSON
import Testing

@Suite("martlet pull, models and rm")
struct ModelsTests {
  /// SHA-256 of "hello\n".
  private let hash = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"

  /// A cache of its own, whose catalogue has one more model, to be had from a file.
  private func withCache(hash: String, _ body: (MartletProcess, URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let models = folder.appendingPathComponent("models")
      try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
      let source = folder.appendingPathComponent("source.txt")
      try Data("hello\n".utf8).write(to: source)
      let catalogue: JSON = [
        "models": [
          [
            "name": "greeting", "purpose": "generation", "architecture": "llama", "license": "MIT",
            "files": [["name": "model.gguf", "size": 6, "sha256": .string(hash)]],
            "sources": [["type": "file", "files": ["model.gguf": .string(source.path)]]],
          ]
        ]
      ]
      try Data(catalogue.serialized().utf8).write(to: models.appendingPathComponent("catalogue.json"))
      try body(MartletProcess(environment: ["MARTLET_HOME": folder.path]), models)
    }
  }

  private func isInstalled(_ name: String, _ process: MartletProcess) throws -> Bool? {
    let list = try JSON(parsing: try process.run("models", "--json").text)
    return list.arrayValue?.first { $0["name"]?.stringValue == name }?["installed"]?.boolValue
  }

  @Test("A model is pulled, listed, removed, and then not there")
  func life() throws {
    try withCache(hash: hash) { process, models in
      #expect(try isInstalled("greeting", process) == false)
      let pulled = try process.run("pull", "greeting")
      #expect(pulled.status == 0, "\(pulled.errors)")
      #expect(pulled.output.isEmpty)
      #expect(
        try Data(contentsOf: models.appendingPathComponent("greeting/model.gguf")) == Data("hello\n".utf8))
      #expect(try isInstalled("greeting", process) == true)
      #expect(try process.run("pull", "greeting").errors.contains("there already"))
      #expect(try process.run("rm", "greeting").status == 0)
      #expect(try isInstalled("greeting", process) == false)
      #expect(try process.run("rm", "greeting").status == 66)
    }
  }

  @Test("A file whose SHA-256 differs never appears in the cache; the exit code is 69")
  func wrongHash() throws {
    try withCache(hash: String(repeating: "0", count: 64)) { process, models in
      let pulled = try process.run("pull", "greeting")
      #expect(pulled.status == 69)
      #expect(pulled.errors.contains(hash))
      #expect(!FileManager.default.fileExists(atPath: models.appendingPathComponent("greeting").path))
    }
  }

  @Test("A name that is not in the catalogue ends with 66 and the nearest one")
  func unknown() throws {
    try withCache(hash: hash) { process, _ in
      let result = try process.run("pull", "greting")
      #expect(result.status == 66)
      #expect(result.errors.contains("greeting"))
      #expect(try process.run("generate", "-m", "greeting", "Hi").status == 66)
    }
  }

  @Test("A model file that is no model ends with 65 and names the file")
  func damaged() throws {
    try withCache(hash: hash) { process, _ in
      _ = try process.run("pull", "greeting")
      let result = try process.run("models", "greeting")
      #expect(result.status == 65)
      #expect(result.errors.contains("model.gguf"))
    }
  }
}

import Foundation
import MartletJSON
import MartletTestScope
import Testing

@Suite("martlet pull, models and rm", .startsProcesses)
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
            "name": "greeting", "aliases": ["hello:6b", "Example/Greeting"], "purpose": "generation",
            "architecture": "llama", "license": "MIT",
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
      let said = pulled.errors.split(separator: "\n")
      #expect(
        said.first == "Pulling greeting: 6 B, licence MIT" && said.last?.hasPrefix("  Done in ") == true)
      #expect(said.filter { $0.contains("From ") }.count == 1 && !pulled.errors.contains("SHA-256"))
      #expect(
        try Data(contentsOf: models.appendingPathComponent("greeting/model.gguf")) == Data("hello\n".utf8))
      #expect(try isInstalled("greeting", process) == true)
      #expect(try process.run("pull", "greeting").errors.contains("already in the cache"))
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

  @Test("An alias means its model wherever a name is taken", arguments: ["hello:6b", "example/greeting"])
  func aliases(alias: String) throws {
    try withCache(hash: hash) { process, _ in
      #expect(try process.run("pull", alias).status == 0)
      #expect(try isInstalled("greeting", process) == true)
      #expect(try process.run("pull", alias).errors.contains("already in the cache"))
      // The file is no model, and the message says which file.
      for command in [["models", alias], ["generate", "-m", alias, "Hi"], ["embed", "-m", alias, "Hi"]] {
        let result = try process.run(command)
        #expect(result.status == 65 && result.errors.contains("greeting/model.gguf"), "\(result.errors)")
      }
      #expect(try process.run("rm", alias).status == 0)
      #expect(try isInstalled("greeting", process) == false)
      let missing = try process.run("models", alias)
      #expect(missing.status == 0 && missing.text.contains("martlet pull greeting"))
    }
  }

  @Test("Before a pull a model's size says about what it takes in memory")
  func memoryBeforePull() throws {
    try withCache(hash: hash) { process, _ in
      let text = try process.run("models", "greeting").text
      #expect(text.contains("about 6 B of weights") && text.contains("MIT") && text.contains("hello:6b"))
      let details = try JSON(parsing: try process.run("models", "greeting", "--json").text)
      #expect(details["weight_bytes"]?.intValue == 6 && details["license"]?.stringValue == "MIT")
      #expect(details["aliases"] == ["hello:6b", "Example/Greeting"] && details["path"]?.isNull == true)
    }
  }

  @Test("The list for programs has size, quantization, context, licence and aliases of each model")
  func list() throws {
    try withCache(hash: hash) { process, models in
      let fixture = MartletProcess.packageRoot.appending(
        path: "Tests/TransformersTests/Fixtures/llama-linear")
      let own = models.appending(path: "own")
      try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
      for name in ["config.json", "model.safetensors", "tokenizer.json"] {
        try FileManager.default.copyItem(at: fixture.appending(path: name), to: own.appending(path: name))
      }
      func rows() throws -> [JSON] {
        try JSON(parsing: try process.run("models", "--json").text).arrayValue ?? []
      }
      let all = try rows()
      let keys = [
        "name", "aliases", "purpose", "bytes", "license", "installed", "default", "runs", "pinned",
        "quantization", "context_length", "weight_bytes",
      ]
      #expect(all.count > 10 && all.allSatisfy { $0.objectValue?.map(\.key) == keys })
      let pulled = try #require(all.first { $0["name"]?.stringValue == "own" })
      #expect(pulled["quantization"]?.stringValue?.contains("F32") == true)
      #expect(pulled["context_length"]?.intValue == 128 && pulled["license"]?.isNull == true)
      let size =
        try FileManager.default.attributesOfItem(
          atPath: own.appending(path: "model.safetensors").path)[.size] as? Int
      let weights = try #require(pulled["weight_bytes"]?.intValue)
      #expect(weights > 0 && weights < size ?? 0)
      let greeting = try #require(all.first { $0["name"]?.stringValue == "greeting" })
      #expect(greeting["quantization"]?.isNull == true && greeting["weight_bytes"]?.isNull == true)
      #expect(greeting["license"]?.stringValue == "MIT" && greeting["bytes"]?.intValue == 6)
      #expect(try process.run("models").text.contains("unknown"))
      #expect(try process.run("models", "own").text.contains("unknown: its files do not state one"))

      try Data("---\nlicense: other\nlicense_name: swift-1\n---\n# Own\n".utf8)
        .write(to: own.appending(path: "README.md"))
      #expect(try rows().contains { $0["license"]?.stringValue == "swift-1" })
      #expect(try process.run("models", "own").text.contains("swift-1"))
    }
  }

  @Test("An embedding model says how much of a text it reads", .needs(Models.embedder))
  func reads() throws {
    let result = try MartletProcess().run("models", "all-minilm")
    #expect(result.text.contains("256 tokens of a text"), "\(result.text)")
    let details = try JSON(parsing: try MartletProcess().run("models", "all-minilm", "--json").text)
    #expect(details["name"]?.stringValue == Models.embedder && details["maximum_tokens"]?.intValue == 256)
  }
}

import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import Testing

@testable import MartletTransformers

@Suite("An adapter's files")
struct AdapterFileTests {
  /// A folder that is removed with the test.
  final class Folder {
    let path = FileManager.default.temporaryDirectory.appending(path: "martlet-adapter-\(UUID())").path()
    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A copy of one of peft's adapters, with other members of its settings.
    func copy(_ name: String, changing changes: JSONObject = [:]) throws -> Folder {
      try FileManager.default.copyItem(atPath: AdapterReference.path(name), toPath: path)
      let file = path + "/adapter_config.json"
      var members = try #require(
        JSON(parsing: [UInt8](Data(contentsOf: URL(filePath: file)))).objectValue)
      for (key, value) in changes { members[key] = value }
      try Data(JSON.object(members).serialized().utf8).write(to: URL(filePath: file))
      return self
    }
  }

  private static func device() throws -> Device { try Device(threads: 1) }

  @Test("What is written is read again as it was", arguments: AdapterReference.names)
  func roundTrip(name: String) throws {
    let reference = try AdapterReference()
    let expected = try #require(reference.adapters[name])
    let model = try ParameterTests.open(expected.base)
    let adapter = try ModelAdapter(directory: AdapterReference.path(name), device: model.device)
    let folder = Folder()
    try adapter.fitted(to: model.parameters).write(to: folder.path)
    let again = try ModelAdapter(directory: folder.path, device: model.device)
    #expect(again.configuration == adapter.configuration)
    expectEqual(
      try AdapterReference.logits(model.adapted(by: [ScaledAdapter(again)]), reference.ids), expected.logits,
      within: 1e-5, name)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
  }

  @Test("Members that change the result are refused by name")
  func refusedMembers() throws {
    let members: [(String, JSON)] = [
      ("use_dora", true), ("lora_bias", true), ("use_qalora", true), ("kasa_config", ["beta": 1]),
      ("velora_config", ["rank": 1]), ("trainable_token_indices", [1]), ("target_parameters", ["experts"]),
      ("layer_replication", [[0, 1]]), ("alora_invocation_tokens", [3]), ("arrow_config", ["top_k": 1]),
      ("use_bdlora", ["nblocks": 2]), ("monteclora_config", ["num_samples": 2]), ("peft_type", "IA3"),
      ("init_lora_weights", "pissa"), ("init_lora_weights", "olora"), ("something_new", 3),
      ("something_new", "on"),
    ]
    for (key, value) in members {
      let folder = try Folder().copy("default-llama", changing: [key: value])
      let error = #expect(throws: AdapterError.self) {
        try ModelAdapter(directory: folder.path, device: Self.device())
      }
      guard case .unsupportedSetting(_, key, _, _) = error else {
        Issue.record("\(key): \(String(describing: error))")
        continue
      }
    }
  }

  @Test("Members that make no difference, and unknown ones that say nothing, are passed over")
  func harmlessMembers() throws {
    let folder = try Folder().copy(
      "default-llama",
      changing: [
        "kasa_config": nil, "use_qalora": false, "qalora_group_size": 32, "revision": "main",
        "auto_mapping": ["base_model_class": "X"], "something_new": nil, "another": false, "third": [],
        "init_lora_weights": "gaussian", "eva_config": ["rho": 2.0],
      ])
    _ = try ModelAdapter(directory: folder.path, device: Self.device())
  }

  @Test("Settings that are no values are refused")
  func invalidSettings() throws {
    let members: [(String, JSON)] = [
      ("r", 0), ("r", "eight"), ("lora_alpha", "x"), ("target_modules", 3), ("bias", "some"),
      ("rank_pattern", ["q_proj": 0]), ("alpha_pattern", [1]), ("use_rslora", 1), ("modules_to_save", [1]),
      ("peft_type", nil), ("layers_to_transform", ["a"]),
    ]
    for (key, value) in members {
      let folder = try Folder().copy("default-llama", changing: [key: value])
      let error = #expect(throws: AdapterError.self) {
        try ModelAdapter(directory: folder.path, device: Self.device())
      }
      guard case .invalidSetting(key, _) = error else {
        Issue.record("\(key): \(String(describing: error))")
        continue
      }
    }
  }

  @Test("Layers that nothing fills, and tensors that nothing takes, are listed (P22)")
  func incomplete() throws {
    let model = try ParameterTests.open("llama-linear")
    let folder = try Folder().copy("default-llama", changing: ["target_modules": ["q_proj", "k_proj"]])
    let adapter = try ModelAdapter(directory: folder.path, device: model.device)
    let error = #expect(throws: AdapterError.self) { try adapter.fitted(to: model.parameters) }
    #expect(
      error
        == .incomplete(
          file: "The adapter",
          unused: [0, 1].map { "model.layers.\($0).self_attn.v_proj" },
          unfilled: [0, 1].map { "model.layers.\($0).self_attn.k_proj" }))
    #expect("\(try #require(error))".contains("Nothing takes"))
    let saved = try Folder().copy("default-llama", changing: ["modules_to_save": ["lm_head"]])
    #expect(throws: AdapterError.incomplete(file: "The adapter", unused: [], unfilled: ["lm_head.weight"])) {
      try ModelAdapter(directory: saved.path, device: model.device).fitted(to: model.parameters)
    }
  }

  @Test("Tensors without their pair, of unknown kinds, or that are not finite are refused")
  func strangeTensors() throws {
    let a = [Float](repeating: 0.5, count: 4)
    func error(_ tensors: [(String, [Int], [Float])]) throws -> AdapterError? {
      let folder = try Folder().copy("default-llama")
      try SafetensorsWriter.write(
        tensors.map { tensor in .init(name: tensor.0, shape: tensor.1) { tensor.2 } },
        to: folder.path + "/adapter_model.safetensors")
      return #expect(throws: AdapterError.self) {
        try ModelAdapter(directory: folder.path, device: Self.device())
      }
    }
    let layer = "base_model.model.model.layers.0.self_attn.q_proj"
    guard
      case .incomplete(_, [], ["model.layers.0.self_attn.q_proj (B)"]) = try error([
        (layer + ".lora_A.weight", [2, 2], a)
      ])
    else { Issue.record("no pair"); return }
    guard
      case .incomplete(_, [layer + ".lora_magnitude_vector"], []) = try error([
        (layer + ".lora_A.weight", [2, 2], a), (layer + ".lora_B.weight", [2, 2], a),
        (layer + ".lora_magnitude_vector", [4], a),
      ])
    else { Issue.record("unknown kind"); return }
    #expect(
      try error([
        (layer + ".lora_A.weight", [2, 2], [1, .nan, 0, 0]), (layer + ".lora_B.weight", [2, 2], a),
      ]) == .notFinite(tensor: layer + ".lora_A.weight"))
    guard case .incomplete = try error([]) else { Issue.record("no tensors"); return }
  }

  @Test("An adapter for another base is refused: layers that are not there, other shapes, another rank")
  func otherBase() throws {
    let llama = try ParameterTests.open("llama-linear")
    func error(_ name: String, changing changes: JSONObject = [:]) throws -> AdapterError? {
      let folder = try Folder().copy(name, changing: changes)
      return #expect(throws: AdapterError.self) {
        try llama.adapted(by: [
          ScaledAdapter(ModelAdapter(directory: folder.path, device: llama.device))
        ])
      }
    }
    guard case .otherModel(_, "gpt2") = try error("default-gpt2") else { Issue.record("gpt2"); return }
    guard case .unexpectedShape = try error("bias-all", changing: ["bias": "none"]) else {
      Issue.record("qwen2")
      return
    }
    guard case .unexpectedShape = try error("default-llama", changing: ["r": 3]) else {
      Issue.record("another rank")
      return
    }
  }

  @Test("A Python pickle, a GGUF file, and a folder without an adapter are refused with advice")
  func otherFiles() throws {
    let folder = try Folder().copy("default-llama")
    try FileManager.default.moveItem(
      atPath: folder.path + "/adapter_model.safetensors", toPath: folder.path + "/adapter_model.bin")
    let pickle = #expect(throws: AdapterError.self) {
      try ModelAdapter(directory: folder.path, device: Self.device())
    }
    #expect("\(try #require(pickle))".contains("safe_serialization"))
    for path in [Reference.fixtures.path(), "/nowhere/at/all"] {
      guard
        case .file(.notFound) = #expect(
          throws: AdapterError.self,
          performing: {
            try ModelAdapter(directory: path, device: Self.device())
          })
      else { Issue.record("\(path)"); return }
    }
    let gguf = Reference.fixtures.appending(path: "gpt2/f32.gguf").path()
    guard
      case .unsupported = #expect(
        throws: AdapterError.self,
        performing: {
          try ModelAdapter(directory: gguf, device: Self.device())
        })
    else { Issue.record("gguf"); return }
  }

  @Test("Two adapters that replace one weight are refused")
  func conflict() throws {
    let model = try ParameterTests.open("llama-linear")
    let adapter = try ModelAdapter(directory: AdapterReference.path("saved-head"), device: model.device)
    #expect(throws: AdapterError.conflictingWeights("lm_head.weight")) {
      try model.adapted(by: [ScaledAdapter(adapter), ScaledAdapter(adapter)])
    }
  }

  private static let written = ProcessInfo.processInfo.environment["MARTLET_WRITTEN_ADAPTERS"]

  @Test("Adapters are written for peft to load (Fixtures/check_written.py)", .enabled(if: written != nil))
  func forPeft() throws {
    guard let folder = Self.written else { return }
    let reference = try AdapterReference()
    func write(_ adapter: ModelAdapter, _ model: any CausalTransformer, _ name: String, base: String) throws {
      let path = "\(folder)/\(name)"
      try adapter.fitted(to: model.parameters).write(to: path)
      let logits = try AdapterReference.logits(
        model.adapted(by: [ScaledAdapter(adapter)]), reference.ids)
      let facts: JSON = [
        "base": .string(base), "ids": .array(reference.ids.map { JSON(Int($0)) }),
        "logits": .array(logits.map { .array($0.map { JSON($0) }) }),
      ]
      try Data(facts.serialized().utf8).write(to: URL(filePath: path + "/logits.json"))
    }
    for name in AdapterReference.names {
      let base = try #require(reference.adapters[name]).base
      let model = try ParameterTests.open(base)
      let adapter = try ModelAdapter(directory: AdapterReference.path(name), device: model.device)
      try write(adapter, model, name, base: base)
      // One of the same settings that peft has never seen.
      guard adapter.savedWeights.isEmpty else { continue }
      var settings = adapter.configuration
      settings.fanInFanOut = nil
      var made = try ModelAdapter.initialized(settings, for: model.parameters, seed: 5)
      for (path, factors) in made.factors {
        made.factors[path]?.b = try Tensor(
          (0..<factors.b.rows * factors.b.columns).map { Float(($0 * 29) % 17 - 8) / 20 },
          rows: factors.b.rows, columns: factors.b.columns, device: model.device)
      }
      try write(made, model, "made-\(name)", base: base)
    }
  }
}

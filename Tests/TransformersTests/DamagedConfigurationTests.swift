import Foundation
import MartletCheckpoints
import MartletSeededRandom
import MartletTensors
import Testing

@testable import MartletTransformers

@Suite("Damaged JSON files of a model end in an error or a model, never in a trap")
struct DamagedConfigurationTests {
  /// A copy of a fixture in which one file may be replaced, removed with the value.
  private final class Copy {
    let url = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")

    init(of name: String) throws {
      try FileManager.default.copyItem(at: Reference.fixtures.appending(path: name), to: url)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
  }

  private func forEachDamage(of file: URL, count: Int, _ body: () throws -> Void) throws {
    let bytes = [UInt8](try Data(contentsOf: file))
    var random = SplitMix64(seed: UInt64(bytes.count))
    for _ in 0..<count {
      var changed = bytes
      let place = Int.random(in: bytes.indices, using: &random)
      switch Int.random(in: 0..<8, using: &random) {
      case 0: changed.removeSubrange(place...)
      case 1: changed.remove(at: place)
      case 2, 3: changed[place] = Array("0123456789-.e{}[],\"".utf8).randomElement(using: &random) ?? 0
      case 4: changed.insert(contentsOf: Array("99999999999".utf8), at: place)
      default: changed[place] ^= 1 << Int.random(in: 0..<8, using: &random)
      }
      try Data(changed).write(to: file)
      try body()
    }
  }

  /// Loads the model and runs it, where it can be loaded; anything but the modules' own errors is thrown on.
  private func load(_ folder: URL, _ device: Device) throws {
    do {
      let checkpoint = try Checkpoint.open(folder.path())
      _ = (checkpoint.cacheBytesPerToken, checkpoint.contextLength, checkpoint.parameterCount)
      if checkpoint.architecture == "bert" {
        let model = try PretrainedModels.loadEncoder(checkpoint, precision: .float32, device: device)
        _ = try model.hiddenStates(of: PackedBatch([3, 4, 5]))
      } else {
        let model = try PretrainedModels.loadDecoder(checkpoint, precision: .float32, device: device)
        let hidden = try model.hiddenStates(of: PackedBatch([3, 4, 5], cache: model.makeCache(.float32)))
        _ = model.logits(of: hidden)
      }
    } catch is CheckpointError {} catch is ModelError {}
  }

  @Test("config.json", arguments: DecoderParityTests.models + ["bert"])
  func configuration(name: String) throws {
    let copy = try Copy(of: name)
    let device = try Device(threads: 1)
    try forEachDamage(of: copy.url.appending(path: "config.json"), count: 250) { try load(copy.url, device) }
  }

  @Test("model.safetensors.index.json")
  func index() throws {
    let copy = try Copy(of: "llama-sharded")
    let device = try Device(threads: 1)
    try forEachDamage(of: copy.url.appending(path: "model.safetensors.index.json"), count: 250) {
      try load(copy.url, device)
    }
  }

  @Test("An architecture that is not built is refused by its name, with those that are")
  func unknownArchitecture() throws {
    let copy = try Copy(of: "qwen3")
    let file = copy.url.appending(path: "config.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    try text.replacing("\"qwen3\"", with: "\"olmo\"").write(to: file, atomically: true, encoding: .utf8)
    let checkpoint = try Checkpoint.open(copy.url.path())
    let error = #expect(throws: ModelError.self) {
      try PretrainedModels.loadDecoder(checkpoint, precision: .fast, device: Device(threads: 1))
    }
    #expect(error == .unsupportedArchitecture("olmo", known: PretrainedModels.decoders))
    #expect(error?.description.contains("llama") == true)
  }
}

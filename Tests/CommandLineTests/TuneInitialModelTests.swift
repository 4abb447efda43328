import Foundation
import MartletCheckpoints
import MartletTensors
import MartletTestScope
import MartletTransformers
import Testing

@testable import MartletCommandLine

@Suite("The model that tune --init begins with")
struct TuneInitialModelTests {
  private let text = String(repeating: "a swift and a swallow and a martlet\n", count: 5)

  private func write(_ text: String, _ name: String, in folder: URL) throws -> String {
    let file = folder.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  private func configuration(_ size: String) -> String {
    #"{"model_type": "gpt2", \#(size) "n_positions": 32, "n_embd": 32, "n_layer": 1, "n_head": 1}"#
  }

  @Test(
    "Without a tokenizer one is learned from the data; the folder is a model whose end token is the tokenizer's"
  )
  func learned() throws {
    try withTemporaryFolder { folder in
      let config = try write(configuration(#""vocab_size": 264,"#), "config.json", in: folder)
      let book = try write(text, "book.txt", in: folder)
      let made = try TuneInitialModel.make(
        at: folder.appendingPathComponent("run/base").path, configuration: config, tokenizer: nil,
        texts: [book], seed: 1, Console())
      #expect(try made.makeTokenizer().vocabularySize == 264)
      #expect(made.configuration["eos_token_id"] == 0 && made.warnings.isEmpty)
      let model = try PretrainedModels.loadDecoder(
        made, precision: .float32, device: Device(threads: 1))
      #expect(model.shape.vocabulary == 264)

      // The tokenizer of that folder serves another model, whose vocabulary is then as large.
      let other = try write(configuration(""), "other.json", in: folder)
      let second = try TuneInitialModel.make(
        at: folder.appendingPathComponent("second").path, configuration: other, tokenizer: made.path,
        texts: [], seed: 2, Console())
      #expect(second.configuration["vocab_size"] == 264)
    }
  }

  @Test("What there is no tokenizer for is named")
  func errors() throws {
    try withTemporaryFolder { folder in
      let config = try write(configuration(#""vocab_size": 264,"#), "config.json", in: folder)
      let open = try write(configuration(""), "open.json", in: folder)
      func make(_ config: String, _ tokenizer: String?, _ texts: [String]) throws {
        _ = try TuneInitialModel.make(
          at: folder.appendingPathComponent("base").path, configuration: config, tokenizer: tokenizer,
          texts: texts, seed: 1, Console())
      }
      #expect(throws: UsageError.self) { try make(config, nil, ["rows.jsonl"]) }
      #expect(throws: ReportedFailure.self) { try make(open, nil, []) }
      #expect(throws: ReportedFailure.self) { try make(config, folder.path, []) }
    }
  }
}

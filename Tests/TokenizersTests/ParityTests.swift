import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTestScope
import MartletTokenizers
import Testing

@Suite("Ids are those of the reference tokenizers", .enabled(if: Shared.isThere, "needs ../shared/data"))
struct ParityTests {
  @Test(
    "Byte-level BPE of GGUF files", .enabled(if: Models.areThere, "\(Models.hint)"),
    arguments: [("smollm2-bpe", "smollm2-135m-instruct"), ("qwen2.5-bpe", "qwen2.5-coder-0.5b-instruct")])
  func bytePairs(file: String, model: String) throws {
    let tokenizer = try Checkpoint.open(Models.path(model) + "/model.gguf").makeTokenizer()
    try check(tokenizer, file)
  }

  @Test("GPT-2's own files")
  func gpt2() throws {
    let folder = Shared.data.appending(path: "gpt2-tokenizer")
    let tokenizer = try Tokenizer(
      vocabularyJSON: [UInt8](Data(contentsOf: folder.appending(path: "encoder.json"))),
      merges: [UInt8](Data(contentsOf: folder.appending(path: "vocab.bpe"))))
    try check(tokenizer, "gpt2-bpe")
  }

  @Test("Gemma's SentencePiece", .enabled(if: Models.has("gemma-3-270m"), "needs the Gemma test model"))
  func gemma() throws {
    let tokenizer = try Checkpoint.open(Models.path("gemma-3-270m") + "/model.gguf").makeTokenizer()
    try check(tokenizer, "gemma3-spm-llamacpp")
  }

  @Test("WordPiece of MiniLM, with tokens, offsets and text", .enabled(if: Models.areThere, "\(Models.hint)"))
  func wordPiece() throws {
    let tokenizer = try Checkpoint.open(Models.path("all-minilm-l6-v2")).makeTokenizer()
    for line in try Shared.lines("minilm-wordpiece") {
      let text = try #require(line["text"]?.stringValue)
      let ids = ids(line["ids"])
      let found = tokenizer.encodeWithOffsets(text, addSpecialTokens: true, parseSpecialTokens: true)
      #expect(found.ids == ids, "\(text.debugDescription)")
      #expect(tokenizer.encode(text, addSpecialTokens: true, parseSpecialTokens: true) == ids)
      #expect(tokenizer.encode(text, parseSpecialTokens: true) == self.ids(line["ids_no_special"]))
      let plain = tokenizer.encodeWithOffsets(text, addSpecialTokens: false, parseSpecialTokens: true)
      #expect(
        plain.tokens == line["tokens"]?.arrayValue?.compactMap(\.stringValue), "\(text.debugDescription)")
      let offsets = line["offsets"]?.arrayValue?.map { [$0[0]?.intValue ?? -1, $0[1]?.intValue ?? -1] }
      #expect(
        plain.scalarRanges.map { [$0.lowerBound, $0.upperBound] } == offsets, "\(text.debugDescription)")
      #expect(tokenizer.decode(ids) == line["decoded"]?.stringValue, "\(text.debugDescription)")
    }
  }

  @Test("Pairs of texts for MiniLM", .enabled(if: Models.areThere, "\(Models.hint)"))
  func pairs() throws {
    let tokenizer = try Checkpoint.open(Models.path("all-minilm-l6-v2")).makeTokenizer()
    for line in try Shared.lines("minilm-wordpiece-pairs") {
      let pair = tokenizer.encode(
        pair: try #require(line["a"]?.stringValue), try #require(line["b"]?.stringValue))
      #expect(pair.ids == ids(line["ids"]))
      #expect(pair.typeIDs == ids(line["type_ids"]))
    }
  }

  private func check(_ tokenizer: Tokenizer, _ file: String) throws {
    let lines = try Shared.lines(file)
    #expect(!lines.isEmpty)
    for line in lines {
      let text = try #require(line["text"]?.stringValue)
      let parsed = tokenizer.encode(text, parseSpecialTokens: true)
      #expect(parsed == ids(line["ids"]), "\(file): \(text.debugDescription)")
      #expect(
        tokenizer.encode(text) == ids(line["ids_specials_as_text"]), "\(file): \(text.debugDescription)")
      if let decoded = line["decoded"]?.stringValue {
        #expect(
          tokenizer.decode(parsed, skipSpecialTokens: false) == decoded, "\(file): \(text.debugDescription)")
      }
    }
  }

  private func ids(_ json: JSON?) -> [TokenID] {
    json?.arrayValue?.compactMap { $0.intValue.map(TokenID.init) } ?? []
  }
}

enum Shared {
  static let data = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "../shared/data").standardized
  static var isThere: Bool { FileManager.default.fileExists(atPath: data.path()) }
  static func lines(_ file: String) throws -> [JSON] {
    let url = data.appending(path: "tokenizer-parity/\(file).jsonl")
    return try [UInt8](Data(contentsOf: url)).split(separator: 0x0A).map { try JSON(parsing: $0) }
  }
}

enum Models {
  static func path(_ model: String) -> String { "\(ModelCache().root)/\(model)" }
  static func has(_ model: String) -> Bool {
    !TestScope.isQuick && FileManager.default.fileExists(atPath: path(model))
  }
  static var areThere: Bool {
    ["smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct", "all-minilm-l6-v2"].allSatisfy(has)
  }
  static let hint = "needs the default models: run `make models`"
}

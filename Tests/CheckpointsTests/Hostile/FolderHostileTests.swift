import Foundation
import MartletFuzzTargets
import MartletTokenizers
import Testing

@testable import MartletCheckpoints

@Suite("Model folders whose JSON files are not what they should be")
struct FolderHostileTests {
  private let folder: HostileFolder
  init() throws { folder = try HostileFolder() }

  private static let llama = "{\"model_type\":\"llama\",\"max_position_embeddings\":64,\"eos_token_id\":2}"
  private static let bert = "{\"model_type\":\"bert\",\"max_position_embeddings\":64}"

  /// Opens a folder with an empty model and these files.
  private func open(_ files: [String: String]) throws -> Checkpoint {
    var weights = FileBytes()
    weights.put(UInt64(2))
    weights.bytes += Array("{}".utf8)
    _ = try folder.file(weights.bytes, "model.safetensors")
    let manager = FileManager.default
    try manager.createDirectory(
      at: folder.url.appending(path: "1_Pooling"), withIntermediateDirectories: true)
    for (name, text) in files { _ = try folder.file(Array(text.utf8), name) }
    defer { for name in files.keys { unlink(folder.url.appending(path: name).path) } }
    let checkpoint = try Checkpoint.open(folder.url.path)
    _ = (checkpoint.weightBytes, checkpoint.parameterCount, checkpoint.quantization)
    return checkpoint
  }

  private func complaint(_ files: [String: String]) throws -> String {
    do { _ = try open(files) } catch let error as CheckpointError { return "\(error)" }
    return ""
  }

  @Test("The folders that the others are made of are sound")
  func sound() throws {
    let llama = try open(["config.json": Self.llama])
    #expect(llama.contextLength == 64 && llama.generationConfiguration.endOfGeneration == [2])
    #expect(try open(["config.json": Self.bert]).sentenceEmbedding?.maximumSequenceLength == 64)
  }

  @Test(
    "A config.json that is no object, or does not say what model it is of, is refused by name",
    arguments: [
      "", "null", "[]", "{", "{}", "{\"model_type\":7}", "{\"model_type\":null}",
      "{\"model_type\":\"a\",\"model_type\":\"b\"}",
      "\u{FEFF}{\"model_type\":\"llama\"}", "{\"model_type\":\"\u{0}\"}",
      String(repeating: "[", count: 100_000),
      "{\"model_type\":\"llama\"}}",
    ])
  func configuration(_ text: String) throws {
    let complaint = try complaint(["config.json": text])
    #expect(complaint.contains("config.json"), "\(complaint)")
  }

  @Test(
    "Lengths that are none leave the length unstated, or that of the configuration",
    arguments: ["-1", "0", "1e400", "2.5", "99999999999999999999999", "\"64\"", "null", "[]"])
  func lengths(_ value: String) throws {
    let files = [
      "config.json": Self.bert, "tokenizer_config.json": "{\"model_max_length\":\(value)}",
      "sentence_bert_config.json": "{\"max_seq_length\":\(value)}",
    ]
    #expect(try open(files).sentenceEmbedding?.maximumSequenceLength == 64)
    _ = try open(["config.json": "{\"model_type\":\"bert\",\"max_position_embeddings\":\(value)}"])
  }

  @Test(
    "End tokens that are no token ids are refused with their value",
    arguments: ["-1", "2147483648", "2.5", "\"</s>\"", "[2,-7]", "{}", "[[2]]"])
  func endTokens(_ value: String) throws {
    let text = try complaint(["config.json": "{\"model_type\":\"llama\",\"eos_token_id\":\(value)}"])
    #expect(text.contains("eos_token_id") && text.contains("no token id"), "\(text)")
  }

  @Test(
    "Chat templates that are neither text nor a list of named texts are refused",
    arguments: [
      "7", "{}", "[\"text\"]", "[{\"name\":\"a\"}]", "[{\"template\":\"a\"}]",
      "[{\"name\":1,\"template\":\"a\"}]",
    ])
  func templates(_ value: String) throws {
    for name in ["tokenizer_config.json", "chat_template.json"] {
      let text = try complaint(["config.json": Self.llama, name: "{\"chat_template\":\(value)}"])
      #expect(text.contains(name) && text.contains("chat_template"), "\(text)")
    }
  }

  @Test("A pooling module outside the model's folder is not opened")
  func poolingPath() throws {
    let outside = folder.url.lastPathComponent
    for path in ["..", "../\(outside)", "1_Pooling/../..", "../../../../etc"] {
      let modules = "[{\"path\":\"\(path)\",\"type\":\"sentence_transformers.models.Pooling\"}]"
      let text = try complaint(["config.json": Self.bert, "modules.json": modules])
      #expect(text.contains("is missing"), "\(path): \(text)")
    }
  }

  @Test("A module or a pooling that Martlet does not have is an error, since the vectors would be others")
  func modules() throws {
    let dense = "[{\"path\":\"2_Dense\",\"type\":\"sentence_transformers.models.Dense\"}]"
    #expect(try complaint(["config.json": Self.bert, "modules.json": dense]).contains("Dense"))
    let modules = "[{\"path\":\"1_Pooling\",\"type\":\"sentence_transformers.models.Pooling\"}]"
    for pooling in [
      "{}", "{\"pooling_mode_weightedmean_tokens\":true}",
      "{\"pooling_mode_cls_token\":true,\"pooling_mode_mean_tokens\":true}",
    ] {
      let files = ["config.json": Self.bert, "modules.json": modules, "1_Pooling/config.json": pooling]
      #expect(try !complaint(files).isEmpty, "\(pooling)")
    }
  }

  @Test("With any bits of its configuration changed, a folder is read, and its model run, or it is refused")
  func mutated() throws {
    let target = try #require(FuzzTarget.all.first { $0.name == "folder" })
    let configuration = """
      {"model_type":"llama","vocab_size":4,"hidden_size":16,"num_hidden_layers":1,"num_attention_heads":1,\
      "intermediate_size":32,"max_position_embeddings":64,"tie_word_embeddings":true,"eos_token_id":3}
      """
    let bytes = Array(configuration.utf8)
    forEachMutation(of: bytes, header: bytes.count) { target.read($0) }
  }
}

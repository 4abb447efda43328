import Foundation
import MartletCheckpoints
import Testing

@testable import MartletGeneration

/// A GGUF file of a vocabulary and a chat template, without weights, which prompts do not need: "<s>", "</s>",
/// "<|im_start|>", "<|im_end|>" and single characters.
struct TinyGGUF {
  enum Value {
    case string(String)
    case bool(Bool)
    case number(UInt32)
    case float(Float)
    case strings([String])
    case integers([Int32])
    case floats([Float])
  }

  static let special = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]
  private static let characters = "▁abcdefghijklmnopqrstuvwxyz:;".map(String.init)
  static let tokens = special + characters

  private var members: [(String, Value)]

  /// - Parameter model: `llama` (SentencePiece) or `gpt2` (byte-level).
  init(
    model: String, architecture: String = "llama", preTokenizer: String? = nil, template: String?,
    addsBOS: Bool? = nil
  ) {
    members = [
      ("general.architecture", .string(architecture)), ("tokenizer.ggml.model", .string(model)),
      ("tokenizer.ggml.tokens", .strings(Self.tokens)),
      ("tokenizer.ggml.scores", .floats(Self.tokens.indices.map { -Float($0) })),
      ("tokenizer.ggml.token_type", .integers(Self.tokens.indices.map { $0 == 0 ? 2 : $0 < 5 ? 3 : 1 })),
      ("tokenizer.ggml.bos_token_id", .number(1)), ("tokenizer.ggml.eos_token_id", .number(2)),
      ("tokenizer.ggml.unknown_token_id", .number(0)),
    ]
    if let preTokenizer { members.append(("tokenizer.ggml.pre", .string(preTokenizer))) }
    if let addsBOS { members.append(("tokenizer.ggml.add_bos_token", .bool(addsBOS))) }
    if let template { members.append(("tokenizer.chat_template", .string(template))) }
  }

  mutating func add(_ key: String, _ value: Value) { members.append((key, value)) }

  /// The file opened for prompts; it is removed again.
  func encoder() throws -> PromptEncoder { try PromptEncoder(checkpoint(), name: "tiny") }

  /// The file opened; it is removed again.
  func checkpoint() throws -> Checkpoint {
    let url = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString).gguf")
    try Data(bytes).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try Checkpoint.open(url.path())
  }

  private var bytes: [UInt8] {
    var bytes = Array("GGUF".utf8)
    Self.put(UInt32(3), &bytes)
    Self.put(UInt64(0), &bytes)
    Self.put(UInt64(members.count), &bytes)
    for (key, value) in members {
      Self.put(key, &bytes)
      Self.put(value, &bytes)
    }
    while bytes.count % 32 != 0 { bytes.append(0) }
    return bytes
  }

  private static func put(_ number: some FixedWidthInteger, _ bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
  }

  private static func put(_ text: String, _ bytes: inout [UInt8]) {
    put(UInt64(text.utf8.count), &bytes)
    bytes += text.utf8
  }

  /// The type's number (ggml-org/ggml, `docs/gguf.md`) and the value; a list has its elements' type and its length.
  private static func put(_ value: Value, _ bytes: inout [UInt8]) {
    func list<Element>(_ type: UInt32, _ elements: [Element], _ put: (Element) -> Void) {
      Self.put(UInt32(9), &bytes)
      Self.put(type, &bytes)
      Self.put(UInt64(elements.count), &bytes)
      elements.forEach(put)
    }
    switch value {
    case .number(let number): put(UInt32(4), &bytes); put(number, &bytes)
    case .float(let number): put(UInt32(6), &bytes); put(number.bitPattern, &bytes)
    case .bool(let flag): put(UInt32(7), &bytes); bytes.append(flag ? 1 : 0)
    case .string(let text): put(UInt32(8), &bytes); put(text, &bytes)
    case .strings(let texts): list(8, texts) { put($0, &bytes) }
    case .integers(let numbers): list(5, numbers) { put($0, &bytes) }
    case .floats(let numbers): list(6, numbers) { put($0.bitPattern, &bytes) }
    }
  }
}

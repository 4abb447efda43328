import JSON

/// What a model's makers say about generating with it.
public struct GenerationConfiguration: Sendable, Equatable {
  /// The tokens that end an answer.
  public var endOfGeneration: Set<Int32> = []
  /// Whether to sample at all (`do_sample`).
  public var samples: Bool?
  /// The temperature of the distribution.
  public var temperature: Double?
  /// How many of the likeliest tokens are left (`top_k`).
  public var topK: Int?
  /// How much of the probability is left (`top_p`).
  public var topP: Double?
  /// The share of the likeliest token's probability that a token must have (`min_p`).
  public var minP: Double?
  /// By how much tokens that were said already are held back (`repetition_penalty`).
  public var repetitionPenalty: Double?

  /// A configuration that says nothing.
  public init() {}

  /// From `generation_config.json`, and for the end tokens also from `config.json`.
  init(generation: JSONObject?, model: JSONObject, file: String) throws(CheckpointError) {
    endOfGeneration = try Self.tokens(generation?["eos_token_id"] ?? model["eos_token_id"], file: file)
    guard let generation else { return }
    samples = generation["do_sample"]?.boolValue
    temperature = generation["temperature"]?.doubleValue
    topK = generation["top_k"]?.intValue
    topP = generation["top_p"]?.doubleValue
    minP = generation["min_p"]?.doubleValue
    repetitionPenalty = generation["repetition_penalty"]?.doubleValue
  }

  private static func tokens(_ value: JSON?, file: String) throws(CheckpointError) -> Set<Int32> {
    guard let value, value != .null else { return [] }
    var tokens: Set<Int32> = []
    for element in value.arrayValue ?? [value] {
      guard let id = element.intValue.flatMap(Int32.init(exactly:)), id >= 0 else {
        throw .malformed(
          file: file, field: "eos_token_id", offset: nil, problem: "\(element.serialized()) is no token id")
      }
      tokens.insert(id)
    }
    return tokens
  }

  /// From a GGUF file's end tokens and `general.sampling.*`.
  init(_ metadata: GGUFMetadata, file: String) throws(CheckpointError) {
    for key in ["eos_token_id", "eot_token_id", "eom_token_id"] {
      guard let id = try metadata.integer("tokenizer.ggml.\(key)") else { continue }
      guard let token = Int32(exactly: id), token >= 0 else {
        throw .malformed(
          file: file, field: "tokenizer.ggml.\(key)", offset: nil, problem: "\(id) is no token id")
      }
      endOfGeneration.insert(token)
    }
    temperature = try metadata.double("general.sampling.temp")
    topK = try metadata.integer("general.sampling.top_k")
    topP = try metadata.double("general.sampling.top_p")
    minP = try metadata.double("general.sampling.min_p")
    repetitionPenalty = try metadata.double("general.sampling.penalty_repeat")
  }
}

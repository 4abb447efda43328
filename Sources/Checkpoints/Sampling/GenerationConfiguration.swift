import MartletJSON

/// What a model's makers say about generating with it.
public struct GenerationConfiguration: Sendable, Equatable {
  /// The tokens that end an answer.
  public var endOfGeneration: Set<Int32> = []
  /// How tokens are to be drawn.
  public var sampling = SamplingAdvice()

  /// A configuration that says nothing.
  public init() {}

  /// From `generation_config.json`; the end tokens from `config.json` where that does not name any.
  init(generation: JSONObject?, model: JSONObject, folder: ModelFolder) throws(CheckpointError) {
    let key = "eos_token_id"
    if let stated = generation?[key] {
      endOfGeneration = try Self.tokens(stated, file: folder.path(of: "generation_config.json"))
    } else if let stated = model[key] {
      endOfGeneration = try Self.tokens(stated, file: folder.path(of: "config.json"))
    }
    if let generation {
      sampling = SamplingAdvice(generation, file: folder.path(of: "generation_config.json"))
    }
  }

  private static func tokens(_ value: JSON, file: String) throws(CheckpointError) -> Set<Int32> {
    guard !value.isNull else { return [] }
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
    sampling = SamplingAdvice(metadata, file: file)
  }
}

/// The names by which an adapter's files and a model's weights know one module.
///
/// peft's names are those of transformers' model with its head: `transformer.h.0.attn.c_attn`. Checkpoints of the model
/// alone, and adapters made for that, leave the first part out.
struct ModelPaths {
  private let layers: [String: LinearLayer]
  private let parameters: ModelParameters
  /// The parameter of each name that transformers has.
  private let names: [String: String]

  private static let prefixes = [
    "model.", "transformer.", "bert.", "roberta.", "distilbert.", "mpnet.",
  ]
  /// What a path begins with below the prefix of a decoder.
  private static let decoderParts = [
    "transformer.": ["h.", "wte.", "wpe.", "ln_f."],
    "model.": ["layers.", "embed_tokens.", "norm."],
  ]
  /// The last parts of embeddings' paths.
  static let embeddingNames: Set<String> = [
    "embed_tokens", "wte", "wpe", "word_embeddings", "position_embeddings", "token_type_embeddings",
  ]

  init(_ parameters: ModelParameters) {
    self.parameters = parameters
    layers = Dictionary(parameters.linearLayers.map { ($0.path, $0) }) { first, _ in first }
    names = Dictionary(parameters.map { (Self.transformersName($0.name), $0.name) }) { first, _ in
      first
    }
  }

  /// The name in transformers' model with a head.
  static func transformersName(_ name: String) -> String {
    for (prefix, parts) in decoderParts where parts.contains(where: { name.hasPrefix($0) }) {
      return prefix + name
    }
    return name
  }

  static func isEmbedding(_ path: String) -> Bool {
    embeddingNames.contains(path.split(separator: ".").last.map(String.init) ?? path)
  }

  /// The layer that an adapter's path stands for.
  func layer(_ path: String) -> LinearLayer? {
    Self.candidates(path).lazy.compactMap { layers[$0] }.first
  }

  /// The weight that an adapter's name stands for. A tied head has none.
  func parameter(_ name: String) -> Parameter? {
    Self.candidates(name).lazy.compactMap { names[$0].flatMap { parameters[$0] } ?? parameters[$0] }
      .first
  }

  /// The names of all weights, as transformers has them.
  var allNames: [String] {
    parameters.map { Self.transformersName($0.name) } + (isTied ? [headName] : [])
  }

  let headName = LinearLayer.headPath + ".weight"

  /// Whether the head is the embedding's matrix.
  var isTied: Bool { layers[LinearLayer.headPath] != nil && parameters[headName] == nil }

  /// The embedding's weight of a decoder.
  var tokenEmbedding: Parameter? {
    parameters.first { $0.name.hasSuffix("embed_tokens.weight") || $0.name.hasSuffix("wte.weight") }
  }

  /// The embedding that a path stands for.
  func embedding(_ path: String) -> Parameter? {
    Self.isEmbedding(path) && layer(path) == nil ? parameter(path + ".weight") : nil
  }

  /// The paths of all embeddings.
  var embeddings: [String] {
    parameters.lazy.map { Self.transformersName($0.name) }.filter { $0.hasSuffix(".weight") }
      .map { String($0.dropLast(".weight".count)) }.filter { Self.isEmbedding($0) }
  }

  /// Whether a file of another kind holds a weight the other way round: a matrix of GPT-2 in GGUF.
  func isTurned(_ name: String) -> Bool {
    guard parameters.architecture == "gpt2", parameters.configuration.isFromGGUF else {
      return false
    }
    return Self.candidates(String(name.dropLast(".weight".count))).contains {
      layers[$0] != nil && $0 != LinearLayer.headPath
    }
  }

  private static func candidates(_ name: String) -> [String] {
    var candidates = [name]
    for prefix in prefixes {
      candidates.append(
        name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : prefix + name)
    }
    return candidates
  }
}

/// The part of a model that a tensor belongs to.
public enum ModelPart: String, Sendable, CaseIterable {
  /// Tables with a row for each token, position or segment.
  case embedding
  /// Queries, keys, values and what joins the heads.
  case attention
  /// The network behind the attention of each layer.
  case feedForward = "feed-forward"
  /// What scales activations.
  case norms
  /// What makes a prediction of the last hidden state.
  case head
  /// What the name does not tell.
  case other

  /// Tells the part by a tensor's name, as Hugging Face's or llama.cpp's checkpoints have it.
  public init(ofTensor name: String) {
    let words = name.lowercased().split { $0 == "." || $0 == "_" }.map(String.init)
    func has(_ names: String...) -> Bool { names.contains { words.contains($0) } }
    let joined = "_" + words.joined(separator: "_") + "_"
    func holds(_ names: String...) -> Bool { names.contains { joined.contains("_\($0)_") } }
    // The order matters: "embeddings.LayerNorm" is a norm, "attention.output.dense" attention.
    if has("norm", "layernorm", "rmsnorm", "ln")
      || words.contains(where: {
        $0.hasSuffix("norm") || $0.hasPrefix("ln") && $0.dropFirst(2).allSatisfy(\.isNumber)
      })
    {
      self = .norms
    } else if holds(
      "lm_head", "cls", "classifier", "pooler", "score", "vocab_transform", "vocab_projector", "qa_outputs")
      || joined.hasPrefix("_output_")
    {
      self = .head
    } else if holds(
      "embed_tokens", "token_embd", "position_embd", "token_types", "embed_positions", "wte", "wpe")
      || has("embeddings", "embedding", "embed", "shared")
    {
      self = .embedding
    } else if words.contains(where: {
      $0.hasPrefix("attn") || $0.hasSuffix("attn") || $0.contains("attention")
    }) {
      self = .attention
    } else if has("mlp", "ffn", "intermediate", "dense", "fc1", "fc2", "lin1", "lin2", "experts", "ff")
      || holds("feed_forward")
    {
      self = .feedForward
    } else {
      self = .other
    }
  }
}

import MartletTensors

/// An architecture that is converted, under its names in both kinds of files, with what the two store differently.
struct ArchitectureNames: Sendable {
  /// `model_type` of `config.json`.
  let modelType: String
  /// `general.architecture`.
  let gguf: String
  /// The class of transformers, in `architectures`.
  let className: String
  /// Whether GGUF has the rows of query and key matrices in another order (``RowPermutation/interleavedRotary(heads:)``).
  var permutesRows = false
  /// Whether GGUF adds one to the weights of norms.
  var addsOneToNorms = false
  var isEncoder = false

  /// All that are converted. Mistral is a Llama with a window, and llama.cpp knows it as that.
  static let all = [
    ArchitectureNames(modelType: "llama", gguf: "llama", className: "LlamaForCausalLM", permutesRows: true),
    ArchitectureNames(
      modelType: "mistral", gguf: "llama", className: "MistralForCausalLM", permutesRows: true),
    ArchitectureNames(modelType: "qwen2", gguf: "qwen2", className: "Qwen2ForCausalLM"),
    ArchitectureNames(modelType: "qwen3", gguf: "qwen3", className: "Qwen3ForCausalLM"),
    ArchitectureNames(
      modelType: "gemma3_text", gguf: "gemma3", className: "Gemma3ForCausalLM", addsOneToNorms: true),
    ArchitectureNames(modelType: "bert", gguf: "bert", className: "BertModel", isEncoder: true),
  ]

  /// The architecture of a checkpoint.
  /// - Throws: ``CheckpointError/unsupported(file:what:advice:)`` that lists those that are converted.
  init(of checkpoint: Checkpoint) throws(CheckpointError) {
    let found = Self.all.first { $0.modelType == checkpoint.architecture }
    guard let found else {
      throw .unsupported(
        file: checkpoint.path, what: "Its architecture is \(checkpoint.architecture)",
        advice: "These are converted: \(Self.all.map(\.modelType).joined(separator: ", ")).")
    }
    self = found
  }

  private init(
    modelType: String, gguf: String, className: String, permutesRows: Bool = false,
    addsOneToNorms: Bool = false, isEncoder: Bool = false
  ) {
    (self.modelType, self.gguf, self.className) = (modelType, gguf, className)
    (self.permutesRows, self.addsOneToNorms, self.isEncoder) = (permutesRows, addsOneToNorms, isEncoder)
  }
}

extension GGUFTensorNames {
  /// GGUF's name for one of Hugging Face's, or nil where the table has none.
  func ggufName(_ name: String) -> String? {
    guard let dot = name.lastIndex(of: ".") else { return nil }
    let (stem, suffix) = (String(name[..<dot]), name[dot...])
    guard suffix == ".weight" || suffix == ".bias" else { return nil }
    if let found = outside.first(where: { $0.value == stem })?.key { return found + suffix }
    guard stem.hasPrefix(layerPrefix + ".") else { return nil }
    let rest = stem.dropFirst(layerPrefix.count + 1)
    guard let dot = rest.firstIndex(of: "."), let layer = Int(rest[..<dot]) else { return nil }
    let part = String(rest[rest.index(after: dot)...])
    guard let found = inside.first(where: { $0.value == part })?.key else { return nil }
    return "blk.\(layer).\(found)\(suffix)"
  }
}

extension RowPermutation {
  /// Which row of Hugging Face's matrix is row `i` of the file's: ``order(rows:)`` the other way round.
  func inverseOrder(rows: Int) -> @Sendable (Int) -> Int {
    let order = order(rows: rows)
    var inverse = [Int](repeating: 0, count: rows)
    for row in 0..<rows { inverse[order(row)] = row }
    return { [inverse] in inverse[$0] }
  }
}

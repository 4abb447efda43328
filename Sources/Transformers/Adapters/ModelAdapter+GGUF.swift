import MartletCheckpoints

extension ModelAdapter {
  /// Writes the adapter in llama.cpp's format, for a GGUF file of the base.
  ///
  /// llama.cpp multiplies a layer's product by alpha / rank, with one alpha for all: it is chosen, and B multiplied where one
  /// alpha cannot say it, so that rank-stabilized scaling, `rank_pattern` and `alpha_pattern` hold. The rows of Llama's query
  /// and key matrices are put into GGUF's order.
  /// - Parameters:
  ///   - path: The file.
  ///   - base: The model that the adapter is for, as GGUF or as a folder.
  ///   - parameters: The base's weights.
  ///   - replaces: Whether a file that is there may be replaced.
  /// - Throws: ``AdapterError`` where the adapter is for another base, or has what the format cannot hold (weights that it
  ///   replaces whole, embeddings); and what is wrong with the file.
  public func writeGGUF(
    to path: String, base: Checkpoint, parameters: ModelParameters, replaces: Bool = false
  ) throws {
    let adapter = try fitted(to: parameters)
    let whole =
      adapter.savedWeights.keys.sorted()
      + adapter.factors.keys.filter(ModelPaths.isEmbedding).sorted()
    guard whole.isEmpty else {
      throw AdapterError.unsupported(
        "llama.cpp's format holds no \(whole.joined(separator: ", "))",
        advice: "Merge the adapter into the base instead: ‘martlet adapter merge’.")
    }
    var alphas: [Float] = []
    for (path, factors) in adapter.factors {
      alphas.append(Float(try configuration.scaling(of: path)) * Float(factors.a.rows))
    }
    let common = alphas.max { abs($0) < abs($1) } ?? 0
    // An alpha of 0 means no factor at all.
    let alpha = common == 0 ? 1 : common
    var layers: [GGUFAdapterFile.Layer] = []
    for (path, factors) in adapter.factors {
      let factor = Float(try configuration.scaling(of: path)) * Float(factors.a.rows) / alpha
      layers.append(
        GGUFAdapterFile.Layer(
          path: path, rank: factors.a.rows, inputs: factors.a.columns, outputs: factors.b.rows,
          a: factors.a.values,
          b: factor == 1 ? factors.b.values : factors.b.values.map { $0 * factor }))
    }
    try GGUFAdapterFile(for: base, layers: layers, alpha: alpha).write(to: path, replaces: replaces)
  }
}

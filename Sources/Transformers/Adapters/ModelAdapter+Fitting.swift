import MartletTensors

extension ModelAdapter {
  /// The same adapter with the paths and names of a model, after checking that the two belong together.
  ///
  /// Each layer that the settings name must have its matrices, in the layer's shape, and there must be no others. An adapter
  /// that was made for a checkpoint without a head, or with one, fits the other kind.
  /// - Throws: ``AdapterError`` with what does not fit: layers that the model lacks, shapes, layers that nothing fills.
  public func fitted(to parameters: ModelParameters) throws(AdapterError) -> ModelAdapter {
    let paths = ModelPaths(parameters)
    var fitted = ModelAdapter(configuration, factors: [:])
    (fitted.warnings, fitted.fingerprint) = (warnings, fingerprint)
    var unused: [String] = []
    for (path, factors) in self.factors.sorted(by: { $0.key < $1.key }) {
      guard let (name, inputs, outputs) = paths.place(of: path) else {
        unused.append(path)
        continue
      }
      let rank = try configuration.rank(of: name)
      try Self.check(factors.a, is: [rank, inputs], "\(path): A")
      try Self.check(factors.b, is: [outputs, rank], "\(path): B")
      fitted.factors[name] = factors
    }
    let addsOne = parameters.architecture == "gemma3_text"
    for (name, values) in savedWeights {
      guard let (name, shape) = paths.savedWeight(name) else {
        unused.append(name)
        continue
      }
      if paths.isTurned(name) {
        throw .unsupported(
          "The adapter saves \(name) as a whole, and GGUF files hold it the other way round",
          advice: "Use the base's safetensors folder.")
      }
      try Self.check(values, is: shape, name)
      fitted.savedWeights[name] =
        addsOne && !normsIncludeOne && name.hasSuffix("norm.weight")
        ? values.shifted(by: 1) : values
    }
    fitted.normsIncludeOne = addsOne
    guard unused.isEmpty else {
      throw .otherModel(unused: unused.sorted(), base: configuration.baseModel)
    }
    try fitted.checkTargets(parameters, paths)
    return fitted
  }

  private static func check(_ tensor: Tensor, is shape: [Int], _ name: String) throws(AdapterError) {
    let (rows, columns) = (shape.count > 1 ? shape[0] : 1, shape.last ?? 0)
    guard tensor.rows == rows, tensor.columns == columns else {
      throw .unexpectedShape(tensor: name, expected: shape, found: [tensor.rows, tensor.columns])
    }
  }

  /// What is there must be what the settings say.
  private mutating func checkTargets(_ parameters: ModelParameters, _ paths: ModelPaths)
    throws(AdapterError)
  {
    var (layers, unknown) = try configuration.matches(in: parameters)
    var expected = Set(layers.map(\.path))
    let targets = try TargetMatcher(configuration.targets)
    if configuration.targets != .allLinear {
      let embeddings = paths.embeddings.filter { targets.matches($0) }
      expected.formUnion(embeddings)
      unknown.removeAll { name in embeddings.contains { $0 == name || $0.hasSuffix("." + name) } }
      if case .pattern = configuration.targets, !embeddings.isEmpty { unknown = [] }
    }
    let found = Set(factors.keys)
    var unfilled = expected.subtracting(found).sorted()
    let unused = found.subtracting(expected).sorted()
    for module in configuration.modulesToSave {
      let names = paths.allNames.filter { Self.isIn($0, module) }
      if names.isEmpty { unknown.append(module) }
      unfilled += names.filter {
        paths.savedWeight($0).map { savedWeights[$0.name] == nil } ?? true
      }
    }
    guard unused.isEmpty, unfilled.isEmpty else {
      throw .incomplete(file: "The adapter", unused: unused, unfilled: unfilled)
    }
    if !unknown.isEmpty {
      warnings.append(
        "The adapter's settings name \(unknown.joined(separator: ", ")), which the model does not have."
      )
    }
  }

  /// Whether a weight belongs to a module of `modules_to_save`: peft compares the end of the module's path.
  static func isIn(_ name: String, _ module: String) -> Bool {
    var path = name[...]
    while let dot = path.lastIndex(of: ".") {
      path = path[..<dot]
      if path.hasSuffix(module) { return true }
    }
    return false
  }
}

extension ModelPaths {
  /// The path and the widths of what a pair of matrices sits on: a linear layer, or an embedding, which reads a token.
  fileprivate func place(of path: String) -> (path: String, inputs: Int, outputs: Int)? {
    if let layer = layer(path) { return (layer.path, layer.inputs, layer.outputs) }
    guard Self.isEmbedding(path), let parameter = parameter(path + ".weight"),
      parameter.shape.count == 2
    else { return nil }
    return (
      String(Self.transformersName(parameter.name).dropLast(".weight".count)), parameter.shape[0],
      parameter.shape[1]
    )
  }

  /// The name and the shape of a weight that takes the place of the model's.
  fileprivate func savedWeight(_ name: String) -> (name: String, shape: [Int])? {
    if let parameter = parameter(name) { return (parameter.name, parameter.shape) }
    guard name == headName, isTied, let embedding = tokenEmbedding else { return nil }
    return (headName, embedding.shape)
  }
}

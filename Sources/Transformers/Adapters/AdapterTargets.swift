extension AdapterConfiguration {
  /// The layers of a model that get a pair of matrices, in the model's order, found as peft finds them.
  ///
  /// Layers of ``excluded`` and ``modulesToSave`` get none, nor do blocks that ``blocks`` does not list.
  /// - Throws: ``AdapterError/unknownTargets(_:known:)`` where a name or pattern matches no layer,
  ///   ``AdapterError/rankTooLarge(path:rank:inputs:outputs:)``, and what is wrong with the settings.
  public func layers(of parameters: ModelParameters) throws(AdapterError) -> [LinearLayer] {
    let (layers, unknown) = try matches(in: parameters)
    let known = Self.knownNames(parameters.linearLayers.map(\.path))
    guard unknown.isEmpty else { throw .unknownTargets(unknown, known: known) }
    guard !layers.isEmpty else {
      throw .invalidSetting(
        key: "target_modules",
        problem:
          "leaves no layer, once exclude_modules, modules_to_save and layers_to_transform are applied"
      )
    }
    for layer in layers {
      let rank = try rank(of: layer.path)
      guard rank > 0 else {
        throw .invalidSetting(key: "r", problem: "is \(rank) for \(layer.path)")
      }
      guard rank <= min(layer.inputs, layer.outputs) else {
        throw .rankTooLarge(
          path: layer.path, rank: rank, inputs: layer.inputs, outputs: layer.outputs)
      }
    }
    return layers
  }

  /// The settings with the architecture's default targets in the place of ``Targets/architectureDefault``.
  /// - Throws: ``AdapterError/invalidSetting(key:problem:)`` where peft has none for the architecture.
  public func resolved(for architecture: String) throws(AdapterError) -> AdapterConfiguration {
    guard targets == .architectureDefault else { return self }
    guard let names = Self.defaultTargets[architecture] else {
      throw .invalidSetting(
        key: "target_modules", problem: "is missing, and there is no default for \(architecture)")
    }
    var resolved = self
    resolved.targets = .names(names)
    return resolved
  }

  /// The last parts of the paths, without blocks' numbers, each once.
  static func knownNames(_ paths: [String]) -> [String] {
    var seen: Set<String> = []
    return paths.compactMap { path in
      let name = path.split(separator: ".").last.map(String.init) ?? path
      return seen.insert(name).inserted ? name : nil
    }
  }

  /// Which layers the settings name, and which names match nothing.
  func matches(
    in parameters: ModelParameters
  ) throws(AdapterError) -> (layers: [LinearLayer], unknown: [String]) {
    let configuration = try resolved(for: parameters.architecture)
    try configuration.checkBlocks()
    let layers = parameters.linearLayers
    let targets = try TargetMatcher(configuration.targets)
    let excluded = try excluded.map { (targets) throws(AdapterError) in try TargetMatcher(targets) }
    var saved: [LayerPattern] = []
    for module in modulesToSave { saved.append(try LayerPattern(module: module)) }
    let inBlocks = try BlockMatcher(blocks, patterns: blockPatterns)
    let found = layers.filter { layer in
      targets.matches(layer.path) && excluded?.matches(layer.path) != true
        && !saved.contains { $0.matches(layer.path) } && inBlocks.matches(layer.path)
    }
    return (found, targets.unmatched(in: layers.map(\.path)))
  }

  private func checkBlocks() throws(AdapterError) {
    if blocks == nil, !blockPatterns.isEmpty {
      throw .invalidSetting(key: "layers_pattern", problem: "needs layers_to_transform beside it")
    }
    if case .names = targets { return }
    if blocks != nil {
      throw .invalidSetting(
        key: "layers_to_transform",
        problem: "goes with a list of target_modules, not with a pattern")
    }
  }

  /// peft's, for the architectures that Martlet has (huggingface/peft, `src/peft/utils/constants.py`).
  private static let defaultTargets = [
    "gpt2": ["c_attn"], "llama": ["q_proj", "v_proj"], "mistral": ["q_proj", "v_proj"],
    "gemma3_text": ["q_proj", "v_proj"], "qwen2": ["q_proj", "v_proj"],
    "qwen3": ["q_proj", "v_proj"],
    "bert": ["query", "value"], "roberta": ["query", "value"], "xlm-roberta": ["query", "value"],
  ]
}

/// Tells the layers that targets name.
struct TargetMatcher {
  private let targets: AdapterConfiguration.Targets
  private let pattern: LayerPattern?

  init(_ targets: AdapterConfiguration.Targets) throws(AdapterError) {
    self.targets = targets
    if case .pattern(let text) = targets {
      pattern = try LayerPattern(whole: text)
    } else {
      pattern = nil
    }
  }

  func matches(_ path: String) -> Bool {
    switch targets {
    case .architectureDefault: false
    case .allLinear: path != LinearLayer.headPath
    case .names(let names): names.contains { Self.matches($0, path) }
    case .pattern: pattern?.matches(path) ?? false
    }
  }

  /// The names, or the pattern, that match none of the paths.
  func unmatched(in paths: [String]) -> [String] {
    switch targets {
    case .architectureDefault, .allLinear: []
    case .names(let names): names.filter { name in !paths.contains { Self.matches(name, $0) } }
    case .pattern(let text): paths.contains { matches($0) } ? [] : [text]
    }
  }

  private static func matches(_ name: String, _ path: String) -> Bool {
    path == name || path.hasSuffix("." + name)
  }
}

/// Tells the layers of the blocks with some numbers.
private struct BlockMatcher {
  private let blocks: Set<Int>?
  private let patterns: [LayerPattern]

  init(_ blocks: [Int]?, patterns: [String]) throws(AdapterError) {
    self.blocks = blocks.flatMap { $0.isEmpty ? nil : Set($0) }
    var compiled: [LayerPattern] = []
    for pattern in patterns { compiled.append(try LayerPattern(beforeBlockNumber: pattern)) }
    self.patterns = compiled.isEmpty ? [try LayerPattern(beforeBlockNumber: nil)] : compiled
  }

  func matches(_ path: String) -> Bool {
    guard let blocks else { return true }
    // As in peft, the first pattern that matches says which block it is.
    for pattern in patterns {
      if let number = pattern.number(in: path) { return blocks.contains(number) }
    }
    return false
  }
}

extension AdapterConfiguration {
  /// How many numbers the matrices have that the settings give a model: what peft counts as trainable, but for the weights
  /// of ``modulesToSave`` and ``biases``.
  /// - Throws: ``AdapterError`` where the settings do not fit the model.
  public func parameterCount(for parameters: ModelParameters) throws(AdapterError) -> Int {
    var count = 0
    for layer in try layers(of: parameters) {
      count += try rank(of: layer.path) * (layer.inputs + layer.outputs)
    }
    return count
  }
}

import MartletTensors
import MartletTransformers

/// The weights of a model that train, with the model that they belong to: all of them, some, or those of an adapter.
public struct TrainableWeights: Sendable {
  /// What trains.
  public enum Method: Sendable {
    /// An adapter's matrices, and the modules that it saves whole.
    case adapter(AdapterConfiguration)
    /// The model's own weights.
    case full
  }

  /// What trains.
  public let method: Method
  /// The values by name, float32: `PATH.lora_A.weight` and `PATH.lora_B.weight` of an adapter, the checkpoint's names of
  /// weights.
  public internal(set) var values: [String: Tensor]
  /// The names of norms and biases, which do not decay.
  public let vectors: Set<String>
  /// How many parameters the model has, those of an adapter among them, as peft counts them.
  public let totalCount: Int
  let base: any CausalTransformer

  /// The model's sizes.
  public var shape: ModelShape { base.shape }

  private let scalings: [String: Double]
  /// peft's copies of modules that are saved whole count as parameters of their own.
  private static let (suffixA, suffixB) = (".lora_A.weight", ".lora_B.weight")

  /// How many parameters train.
  public var trainableCount: Int { values.values.reduce(0) { $0 + $1.rows * $1.columns } }

  /// The layers or weights that train, in the model's order.
  public var modules: [String] {
    switch method {
    case .adapter: base.parameters.linearLayers.map(\.path).filter { scalings[$0] != nil } + vectorsAndSaved
    case .full: base.parameters.map(\.name).filter { values[$0] != nil }
    }
  }

  private var vectorsAndSaved: [String] { base.parameters.map(\.name).filter { values[$0] != nil } }

  /// The matrices of an adapter on a model, which stays as it is.
  ///
  /// Modules to save start from the model's values unless the adapter has some.
  /// - Throws: ``TrainingError`` where the adapter does not fit the model.
  public init(_ adapter: ModelAdapter, on model: any CausalTransformer) throws(TrainingError) {
    let configuration = adapter.configuration
    method = .adapter(configuration)
    var (values, scalings): ([String: Tensor], [String: Double]) = ([:], [:])
    do throws(AdapterError) {
      for (path, factors) in adapter.factors {
        scalings[path] = try configuration.scaling(of: path)
        values[path + Self.suffixA] = factors.a.unrecorded()
        values[path + Self.suffixB] = factors.b.unrecorded()
      }
    } catch { throw .adapter(error) }
    let saved = try Self.saved(configuration, model.parameters)
    for parameter in saved {
      if let given = adapter.savedWeights[parameter.name] {
        values[parameter.name] = given.unrecorded()
      } else {
        values[parameter.name] = try Self.values(of: parameter)
      }
    }
    vectors = Set(saved.filter { $0.shape.count < 2 }.map(\.name))
    let base = model.parameters.reduce(0) { $0 + $1.count }
    totalCount = base + values.values.reduce(0) { $0 + $1.rows * $1.columns }
    (self.values, self.scalings, self.base) = (values, scalings, model)
    _ = try self.model()
  }

  /// A model's own weights.
  /// - Parameters:
  ///   - model: The model that training starts from.
  ///   - patterns: Regular expressions; weights in whose names one of them is found stay as they are.
  /// - Throws: ``TrainingError`` where a pattern is malformed or matches no weight, or nothing is left to train.
  public init(allOf model: any CausalTransformer, freezing patterns: [String] = []) throws(TrainingError) {
    method = .full
    let frozen = try Self.frozen(patterns, model.parameters)
    var values: [String: Tensor] = [:]
    for parameter in model.parameters where !frozen.contains(parameter.name) {
      values[parameter.name] = try Self.values(of: parameter)
    }
    guard !values.isEmpty else { throw .nothingToTrain }
    vectors = Set(model.parameters.filter { $0.shape.count < 2 }.map(\.name)).subtracting(frozen)
    totalCount = model.parameters.reduce(0) { $0 + $1.count }
    // The values are nowhere else once the model that they come from is gone.
    do throws(ModelError) {
      base = try model.adapted(by: [:], replacing: values.mapValues(\.withoutValues))
    } catch { throw .model(error) }
    (self.values, scalings) = (values, [:])
  }

  private static func values(of parameter: Parameter) throws(TrainingError) -> Tensor {
    do throws(ModelError) { return try parameter.values() } catch { throw .model(error) }
  }

  private static func saved(
    _ configuration: AdapterConfiguration, _ parameters: ModelParameters
  ) throws(TrainingError) -> [Parameter] {
    var found: [Parameter] = []
    for module in configuration.modulesToSave {
      let matches = parameters.filter { parameter in
        let path = parameter.name.split(separator: ".").dropLast().joined(separator: ".")
        return path.hasSuffix(module)
      }
      guard !matches.isEmpty else {
        let names = Set(
          parameters.compactMap { $0.name.split(separator: ".").dropLast().last.map(String.init) })
        throw .adapter(.unknownModules([module], known: names.sorted()))
      }
      found += matches.filter { match in !found.contains { $0.name == match.name } }
    }
    return found
  }

  private static func frozen(
    _ patterns: [String], _ parameters: ModelParameters
  ) throws(TrainingError) -> Set<String> {
    var frozen: Set<String> = []
    for pattern in patterns {
      let expression: Regex<AnyRegexOutput>
      do { expression = try Regex(pattern) } catch {
        throw .unusableFreezePattern(pattern, problem: "is no regular expression")
      }
      let matches = parameters.map(\.name).filter { $0.firstMatch(of: expression) != nil }
      guard !matches.isEmpty else {
        let examples = parameters.prefix(3).map(\.name).joined(separator: ", ")
        throw .unusableFreezePattern(
          pattern, problem: "is found in no name of a weight; the first are \(examples)")
      }
      frozen.formUnion(matches)
    }
    return frozen
  }

  /// The model with the present values, as it generates and is measured.
  /// - Throws: ``TrainingError`` where the values do not fit the model.
  public func model() throws(TrainingError) -> any CausalTransformer { try model(of: values) { _ in nil } }

  /// The model with the values recorded, and these.
  /// - Parameter dropoutSeed: Decides what an adapter's dropout drops.
  func recorded(
    dropoutSeed: UInt64, _ recorded: [String: Tensor]
  ) throws(TrainingError) -> any CausalTransformer {
    guard case .adapter(let configuration) = method, configuration.dropout > 0 else {
      return try model(of: recorded) { _ in nil }
    }
    let probability = Float(configuration.dropout)
    return try model(of: recorded) { path throws(TensorError) in
      try Dropout(probability: probability, seed: mixed(dropoutSeed, path))
    }
  }

  private func model(
    of values: [String: Tensor], dropout: (String) throws(TensorError) -> Dropout?
  ) throws(TrainingError) -> any CausalTransformer {
    var adapters: [String: LowRankAdapter] = [:]
    var weights = values
    do throws(TensorError) {
      for (path, scaling) in scalings {
        guard let a = weights.removeValue(forKey: path + Self.suffixA),
          let b = weights.removeValue(forKey: path + Self.suffixB)
        else { continue }
        adapters[path] = try LowRankAdapter(
          a: a, b: b, scaling: Float(scaling), dropout: dropout(path))
      }
    } catch { throw .tensor(error) }
    do throws(ModelError) { return try base.adapted(by: adapters, replacing: weights) } catch {
      throw .model(error)
    }
  }

  /// The adapter with the present values; nil where the model's own weights train.
  public var adapter: ModelAdapter? {
    guard case .adapter(let configuration) = method else { return nil }
    var factors: [String: ModelAdapter.Factors] = [:]
    var saved = values
    for path in scalings.keys {
      guard let a = saved.removeValue(forKey: path + Self.suffixA),
        let b = saved.removeValue(forKey: path + Self.suffixB)
      else { continue }
      factors[path] = ModelAdapter.Factors(a: a, b: b)
    }
    return ModelAdapter(configuration, factors: factors, savedWeights: saved)
  }
}

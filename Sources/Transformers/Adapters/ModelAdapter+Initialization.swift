import MartletTensors

extension ModelAdapter {
  /// An adapter that changes nothing yet: each A is drawn uniformly from ±1/√inputs, as peft does (Kaiming's bound with
  /// a = √5), and each B is zero.
  ///
  /// Default targets become those of the architecture, and `fan_in_fan_out` is what the model has, so that
  /// ``configuration`` says which they are.
  /// ``savedWeights`` are empty: whoever trains `modules_to_save` puts them there.
  /// - Parameters:
  ///   - configuration: What is asked for.
  ///   - parameters: The model that it is for.
  ///   - seed: Decides what is drawn: the same seed gives a layer the same values.
  /// - Throws: ``AdapterError`` where the settings do not fit the model.
  public static func initialized(
    _ configuration: AdapterConfiguration, for parameters: ModelParameters, seed: UInt64
  ) throws(AdapterError) -> ModelAdapter {
    var configuration = try configuration.resolved(for: parameters.architecture)
    let layers = try configuration.layers(of: parameters)
    configuration.fanInFanOut = layers.contains(where: \.isTransposed)
    var factors: [String: Factors] = [:]
    for (index, layer) in layers.enumerated() {
      let rank = try configuration.rank(of: layer.path)
      let bound = 1 / Float(layer.inputs).squareRoot()
      var generator = SplitMix64(state: seed &+ UInt64(index) &* 0xD1B5_4A32_D192_ED03)
      let values = (0..<rank * layer.inputs).map { _ in (2 * generator.nextUnit() - 1) * bound }
      factors[layer.path] = Factors(
        a: try .filled(values, rows: rank, columns: layer.inputs, device: parameters.device),
        b: try .filled(
          [Float](repeating: 0, count: layer.outputs * rank), rows: layer.outputs, columns: rank,
          device: parameters.device))
    }
    var adapter = ModelAdapter(configuration, factors: factors)
    adapter.normsIncludeOne = parameters.architecture == "gemma3_text"
    return adapter
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014, "Fast Splittable Pseudorandom Number Generators").
private struct SplitMix64 {
  var state: UInt64

  /// A number from 0 up to, but not including, 1, of 24 random bits.
  mutating func nextUnit() -> Float {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return Float(z >> 40) * 0x1p-24
  }
}

extension Tensor {
  /// Values in a shape that they are known to fill.
  static func filled(
    _ values: [Float], rows: Int, columns: Int, device: Device
  ) throws(AdapterError) -> Tensor {
    do throws(TensorError) {
      return try Tensor(values, rows: rows, columns: columns, device: device)
    } catch {
      throw .invalidSetting(key: "r", problem: "gives no shape: \(error)")
    }
  }
}

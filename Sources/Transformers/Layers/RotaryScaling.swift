import MartletJSON

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How far each pair of a head's dimensions turns from one position to the next, and how models stretch that beyond the
/// context that they were first trained for.
///
/// The source of the scalings is Hugging Face transformers, `modeling_rope_utils.py`; YaRN is by Peng et al. 2023,
/// LongRoPE by Ding et al. 2024.
struct RotaryScaling: Sendable {
  /// What cosines and sines are multiplied by (`attention_factor`).
  private(set) var attentionFactor: Float = 1
  private let frequencies: Frequencies

  private enum Frequencies: Sendable {
    /// The same for all lengths.
    case fixed([Float])
    /// The base grows with the length beyond `context`.
    case dynamic(base: Float, dimensions: Int, factor: Float, context: Float)
    /// One set up to `context` positions, another beyond.
    case byLength(short: [Float], long: [Float], context: Int)
  }

  /// The frequencies for a sequence of `length` positions, in radians a position: one for each pair of dimensions.
  func inverseFrequencies(length: Int) -> [Float] {
    switch frequencies {
    case .fixed(let values): return values
    case .dynamic(let base, let dimensions, let factor, let context):
      let stretch = factor * max(Float(length), context) / context - (factor - 1)
      let exponent = Float(dimensions) / Float(dimensions - 2)
      return Self.plain(base: base * pow(stretch, exponent), dimensions: dimensions)
    case .byLength(let short, let long, let context): return length > context ? long : short
    }
  }

  /// Whether the frequencies are the same for all lengths.
  var isFixed: Bool { if case .fixed = frequencies { true } else { false } }

  private static func plain(base: Float, dimensions: Int) -> [Float] {
    (0..<dimensions / 2).map { 1 / pow(base, Float($0 * 2) / Float(dimensions)) }
  }

  /// - Parameters:
  ///   - settings: The members of `rope_scaling` or `rope_parameters`.
  ///   - member: What that object is called, for errors.
  ///   - configuration: The whole configuration.
  ///   - base: What frequencies are powers of (`rope_theta`).
  ///   - dimensions: How many dimensions of a head are turned.
  ///   - factors: The divisors of a GGUF file that holds the outcome of a scaling.
  init(
    _ settings: Configuration, member: String, _ configuration: Configuration, base: Float, dimensions: Int,
    factors: () throws(ModelError) -> [Float]
  ) throws(ModelError) {
    let plain = Self.plain(base: base, dimensions: dimensions)
    var type = (settings.present("rope_type") ?? settings.present("type"))?.stringValue ?? "default"
    // Old files of Phi 3 call LongRoPE so; its class knows no other scaling.
    let isPhi3 = configuration.present("model_type") == "phi3"
    if type == "su" || type == "yarn" && isPhi3 && !configuration.isFromGGUF { type = "longrope" }
    switch type {
    case "default":
      frequencies = .fixed(plain)
    case "linear":
      let factor = try settings.float("factor")
      frequencies = .fixed(plain.map { $0 / factor })
    case "factors":
      frequencies = .fixed(zip(plain, try factors()).map { $0 / $1 })
    case "llama3":
      frequencies = .fixed(
        try Self.llama3(plain, settings, context: Self.trainedLength(configuration, settings)))
    case "dynamic":
      guard dimensions > 2 else {
        throw .unsupportedConfiguration(key: member, value: "\"dynamic\" for heads of \(dimensions)")
      }
      frequencies = .dynamic(
        base: base, dimensions: dimensions, factor: try settings.float("factor"),
        context: try configuration.float("max_position_embeddings"))
    case "yarn":
      let context = try Self.trainedLength(configuration, settings)
      let longest = try configuration.float("max_position_embeddings")
      let factor = try settings.float("factor", default: longest / context)
      frequencies = .fixed(
        try Self.yarn(plain, settings, base: base, dimensions: dimensions, factor: factor, context: context))
      attentionFactor = try Self.yarnAttentionFactor(settings, factor: factor)
    case "longrope":
      let context = try Self.trainedLength(configuration, settings)
      let longest = try configuration.float("max_position_embeddings")
      let factor = try settings.float("factor", default: longest / context)
      frequencies = .byLength(
        short: zip(plain, try Self.list("short_factor", of: settings, count: plain.count)).map { $0 / $1 },
        long: zip(plain, try Self.list("long_factor", of: settings, count: plain.count)).map { $0 / $1 },
        context: Int(context))
      attentionFactor = try settings.float(
        "attention_factor", default: factor <= 1 ? 1 : (1 + log(factor) / log(context)).squareRoot())
    default:
      throw .unsupportedConfiguration(key: member, value: "\"\(type)\"")
    }
  }

  private static func list(
    _ key: String, of settings: Configuration, count: Int
  ) throws(ModelError) -> [Float] {
    let values = try settings.floats(key)
    guard values.count == count, values.allSatisfy({ $0 > 0 }) else {
      throw .invalidConfiguration(
        key: key, problem: "has \(values.count) numbers; \(count) that are greater than 0 are needed")
    }
    return values
  }

  /// The context that a scaled model was first trained for. A member beside the scaling's goes first, as Phi 3 has it.
  private static func trainedLength(
    _ configuration: Configuration, _ settings: Configuration
  ) throws(ModelError) -> Float {
    let key = "original_max_position_embeddings"
    let length =
      if configuration.present(key) != nil {
        try configuration.float(key)
      } else {
        try settings.float(key, default: configuration.float("max_position_embeddings"))
      }
    guard length >= 1 else { throw .invalidConfiguration(key: key, problem: "is \(length)") }
    return length
  }

  /// Llama 3.1's scaling: long wavelengths are divided by `factor`, short ones stay, those between are blended.
  private static func llama3(
    _ plain: [Float], _ settings: Configuration, context: Float
  ) throws(ModelError) -> [Float] {
    let factor = try settings.float("factor")
    let low = try settings.float("low_freq_factor")
    let high = try settings.float("high_freq_factor")
    return plain.map { frequency in
      let wavelength = 2 * Float.pi / frequency
      if wavelength < context / high { return frequency }
      if wavelength > context / low { return frequency / factor }
      let blend = (context / wavelength - low) / (high - low)
      return (1 - blend) * frequency / factor + blend * frequency
    }
  }

  /// YaRN: dimensions that turn often within the trained context stay, those that turn less than once are divided by
  /// `factor`, those between are blended.
  private static func yarn(
    _ plain: [Float], _ settings: Configuration, base: Float, dimensions: Int, factor: Float, context: Float
  ) throws(ModelError) -> [Float] {
    func number(_ key: String, _ standard: Float) throws(ModelError) -> Double {
      let value = try settings.float(key, default: standard)
      return Double(value == 0 ? standard : value)
    }
    /// The dimension that turns so often within the trained context.
    func dimension(turning turns: Double) -> Double {
      Double(dimensions) * log(Double(context) / (turns * 2 * .pi)) / (2 * log(Double(base)))
    }
    var low = dimension(turning: try number("beta_fast", 32))
    var high = dimension(turning: try number("beta_slow", 1))
    if try settings.flag("truncate", default: true) { (low, high) = (low.rounded(.down), high.rounded(.up)) }
    low = max(low, 0)
    high = min(high, Double(dimensions - 1))
    if low == high { high += 0.001 }
    return plain.enumerated().map { index, frequency in
      let ramp = Float(min(1, max(0, (Double(index) - low) / (high - low))))
      return frequency / factor * ramp + frequency * (1 - ramp)
    }
  }

  private static func yarnAttentionFactor(
    _ settings: Configuration, factor: Float
  ) throws(ModelError) -> Float {
    func scale(_ weight: Float) -> Float { factor <= 1 ? 1 : 0.1 * weight * log(factor) + 1 }
    if settings.present("attention_factor") != nil { return try settings.float("attention_factor") }
    let weight = try settings.float("mscale", default: 0)
    let weightOfAll = try settings.float("mscale_all_dim", default: 0)
    return weight != 0 && weightOfAll != 0 ? scale(weight) / scale(weightOfAll) : scale(1)
  }
}

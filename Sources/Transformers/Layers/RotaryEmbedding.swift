import MartletJSON
import MartletTensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Rotary position embedding (RoFormer, Su et al. 2021) with the scalings that published models use.
///
/// The source of the scalings is Hugging Face transformers, `modeling_rope_utils.py`.
struct RotaryEmbedding: Sendable {
  let headDimension: Int
  let inverseFrequencies: [Float]

  init(_ weights: Weights, _ configuration: Configuration, headDimension: Int) throws(ModelError) {
    self.headDimension = headDimension
    let (member, parameters) = try Self.parameters(configuration)
    let base = try parameters.float("rope_theta", default: configuration.float("rope_theta", default: 10_000))
    let plain = (0..<headDimension / 2).map { pow(base, -Float($0 * 2) / Float(headDimension)) }
    let type = (parameters.present("rope_type") ?? parameters.present("type"))?.stringValue ?? "default"
    let rotated = try parameters.float(
      "partial_rotary_factor", default: configuration.float("partial_rotary_factor", default: 1))
    guard rotated == 1 else {
      throw .unsupportedConfiguration(key: "partial_rotary_factor", value: "\(rotated)")
    }
    switch type {
    case "default":
      inverseFrequencies = plain
    case "linear":
      let factor = try parameters.float("factor")
      inverseFrequencies = plain.map { $0 / factor }
    case "factors":
      // GGUF files hold the outcome of a scaling: what each frequency is divided by.
      let factors = try weights.vector("rope_freqs.weight", count: headDimension / 2).values
      inverseFrequencies = zip(plain, factors).map { $0 / $1 }
    case "llama3":
      inverseFrequencies = try Self.llama3(
        plain, parameters, context: Self.trainedLength(configuration, parameters))
    default:
      throw .unsupportedConfiguration(key: member, value: "\"\(type)\"")
    }
  }

  /// Whether a tensor holds frequencies that old checkpoints stored and that are computed here.
  static func isBuffer(_ name: String) -> Bool { name.hasSuffix("rotary_emb.inv_freq") }

  /// The settings, and the member that holds them: since version 5 transformers writes one object, `rope_parameters`,
  /// in place of two members. Where a file has both, `rope_scaling` wins, its `rope_theta` included.
  private static func parameters(
    _ configuration: Configuration
  ) throws(ModelError) -> (member: String, Configuration) {
    for member in ["rope_scaling", "rope_parameters"] {
      guard let value = configuration.present(member) else { continue }
      guard let members = value.objectValue else {
        throw .invalidConfiguration(key: member, problem: "is \(value.serialized()), not an object")
      }
      if members.isEmpty { continue }
      if let nested = members.first(where: { $0.value.objectValue != nil }) {
        throw .unsupportedConfiguration(key: "\(member).\(nested.key)", value: nested.value.serialized())
      }
      return (member, Configuration(members: members))
    }
    return ("rope_parameters", Configuration(members: [:]))
  }

  /// The context that a scaled model was first trained for. A member beside the scaling's goes first, as Phi 3 has it.
  private static func trainedLength(
    _ configuration: Configuration, _ parameters: Configuration
  ) throws(ModelError) -> Float {
    let key = "original_max_position_embeddings"
    if configuration.present(key) != nil { return try configuration.float(key) }
    return try parameters.float(key, default: configuration.float("max_position_embeddings"))
  }

  /// The angles of a batch's positions.
  func angles(of batch: PackedBatch, device: Device) -> RotaryAngles {
    RotaryAngles(positions: batch.positions, inverseFrequencies: inverseFrequencies, device: device)
  }

  /// Llama 3.1's scaling: long wavelengths are divided by `factor`, short ones stay, those between are blended.
  private static func llama3(
    _ plain: [Float], _ parameters: Configuration, context: Float
  ) throws(ModelError) -> [Float] {
    let factor = try parameters.float("factor")
    let low = try parameters.float("low_freq_factor")
    let high = try parameters.float("high_freq_factor")
    return plain.map { frequency in
      let wavelength = 2 * Float.pi / frequency
      if wavelength < context / high { return frequency }
      if wavelength > context / low { return frequency / factor }
      let blend = (context / wavelength - low) / (high - low)
      return (1 - blend) * frequency / factor + blend * frequency
    }
  }
}

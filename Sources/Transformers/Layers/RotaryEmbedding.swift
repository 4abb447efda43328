import JSON
import Tensors

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
  private let inverseFrequencies: [Float]

  init(_ weights: Weights, _ configuration: Configuration, headDimension: Int) throws(ModelError) {
    self.headDimension = headDimension
    // Since version 5, transformers writes one object, `rope_parameters`, in place of two members.
    let parameters = Configuration(
      members: (configuration.present("rope_parameters") ?? configuration.present("rope_scaling"))?
        .objectValue ?? [:])
    let base = try parameters.float("rope_theta", default: configuration.float("rope_theta", default: 10_000))
    let plain = (0..<headDimension / 2).map { pow(base, -Float($0 * 2) / Float(headDimension)) }
    let type = (parameters.present("rope_type") ?? parameters.present("type"))?.stringValue ?? "default"
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
      inverseFrequencies = try Self.llama3(plain, parameters)
    default:
      throw .unsupportedConfiguration(key: "rope_scaling", value: "\"\(type)\"")
    }
  }

  /// Whether a tensor holds frequencies that old checkpoints stored and that are computed here.
  static func isBuffer(_ name: String) -> Bool { name.hasSuffix("rotary_emb.inv_freq") }

  /// The angles of a batch's positions.
  func angles(of batch: PackedBatch, device: Device) -> RotaryAngles {
    RotaryAngles(positions: batch.positions, inverseFrequencies: inverseFrequencies, device: device)
  }

  /// Llama 3.1's scaling: long wavelengths are divided by `factor`, short ones stay, those between are blended.
  private static func llama3(_ plain: [Float], _ parameters: Configuration) throws(ModelError) -> [Float] {
    let factor = try parameters.float("factor")
    let low = try parameters.float("low_freq_factor")
    let high = try parameters.float("high_freq_factor")
    let context = try parameters.float("original_max_position_embeddings")
    return plain.map { frequency in
      let wavelength = 2 * Float.pi / frequency
      if wavelength < context / high { return frequency }
      if wavelength > context / low { return frequency / factor }
      let blend = (context / wavelength - low) / (high - low)
      return (1 - blend) * frequency / factor + blend * frequency
    }
  }
}

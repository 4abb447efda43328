import MartletJSON
import MartletTensors

/// Rotary position embedding (RoFormer, Su et al. 2021), as a configuration describes it.
struct RotaryEmbedding: Sendable {
  let scaling: RotaryScaling

  /// - Parameters:
  ///   - weights: Where a GGUF file keeps the divisors of its frequencies.
  ///   - configuration: The whole configuration.
  ///   - headDimension: The width of a head.
  init(_ weights: Weights, _ configuration: Configuration, headDimension: Int) throws(ModelError) {
    let (member, settings) = try Self.settings(configuration)
    let base = try settings.float("rope_theta", default: configuration.float("rope_theta", default: 10_000))
    try self.init(weights, configuration, headDimension: headDimension, settings, member: member, base: base)
  }

  /// One of several embeddings that a model's layers choose from.
  /// - Parameters:
  ///   - settings: Its own settings.
  ///   - member: What these are called, for errors.
  ///   - base: What frequencies are powers of.
  init(
    _ weights: Weights, _ configuration: Configuration, headDimension: Int, _ settings: Configuration,
    member: String, base: Float
  ) throws(ModelError) {
    guard base > 0 else { throw .invalidConfiguration(key: "rope_theta", problem: "is \(base)") }
    let part = try settings.float(
      "partial_rotary_factor", default: configuration.float("partial_rotary_factor", default: 1))
    let partDimensions = Int(Float(headDimension) * part)
    guard part > 0, part <= 1, partDimensions >= 2, partDimensions % 2 == 0 else {
      throw .unsupportedConfiguration(
        key: "partial_rotary_factor", value: "\(part), which is no whole pairs of \(headDimension) dimensions"
      )
    }
    // Without a scaling only Phi 3's class of transformers turns a part; a GGUF file means what it says.
    let isScaled = !["default", nil].contains(
      (settings.present("rope_type") ?? settings.present("type"))?.stringValue)
    let followsPart =
      isScaled || configuration.isFromGGUF || configuration.present("model_type") == "phi3"
    let dimensions = followsPart ? partDimensions : headDimension
    scaling = try RotaryScaling(
      settings, member: member, configuration, base: base, dimensions: dimensions
    ) { () throws(ModelError) in
      try weights.vector("rope_freqs.weight", count: dimensions / 2).values
    }
  }

  /// Whether a tensor holds frequencies that are computed here: those that old checkpoints stored, and the lists of GGUF
  /// files that are among the settings, too.
  static func isBuffer(_ name: String) -> Bool {
    name.hasSuffix("rotary_emb.inv_freq") || name == "rope_factors_long.weight"
      || name == "rope_factors_short.weight"
  }

  /// The settings, and the member that holds them: since version 5 transformers writes one object, `rope_parameters`,
  /// in place of two members. Where a file has both, `rope_scaling` wins, its `rope_theta` included.
  private static func settings(
    _ configuration: Configuration
  ) throws(ModelError) -> (member: String, Configuration) {
    for member in ["rope_scaling", "rope_parameters"] {
      guard let settings = try configuration.object(member) else { continue }
      if let nested = settings.members.first(where: { $0.value.objectValue != nil }) {
        throw .unsupportedConfiguration(key: "\(member).\(nested.key)", value: nested.value.serialized())
      }
      return (member, settings)
    }
    return ("rope_parameters", Configuration(members: [:]))
  }

  /// The angles of a batch's positions. Some scalings depend on how long a sequence is by now.
  func angles(of batch: PackedBatch, device: Device) -> RotaryAngles {
    let runs =
      if scaling.isFixed {
        [
          RotaryAngles.Run(
            positions: batch.positions, inverseFrequencies: scaling.inverseFrequencies(length: 1))
        ]
      } else {
        batch.sequences.map { sequence in
          let positions = sequence.firstPosition..<sequence.firstPosition + sequence.rows.count
          return RotaryAngles.Run(
            positions: Array(positions),
            inverseFrequencies: scaling.inverseFrequencies(length: positions.upperBound))
        }
      }
    return RotaryAngles(runs, scale: scaling.attentionFactor, device: device)
  }
}

extension Configuration {
  /// The members of an object; nil where there is none, or an empty one.
  func object(_ key: String) throws(ModelError) -> Configuration? {
    guard let value = present(key) else { return nil }
    guard let members = value.objectValue else {
      throw .invalidConfiguration(key: key, problem: "is \(value.serialized()), not an object")
    }
    return members.isEmpty ? nil : Configuration(members: members, isFromGGUF: isFromGGUF)
  }
}

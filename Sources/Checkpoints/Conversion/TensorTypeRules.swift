import MartletTensors

/// Which type each tensor of a GGUF file gets: the choices of llama-quantize, without an importance matrix
/// (ggml-org/llama.cpp, `src/llama-quant.cpp`, `llama_tensor_get_type_impl`, `tensor_allows_quantization` and
/// `tensor_type_fallback`).
///
/// Matrices are rounded and all else stays as it is. The values of attention and the down projections of some layers,
/// and the output head, which the token embedding is where it has none of its own, hurt most when rounded: they get
/// more bits.
struct TensorTypeRules {
  let scheme: QuantizationScheme
  /// Whether every matrix gets the scheme's own type.
  let isPure: Bool
  let layerCount: Int
  let architecture: String
  /// Whether the experts of a layer are eight.
  let hasEightExperts: Bool
  private let hasHead: Bool
  private let valueCount: Int
  /// Whether it is Llama 2 or 3 with 80 layers and grouped queries, whose value matrices are small.
  private let isLarge: Bool

  /// Rules for a file with these tensors.
  init(
    _ scheme: QuantizationScheme, isPure: Bool, architecture: String, layerCount: Int, names: [String],
    groupsQueries: Bool = false, expertCount: Int = 0
  ) {
    (self.scheme, self.isPure, self.architecture, self.layerCount) = (
      scheme, isPure, architecture, layerCount
    )
    hasEightExperts = expertCount == 8
    hasHead = names.contains("output.weight")
    valueCount = names.count { Self.isValue($0) }
    isLarge = architecture == "llama" && layerCount == 80 && groupsQueries
  }

  /// Whether a tensor is a matrix that may be rounded.
  static func isRounded(_ name: String, shape: [Int]) -> Bool {
    guard shape.count >= 2, name.hasSuffix("weight"), !name.hasSuffix("_norm.weight") else { return false }
    let kept = ["position_embd.weight", "token_types.weight"]
    let keptParts = ["ffn_gate_inp.weight", "attn_rel_b.weight", "ssm_conv1d", "shortconv.conv.weight"]
    return !kept.contains(name) && !keptParts.contains { name.contains($0) }
  }

  /// The type of a tensor, and the type that it would have if its rows were whole blocks, where they are not.
  /// - Parameters:
  ///   - shape: In PyTorch's order.
  ///   - present: The type that it has.
  func format(
    of name: String, shape: [Int], present: StorageFormat
  ) -> (format: StorageFormat, wanted: StorageFormat?) {
    guard Self.isRounded(name, shape: shape), let columns = shape.last else { return (present, nil) }
    guard scheme.isQuantized else { return (scheme.format, nil) }
    let wanted = isPure ? scheme.format : choice(name, columns: columns)
    let fitting = Self.fallback(wanted, columns: columns)
    return (fitting, fitting == wanted ? nil : wanted)
  }

  /// A type with smaller blocks where the rows are not whole blocks of `format`.
  private static func fallback(_ format: StorageFormat, columns: Int) -> StorageFormat {
    guard !columns.isMultiple(of: format.elementsPerBlock) else { return format }
    let smaller: StorageFormat =
      switch format {
      case .q4_K: .q5_0
      case .q5_K: .q5_1
      case .q6_K: .q8_0
      default: format
      }
    return columns.isMultiple(of: smaller.elementsPerBlock) ? smaller : .float16
  }

  private func choice(_ name: String, columns: Int) -> StorageFormat {
    let format = scheme.format
    if name == "output.weight" || (!hasHead && name == "token_embd.weight") {
      return format == .q8_0 || !columns.isMultiple(of: format.elementsPerBlock) ? .q8_0 : .q6_K
    }
    let layer = Self.layer(name)
    if Self.isValue(name) { return value(name, layer: layer) }
    if name.contains("attn_k.weight"), hasEightExperts { return .q8_0 }
    if name.contains("ffn_down") {
      switch scheme {
      case .q4_K_M, .q5_K_M: return Self.getsMoreBits(layer, of: layerCount) ? .q6_K : format
      case .q4_K_S: return layer < layerCount / 8 ? .q5_K : format
      default: return format
      }
    }
    if name.contains("attn_output.weight"), hasEightExperts, format == .q4_K { return .q5_K }
    return format
  }

  /// The matrix of attention's values, alone or in one with queries and keys.
  private func value(_ name: String, layer: Int) -> StorageFormat {
    if hasEightExperts { return .q8_0 }
    var format = scheme.format
    switch scheme {
    case .q4_K_M, .q5_K_M: if Self.getsMoreBits(layer, of: valueCount) { format = .q6_K }
    case .q4_K_S: if layer < 4 { format = .q5_K }
    default: break
    }
    return isLarge && format == .q4_K ? .q5_K : format
  }

  private static func isValue(_ name: String) -> Bool {
    ["attn_qkv.weight", "attn_kv_b.weight", "attn_v.weight"].contains { name.contains($0) }
  }

  /// The first and the last eighth of the layers, and every third between them.
  private static func getsMoreBits(_ layer: Int, of count: Int) -> Bool {
    layer < count / 8 || layer >= 7 * count / 8 || (layer - count / 8) % 3 == 2
  }

  /// The layer that a name's number says.
  private static func layer(_ name: String) -> Int {
    let parts = name.split(separator: ".")
    return parts.count > 1 ? Int(parts[1]) ?? 0 : 0
  }
}

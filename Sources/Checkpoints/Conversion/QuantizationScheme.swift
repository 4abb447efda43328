import MartletTensors

/// How all tensors of a GGUF file are stored: one type, or one of llama.cpp's mixtures
/// (ggml-org/llama.cpp, `include/llama.h`, `llama_ftype`).
public enum QuantizationScheme: String, Sendable, CaseIterable {
  /// 32 bits.
  case float32 = "F32"
  /// 16 bits; vectors and norms stay in F32.
  case float16 = "F16"
  /// The upper 16 bits; vectors and norms stay in F32.
  case bfloat16 = "BF16"
  /// 8 bits.
  case q8_0 = "Q8_0"
  /// 4 bits.
  case q4_0 = "Q4_0"
  /// 4 bits with minima.
  case q4_1 = "Q4_1"
  /// 5 bits.
  case q5_0 = "Q5_0"
  /// 5 bits with minima.
  case q5_1 = "Q5_1"
  /// Q4_K, with some layers' values and down projections in Q5_K.
  case q4_K_S = "Q4_K_S"
  /// Q4_K, with about half of the layers' values and down projections in Q6_K.
  case q4_K_M = "Q4_K_M"
  /// Q5_K.
  case q5_K_S = "Q5_K_S"
  /// Q5_K, with about half of the layers' values and down projections in Q6_K.
  case q5_K_M = "Q5_K_M"
  /// Q6_K.
  case q6_K = "Q6_K"

  /// The type that tensors have unless a rule says otherwise.
  public var format: StorageFormat {
    switch self {
    case .float32: .float32
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .q8_0: .q8_0
    case .q4_0: .q4_0
    case .q4_1: .q4_1
    case .q5_0: .q5_0
    case .q5_1: .q5_1
    case .q4_K_S, .q4_K_M: .q4_K
    case .q5_K_S, .q5_K_M: .q5_K
    case .q6_K: .q6_K
    }
  }

  /// Whether values are rounded to blocks.
  public var isQuantized: Bool { format.elementsPerBlock > 1 }

  /// `general.file_type`.
  var fileType: UInt32 {
    switch self {
    case .float32: 0
    case .float16: 1
    case .q4_0: 2
    case .q4_1: 3
    case .q8_0: 7
    case .q5_0: 8
    case .q5_1: 9
    case .q4_K_S: 14
    case .q4_K_M: 15
    case .q5_K_S: 16
    case .q5_K_M: 17
    case .q6_K: 18
    case .bfloat16: 32
    }
  }

  /// The scheme of a type that is no mixture.
  init?(_ format: StorageFormat) {
    switch format {
    case .float32: self = .float32
    case .float16: self = .float16
    case .bfloat16: self = .bfloat16
    case .q8_0: self = .q8_0
    case .q4_0: self = .q4_0
    case .q4_1: self = .q4_1
    case .q5_0: self = .q5_0
    case .q5_1: self = .q5_1
    case .q6_K: self = .q6_K
    default: return nil
    }
  }
}

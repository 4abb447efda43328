/// How the elements of a weight lie in a checkpoint file.
///
/// The block formats are those of GGUF (ggml, `docs/gguf.md` and `src/ggml-common.h`): a row is cut into
/// blocks of ``elementsPerBlock`` values, each with its own scale, and a row is always whole blocks.
public enum StorageFormat: String, Sendable, CaseIterable {
  /// IEEE 754, 32 bits.
  case float32 = "F32"
  /// IEEE 754, 16 bits.
  case float16 = "F16"
  /// The upper half of a float32.
  case bfloat16 = "BF16"
  /// 4 bits with a scale for 32 values.
  case q4_0 = "Q4_0"
  /// 4 bits with a scale and a minimum for 32 values.
  case q4_1 = "Q4_1"
  /// 5 bits with a scale for 32 values.
  case q5_0 = "Q5_0"
  /// 5 bits with a scale and a minimum for 32 values.
  case q5_1 = "Q5_1"
  /// 8 bits with a scale for 32 values.
  case q8_0 = "Q8_0"
  /// 2 bits; 256 values share a scale and a minimum of 16 scales and minima of 4 bits.
  case q2_K = "Q2_K"
  /// 3 bits; 256 values share a scale of 16 scales of 6 bits.
  case q3_K = "Q3_K"
  /// 4 bits; 256 values share a scale of 8 scales and minima of 6 bits.
  case q4_K = "Q4_K"
  /// 5 bits; 256 values share a scale of 8 scales and minima of 6 bits.
  case q5_K = "Q5_K"
  /// 6 bits; 256 values share a scale of 16 scales of 8 bits.
  case q6_K = "Q6_K"
  /// 4 bits that stand for 16 uneven steps, with a scale for 32 values.
  case iq4_NL = "IQ4_NL"
  /// 4 bits that stand for 16 uneven steps; 256 values share a scale of 8 scales of 6 bits.
  case iq4_XS = "IQ4_XS"
  /// Floats of 4 bits, with a power of two for 32 values (OCP, "Microscaling Formats (MX) Specification", 1.0).
  case mxfp4 = "MXFP4"

  /// The format with this GGUF type number, or nil where Martlet reads no such type.
  public init?(ggufTypeID: UInt32) {
    guard let format = Self.allCases.first(where: { $0.ggufTypeID == ggufTypeID }) else { return nil }
    self = format
  }

  /// The number that names this format in a GGUF file.
  public var ggufTypeID: UInt32 {
    switch self {
    case .float32: 0
    case .float16: 1
    case .q4_0: 2
    case .q4_1: 3
    case .q5_0: 6
    case .q5_1: 7
    case .q8_0: 8
    case .q2_K: 10
    case .q3_K: 11
    case .q4_K: 12
    case .q5_K: 13
    case .q6_K: 14
    case .iq4_NL: 20
    case .iq4_XS: 23
    case .bfloat16: 30
    case .mxfp4: 39
    }
  }

  /// How many consecutive values of a row share one block; 1 for the plain formats.
  public var elementsPerBlock: Int {
    switch self {
    case .float32, .float16, .bfloat16: 1
    case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .iq4_NL, .mxfp4: 32
    case .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .iq4_XS: 256
    }
  }

  /// The bytes that one block takes in the file.
  public var bytesPerBlock: Int {
    switch self {
    case .float32: 4
    case .float16, .bfloat16: 2
    case .mxfp4: 17
    case .q4_0, .iq4_NL: 18
    case .q4_1: 20
    case .q5_0: 22
    case .q5_1: 24
    case .q8_0: 34
    case .q2_K: 84
    case .q3_K: 110
    case .iq4_XS: 136
    case .q4_K: 144
    case .q5_K: 176
    case .q6_K: 210
    }
  }
}

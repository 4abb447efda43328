import MartletKernels

/// Activations as the kernels take them: float32, and in 8 bits where the weights ask for that.
struct QuantizedActivations {
  private let x: Tensor
  private let form: Form
  /// The 8-bit values, then the scales, the totals and the sums, in one buffer.
  private let storage: TensorStorage?
  /// All tokens, as the kernels see them while `self` is alive.
  let activations: martlet_activations
  let strides: Strides

  private enum Form { case plain, blocks, rows }

  /// How far one token's values lie from the next one's.
  struct Strides: BitwiseCopyable {
    var columns, scales, sums: Int

    /// Up to `count` tokens from number `first` on.
    func slice(_ all: martlet_activations, from first: Int, count: Int) -> martlet_activations {
      martlet_activations(
        tokens: min(count, all.tokens - first), columns: all.columns, values: all.values + first * columns,
        quantized: all.quantized.map { $0 + first * columns }, scales: all.scales.map { $0 + first * scales },
        sums: all.sums.map { $0 + first * sums }, totals: all.totals.map { $0 + first * scales },
        rounds_bfloat16: false)
    }
  }

  init(_ x: Tensor, for weight: WeightMatrix, _ processor: Processor) {
    self.x = x
    form = Self.form(weight)
    let (tokens, columns) = (x.rows, x.columns)
    switch form {
    case .plain:
      storage = nil
      strides = Strides(columns: columns, scales: 0, sums: 0)
      activations = martlet_activations(
        tokens: tokens, columns: columns, values: x.pointer, quantized: nil, scales: nil, sums: nil,
        totals: nil,
        rounds_bfloat16: false)
      return
    case .blocks:
      strides = Strides(columns: columns, scales: columns / 32, sums: columns / 16)
    case .rows:
      let groups = (columns + Self.rowGroup - 1) / Self.rowGroup
      strides = Strides(columns: columns, scales: groups, sums: groups)
    }
    let valueFloats = (tokens * columns + 3) / 4
    let sumFloats = (tokens * strides.sums + 1) / 2
    let scaleFloats = tokens * strides.scales
    let storage = TensorStorage(count: valueFloats + 2 * scaleFloats + sumFloats, device: x.device)
    self.storage = storage
    let scales = storage.pointer + valueFloats
    let totals = scales + scaleFloats
    let sums = UnsafeMutableRawPointer(totals + scaleFloats)
      .bindMemory(to: Int16.self, capacity: sumFloats * 2)
    let values = UnsafeMutableRawPointer(storage.pointer).bindMemory(to: Int8.self, capacity: valueFloats * 4)
    activations = martlet_activations(
      tokens: tokens, columns: columns, values: x.pointer, quantized: values, scales: scales, sums: sums,
      totals: form == .blocks ? totals : nil, rounds_bfloat16: false)
    let kernels = processor.kernels
    let (form, strides) = (form, strides)
    processor.parallelRows(tokens, elementsPerRow: columns) { range in
      for token in range {
        let (scales, sums) = (scales + token * strides.scales, sums + token * strides.sums)
        let out = values + token * columns
        if form == .blocks {
          kernels.quantize_blocks(x.row(token), columns, out, scales, sums, totals + token * strides.scales)
        } else {
          kernels.quantize_row(x.row(token), columns, out, scales, sums)
        }
      }
    }
  }

  private static let rowGroup = Int(MARTLET_ROW_GROUP_COLUMNS)

  private static func form(_ weight: WeightMatrix) -> Form {
    guard weight.quantizesActivations else { return .plain }
    return weight.layout.kind == UInt8(MARTLET_LAYOUT_BLOCKS.rawValue) ? .blocks : .rows
  }

  func suits(_ weight: WeightMatrix) -> Bool { Self.form(weight) == form }
}

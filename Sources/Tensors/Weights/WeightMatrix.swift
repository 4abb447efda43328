import MartletKernels

/// With what numbers a model computes.
public enum Precision: String, Sendable, CaseIterable {
  /// The file's weights, exactly (the scales and minima of K formats and IQ4_XS, products of two numbers of the file, to
  /// 11 bits; those of Q3_K exactly), and float32 activations: for comparisons and measurements.
  case float32
  /// Quantized weights meet activations of 8 bits with a scale for each 32 values, as in llama.cpp; other weights
  /// are computed as they are stored.
  case fast
  /// As `fast`, and float weights are rounded to 8 bits with one scale a row: for embedding models.
  case int8
}

/// A weight matrix, repacked once at load into the layout that the kernels like (`Kernels.h`, "Weights").
///
/// Which layout that is follows from the file's format, its scales and the precision; nothing above this type knows.
public final class WeightMatrix: Sendable {
  /// The matrix's height: the width of a product's result.
  public let rows: Int
  /// The matrix's width: the width of the activations that it meets.
  public let columns: Int
  /// The bytes that the repacked weights take.
  public let byteCount: Int

  let layout: martlet_layout
  let panelBytes: Int
  /// Whether activations are rounded to 8 bits before the product.
  let quantizesActivations: Bool
  /// Whether bfloat16 weights may meet activations rounded to bfloat16.
  let roundsToBFloat16: Bool
  let device: Device
  private let memory: Memory
  var panels: UnsafeMutableRawPointer {
    switch memory {
    case .packed(let slice): slice.pointer
    case .floats(let values): UnsafeMutableRawPointer(values.pointer)
    }
  }

  private enum Memory {
    case packed(MemoryArena.Slice)
    /// Rows of float32, end to end.
    case floats(Tensor)
  }

  /// The values of a matrix that is not packed.
  var values: Tensor? {
    if case .floats(let values) = memory { values } else { nil }
  }

  /// Whether the weights are in panels.
  var isPacked: Bool { if case .packed = memory { true } else { false } }

  /// A matrix of float32 that is not packed: what trains. Where `values` is recorded, so is what is computed with it.
  public init(values: Tensor) {
    (rows, columns, device) = (values.rows, values.columns, values.device)
    byteCount = values.count * MemoryLayout<Float>.stride
    layout = martlet_layout_of(MARTLET_FILE_F32)
    panelBytes = martlet_panel_bytes(layout, values.columns)
    (quantizesActivations, roundsToBFloat16) = (false, false)
    memory = .floats(values)
  }

  /// Repacks a weight.
  /// - Parameters:
  ///   - rows: The height.
  ///   - columns: The width: whole blocks of `format`.
  ///   - format: How `bytes` hold the values.
  ///   - precision: With what numbers products are computed; with the format it decides the layout.
  ///   - device: Where the weight lives.
  ///   - bytes: The rows, end to end.
  ///   - rowOrder: Which of the file's rows becomes row `i`; nil keeps the file's order.
  /// - Throws: ``TensorError/malformedWeight(_:)`` where the bytes do not have the size that the shape implies.
  public init(
    rows: Int, columns: Int, format: StorageFormat, precision: Precision, device: Device,
    bytes: UnsafeRawBufferPointer, rowOrder: ((Int) -> Int)? = nil
  ) throws(TensorError) {
    let rowBytes = try Self.checkedRowBytes(rows: rows, columns: columns, format: format, bytes: bytes.count)
    self.rows = rows
    self.columns = columns
    self.device = device
    let roundsWeights = precision == .int8 && format.elementsPerBlock == 1
    layout =
      roundsWeights
      ? martlet_layout(kind: UInt8(MARTLET_LAYOUT_INT8_ROWS.rawValue), bits: 8, group: 0, has_minima: 0)
      : martlet_layout_for(
        martlet_file_format(format.ggufTypeID), bytes.baseAddress, bytes.count / format.bytesPerBlock)
    let isQuantized = layout.kind == UInt8(MARTLET_LAYOUT_BLOCKS.rawValue)
    quantizesActivations = roundsWeights || (precision != .float32 && isQuantized)
    roundsToBFloat16 = precision != .float32
    panelBytes = martlet_panel_bytes(layout, columns)
    let panelCount = (rows + Self.panelRows - 1) / Self.panelRows
    byteCount = panelCount * panelBytes
    memory = .packed(device.weights.take(bytes: byteCount))
    pack(format: format, bytes: bytes, rowBytes: rowBytes, rowOrder: rowOrder, asFloat32: roundsWeights)
  }

  static let panelRows = Int(MARTLET_PANEL_ROWS)

  /// The bytes that a matrix takes once it is repacked for computing with the file's weights: Q8_0's size for types of 3
  /// and 4 bits whose values become 8, for example. MXFP4 with scales that only float32 holds takes more.
  public static func byteCount(rows: Int, columns: Int, format: StorageFormat) -> Int {
    let layout = martlet_layout_of(martlet_file_format(format.ggufTypeID))
    return (rows + panelRows - 1) / panelRows * martlet_panel_bytes(layout, columns)
  }

  /// The bytes of one row in the file, after checking that the shape is sound and `bytes` holds it.
  static func checkedRowBytes(
    rows: Int, columns: Int, format: StorageFormat, bytes: Int
  ) throws(TensorError) -> Int {
    guard rows > 0, columns > 0, columns % format.elementsPerBlock == 0 else {
      throw .malformedWeight(
        "\(rows) × \(columns) is no shape for \(format.rawValue), whose rows are blocks of \(format.elementsPerBlock)"
      )
    }
    let rowBytes = columns / format.elementsPerBlock * format.bytesPerBlock
    let (expected, overflow) = rowBytes.multipliedReportingOverflow(by: rows)
    guard !overflow, bytes == expected else {
      throw .malformedWeight(
        "\(rows) × \(columns) in \(format.rawValue) takes \(overflow ? "too many" : "\(expected)") bytes, not \(bytes)"
      )
    }
    return rowBytes
  }

  /// Repacks a weight that the file holds the other way round: its rows are this matrix's columns, as in the `Conv1D`
  /// of GPT-2's checkpoints.
  /// - Parameters: As for the other initializer; `rows` and `columns` are this matrix's own, and `format` is a plain one.
  /// - Throws: ``TensorError/malformedWeight(_:)`` where the bytes do not have the size that the shape implies, or the
  ///   format has blocks, which cannot be turned.
  public convenience init(
    transposing rows: Int, columns: Int, format: StorageFormat, precision: Precision, device: Device,
    bytes: UnsafeRawBufferPointer
  ) throws(TensorError) {
    guard format.elementsPerBlock == 1 else {
      throw .malformedWeight("\(format.rawValue) has blocks, and the matrix is stored the other way round")
    }
    _ = try Self.checkedRowBytes(rows: columns, columns: rows, format: format, bytes: bytes.count)
    let turned = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    defer { turned.deallocate() }
    if format == .float32 {
      Self.transpose(bytes, into: turned, rows: columns, columns: rows, as: UInt32.self)
    } else {
      Self.transpose(bytes, into: turned, rows: columns, columns: rows, as: UInt16.self)
    }
    try self.init(
      rows: rows, columns: columns, format: format, precision: precision, device: device,
      bytes: UnsafeRawBufferPointer(turned))
  }

  /// Writes `rows` rows of `columns` values as columns.
  private static func transpose<Value: FixedWidthInteger & BitwiseCopyable>(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, rows: Int, columns: Int,
    as type: Value.Type
  ) {
    let (size, tile) = (MemoryLayout<Value>.size, 64)
    // In tiles, so that what is read and what is written stay in the processor's cache.
    for firstRow in stride(from: 0, to: rows, by: tile) {
      for firstColumn in stride(from: 0, to: columns, by: tile) {
        for row in firstRow..<min(rows, firstRow + tile) {
          for column in firstColumn..<min(columns, firstColumn + tile) {
            let value = source.loadUnaligned(fromByteOffset: (row * columns + column) * size, as: type)
            target.storeBytes(of: value, toByteOffset: (column * rows + row) * size, as: type)
          }
        }
      }
    }
  }

  private func pack(
    format: StorageFormat, bytes: UnsafeRawBufferPointer, rowBytes: Int, rowOrder: ((Int) -> Int)?,
    asFloat32: Bool
  ) {
    guard let base = bytes.baseAddress else { return }
    let (processor, kernels) = (device.processor, device.processor.kernels)
    let panelCount = byteCount / max(1, panelBytes)
    let panelsPerChunk = max(1, (256 << 10) / max(1, panelBytes))
    processor.parallel((panelCount + panelsPerChunk - 1) / panelsPerChunk) { chunk in
      let converted = asFloat32 && format != .float32 ? FloatRows(columns: columns) : nil
      for panel in chunk * panelsPerChunk..<min(panelCount, (chunk + 1) * panelsPerChunk) {
        let sources = (0..<Self.panelRows).map { offset -> UnsafeRawPointer? in
          let row = panel * Self.panelRows + offset
          guard row < rows else { return nil }
          let source = base + (rowOrder?(row) ?? row) * rowBytes
          return converted?.convert(source, format: format, slot: offset) ?? source
        }
        let given = converted == nil ? format : .float32
        sources.withUnsafeBufferPointer {
          kernels.pack_panel(
            martlet_file_format(given.ggufTypeID), $0.baseAddress, columns, layout,
            panels + panel * panelBytes)
        }
      }
    }
  }

  /// The rows with these numbers as float32: an embedding table's look-up.
  /// - Precondition: Every number is in `0..<rows`.
  public func gatherRows(_ indices: some Collection<Int>) -> Tensor {
    if let values { return values.gatherRows(Array(indices)) }
    return device.perform(RowUnpacking(matrix: self, indices: Array(indices)))
  }
}

/// Rows of a packed matrix in float32.
private struct RowUnpacking: Operation {
  let matrix: WeightMatrix
  let indices: [Int]

  func forward(on processor: Processor) -> Tensor {
    let columns = matrix.columns
    let result = Tensor(uninitializedRows: indices.count, columns: columns, device: matrix.device)
    for (position, index) in indices.enumerated() {
      precondition(index >= 0 && index < matrix.rows, "row \(index) of a matrix of \(matrix.rows)")
      let panel = matrix.panels + index / WeightMatrix.panelRows * matrix.panelBytes
      processor.kernels.unpack_row(
        matrix.layout, panel, index % WeightMatrix.panelRows, columns, result.row(position))
    }
    return result
  }
}

/// Room for one panel's rows in float32, for 16-bit weights that are to be rounded to 8.
private final class FloatRows {
  private let columns: Int
  private let values: UnsafeMutablePointer<Float>

  init(columns: Int) {
    self.columns = columns
    values = .allocate(capacity: columns * WeightMatrix.panelRows)
  }

  deinit { values.deallocate() }

  func convert(_ source: UnsafeRawPointer, format: StorageFormat, slot: Int) -> UnsafeRawPointer {
    let row = values + slot * columns
    format.decodePlain(source, count: columns, into: row)
    return UnsafeRawPointer(row)
  }
}

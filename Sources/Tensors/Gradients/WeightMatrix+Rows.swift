import MartletKernels

extension WeightMatrix {
  /// Adds y · W to `x`, or writes it: how a gradient passes back through a layer. A packed matrix is taken out in strips
  /// of rows, so that it is never there in float32 as a whole. With any precision but float32 the products may be those of
  /// numbers rounded to bfloat16.
  func multiplyRows(_ y: Tensor, into x: Tensor, adds: Bool, _ processor: Processor) {
    if let values {
      processor.multiplyInParallel(y.view, values.view, into: x.view, adds: adds)
      return
    }
    let step = Self.rowsPerStrip(columns: columns)
    let strip = TensorStorage(count: min(step, rows) * columns, device: device)
    for first in stride(from: 0, to: rows, by: step) {
      let range = first..<min(rows, first + step)
      let view = floatRows(range, in: strip, processor)
      processor.multiplyInParallel(
        y.view.columns(range), view, into: x.view, adds: adds || first > 0,
        roundsToBFloat16: roundsToBFloat16)
    }
    withExtendedLifetime((x, y, strip)) {}
  }

  /// Some rows as float32: the matrix's own, or, of a packed one, unpacked into `strip`.
  func floatRows(_ range: Range<Int>, in strip: TensorStorage, _ processor: Processor) -> MatrixView {
    if let values { return values.view.rows(range) }
    unpack(range, into: strip.pointer, processor)
    return MatrixView(strip.pointer, rows: range.count, columns: columns)
  }

  /// Unpacks rows to float32, on all threads.
  func unpack(_ range: Range<Int>, into out: UnsafeMutablePointer<Float>, _ processor: Processor) {
    let (columns, panelRows) = (columns, Self.panelRows)
    processor.parallelRows(range.count, elementsPerRow: columns) { rows in
      for row in rows {
        let index = range.lowerBound + row
        processor.kernels.unpack_row(
          layout, panels + index / panelRows * panelBytes, index % panelRows, columns, out + row * columns)
      }
    }
  }

  /// All values as float32: what a weight's training starts from.
  public var floatValues: Tensor {
    if let values { return values.unrecorded() }
    let result = Tensor(uninitializedRows: rows, columns: columns, device: device)
    unpack(0..<rows, into: result.pointer, device.processor)
    return result
  }

  /// Rows that take some megabytes in float32: few enough for the nearest shared cache, and many enough that what they
  /// are multiplied with need not be read often. A multiple of a panel's rows.
  static func rowsPerStrip(columns: Int) -> Int {
    max(panelRows, (1 << 20) / max(1, columns) / panelRows * panelRows)
  }
}

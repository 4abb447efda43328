import MartletKernels

extension Tensor {
  /// Some rows of a weight that stays in its file, as float32.
  /// - Parameters:
  ///   - indices: The rows to read.
  ///   - columns: The weight's width: whole blocks of `format`.
  ///   - format: How `bytes` hold the values.
  ///   - bytes: The whole weight, row after row.
  ///   - device: Where the tensor lives.
  /// - Throws: ``TensorError`` where a row lies outside the weight, or the bytes are not whole rows.
  public init(
    rows indices: some Collection<Int>, ofMatrixWithColumns columns: Int, format: StorageFormat,
    bytes: UnsafeRawBufferPointer, device: Device
  ) throws(TensorError) {
    let rowBytes = columns / format.elementsPerBlock * format.bytesPerBlock
    let rows = rowBytes > 0 ? bytes.count / rowBytes : 0
    _ = try WeightMatrix.checkedRowBytes(rows: rows, columns: columns, format: format, bytes: bytes.count)
    self.init(uninitializedRows: indices.count, columns: columns, device: device)
    guard let base = bytes.baseAddress else { return }
    for (position, index) in indices.enumerated() {
      guard index >= 0, index < rows else {
        throw .shapeMismatch("row \(index) of a table of \(rows)")
      }
      let source = base + index * rowBytes
      if format.elementsPerBlock == 1 {
        format.decodePlain(source, count: columns, into: row(position))
      } else {
        let layout = martlet_layout_for(
          martlet_file_format(format.ggufTypeID), source, columns / format.elementsPerBlock)
        device.processor.decodePanel(
          [source], format: format, layout: layout, columns: columns, into: row(position))
      }
    }
  }
}

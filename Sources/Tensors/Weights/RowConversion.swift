import MartletKernels

/// Rows of a weight that stays in its file, on their way to another format.
extension Device {
  /// Decodes rows of a weight to float32, on all threads.
  /// - Parameters:
  ///   - rows: The rows to decode.
  ///   - columns: The weight's width: whole blocks of `format`.
  ///   - format: How `bytes` hold the values.
  ///   - bytes: The whole weight, row after row.
  ///   - rowOrder: Which of the file's rows is row `i`; nil keeps the file's order.
  ///   - out: Where they go, row after row: `rows.count * columns` values.
  /// - Throws: ``TensorError`` where a row lies outside the weight, the bytes are not whole rows, or `out` is no room of
  ///   that size.
  public func decodeRows(
    _ rows: Range<Int>, columns: Int, format: StorageFormat, bytes: UnsafeRawBufferPointer,
    rowOrder: (@Sendable (Int) -> Int)? = nil, into out: UnsafeMutableBufferPointer<Float>
  ) throws(TensorError) {
    let rowBytes = columns / format.elementsPerBlock * format.bytesPerBlock
    let count = rowBytes > 0 ? bytes.count / rowBytes : 0
    _ = try WeightMatrix.checkedRowBytes(rows: count, columns: columns, format: format, bytes: bytes.count)
    guard rows.lowerBound >= 0, rows.upperBound <= count, out.count == rows.count * columns else {
      throw .shapeMismatch("rows \(rows) of a weight of \(count) × \(columns), for \(out.count) values")
    }
    guard let base = bytes.baseAddress, let target = out.baseAddress else { return }
    let places = Unchecked(base: base, target: target)
    let panelRows = WeightMatrix.panelRows
    let layout = martlet_layout_for(
      martlet_file_format(format.ggufTypeID), base, bytes.count / format.bytesPerBlock)
    processor.parallel((rows.count + panelRows - 1) / panelRows) { panel in
      let part = panel * panelRows..<min(rows.count, (panel + 1) * panelRows)
      let sources = part.map { offset -> UnsafeRawPointer in
        let row = rows.lowerBound + offset
        return places.base + (rowOrder?(row) ?? row) * rowBytes
      }
      let room = places.target + part.lowerBound * columns
      if format.elementsPerBlock == 1 {
        for (offset, source) in sources.enumerated() {
          format.decodePlain(source, count: columns, into: room + offset * columns)
        }
      } else {
        processor.decodePanel(sources, format: format, layout: layout, columns: columns, into: room)
      }
    }
  }

  /// Rounds rows of float32 to a file's format, on all threads, as ggml's reference does
  /// (ggml-org/ggml, `src/ggml-quants.c`, `quantize_row_*_ref`).
  /// - Parameters:
  ///   - values: The rows, end to end.
  ///   - columns: Their width: whole blocks of `format`.
  ///   - format: The format; ``StorageFormat/isWritten`` says which there are.
  ///   - out: Where the bytes go, row after row.
  /// - Throws: ``TensorError/malformedWeight(_:)`` where the sizes do not fit, or a row holds what the format cannot: a
  ///   value that is not finite, or one so large that a block's scale is beyond half precision.
  public func encodeRows(
    _ values: UnsafeBufferPointer<Float>, columns: Int, format: StorageFormat,
    into out: UnsafeMutableRawBufferPointer
  ) throws(TensorError) {
    let rows = columns > 0 ? values.count / columns : 0
    guard format.isWritten, columns % format.elementsPerBlock == 0, values.count == rows * columns,
      out.count == values.count / format.elementsPerBlock * format.bytesPerBlock
    else {
      throw .malformedWeight(
        "\(values.count) values in rows of \(columns) do not become \(out.count) bytes of \(format.rawValue)")
    }
    guard let base = values.baseAddress, let target = out.baseAddress else { return }
    let rowBytes = columns / format.elementsPerBlock * format.bytesPerBlock
    let fileFormat = martlet_file_format(format.ggufTypeID)
    let places = Unchecked(base: UnsafeRawPointer(base), target: target)
    var refused = [Bool](repeating: false, count: rows)
    refused.withUnsafeMutableBufferPointer { refused in
      guard let first = refused.baseAddress else { return }
      let flags = Unchecked(base: places.base, target: first)
      processor.parallelRows(rows, elementsPerRow: columns) { chunk in
        for row in chunk {
          let source = (places.base + row * columns * 4).assumingMemoryBound(to: Float.self)
          flags.target[row] =
            !martlet_encode_row(fileFormat, source, columns, places.target + row * rowBytes)
        }
      }
    }
    if let row = refused.firstIndex(of: true) {
      throw .malformedWeight(
        "its row \(row) holds a value that \(format.rawValue) cannot hold: not a number, infinite, or too large"
      )
    }
  }
}

/// Pointers that threads share; each works on a part of its own.
private struct Unchecked<Target>: @unchecked Sendable {
  let base: UnsafeRawPointer
  let target: Target
}

extension StorageFormat {
  /// Whether ``Device/encodeRows(_:columns:format:into:)`` writes this format.
  public var isWritten: Bool {
    var columns = 0
    return martlet_encoded_block(martlet_file_format(ggufTypeID), &columns) == bytesPerBlock
      && columns == elementsPerBlock
  }
}

extension Processor {
  /// Decodes at most as many rows of a block format as a panel has, by packing them and taking them out again: the
  /// kernels know the blocks, and nobody else needs to.
  func decodePanel(
    _ rows: [UnsafeRawPointer], format: StorageFormat, layout: martlet_layout, columns: Int,
    into out: UnsafeMutablePointer<Float>
  ) {
    let fileFormat = martlet_file_format(format.ggufTypeID)
    let panel = allocateAligned(bytes: martlet_panel_bytes(layout, columns))
    defer { panel.deallocate() }
    let missing = [UnsafeRawPointer?](repeating: nil, count: WeightMatrix.panelRows - rows.count)
    (rows + missing).withUnsafeBufferPointer {
      kernels.pack_panel(fileFormat, $0.baseAddress, columns, layout, panel)
    }
    for row in rows.indices { kernels.unpack_row(layout, panel, row, columns, out + row * columns) }
  }
}

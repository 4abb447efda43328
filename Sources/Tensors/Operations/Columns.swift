extension Tensor {
  /// The columns in `range` of every row: one part of what a fused matrix gave.
  /// - Precondition: `range` lies in `0..<columns`.
  public func columns(_ range: Range<Int>) -> Tensor {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns, "columns outside the tensor")
    return device.perform(ColumnRange(x: self, range: range))
  }

  /// The same values with another number of columns: the heads of each token as rows of their own, and back.
  /// - Precondition: The number of values stays.
  public func reshaped(rows: Int, columns: Int) -> Tensor {
    precondition(rows * columns == self.rows * self.columns, "a shape of another size")
    return device.perform(Reshaping(x: self, rows: rows, columns: columns))
  }
}

private struct ColumnRange: RecordableOperation {
  let x: Tensor
  let range: Range<Int>
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }

  func forward(on processor: Processor) -> Tensor {
    let result = Tensor(uninitializedRows: x.rows, columns: range.count, device: x.device)
    processor.parallelRows(x.rows, elementsPerRow: range.count) { rows in
      for row in rows { result.row(row).update(from: x.row(row) + range.lowerBound, count: range.count) }
    }
    return result
  }
}

private struct Reshaping: RecordableOperation {
  let x: Tensor
  let rows, columns: Int
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }

  // Values never change, so the new shape shares them.
  func forward(on processor: Processor) -> Tensor { Tensor(sharing: x, rows: rows, columns: columns) }
}

extension Tensor {
  /// Rows as columns.
  public func transposed() -> Tensor { device.perform(Transposition(x: self)) }
}

private struct Transposition: RecordableOperation {
  let x: Tensor
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }

  func forward(on processor: Processor) -> Tensor {
    let result = Tensor(uninitializedRows: x.columns, columns: x.rows, device: x.device)
    for row in 0..<x.rows {
      for column in 0..<x.columns { result.row(column)[row] = x.row(row)[column] }
    }
    return result
  }
}

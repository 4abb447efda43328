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
  var remembered: ColumnRange { ColumnRange(x: x.valueless, range: range) }

  func forward(on processor: Processor) -> Tensor {
    let result = Tensor(uninitializedRows: x.rows, columns: range.count, device: x.device)
    processor.parallelRows(x.rows, elementsPerRow: range.count) { rows in
      for row in rows { result.row(row).update(from: x.row(row) + range.lowerBound, count: range.count) }
    }
    return result
  }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    let (kernels, count) = (pass.processor.kernels, range.count)
    pass.accumulate(to: x, isZeroed: true) { sums, _ in
      pass.processor.parallelRows(x.rows, elementsPerRow: count) { rows in
        for row in rows {
          let sum = sums.row(row) + range.lowerBound
          kernels.add(sum, gradient.row(row), sum, count)
        }
      }
    }
  }
}

private struct Reshaping: RecordableOperation {
  let x: Tensor
  let rows, columns: Int
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }
  var remembered: Reshaping { Reshaping(x: x.valueless, rows: rows, columns: columns) }

  // Values never change, so the new shape shares them.
  func forward(on processor: Processor) -> Tensor { Tensor(sharing: x, rows: rows, columns: columns) }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    pass.add(Tensor(sharing: gradient, rows: x.rows, columns: x.columns), to: x, isOwned: false)
  }
}

extension Tensor {
  /// Rows as columns.
  public func transposed() -> Tensor { device.perform(Transposition(x: self)) }
}

private struct Transposition: RecordableOperation {
  let x: Tensor
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }
  var remembered: Transposition { Transposition(x: x.valueless) }

  func forward(on processor: Processor) -> Tensor {
    guard x.storage.count > 0 else {
      return Tensor(rows: x.columns, columns: x.rows, withoutValuesOn: x.device)
    }
    let result = Tensor(uninitializedRows: x.columns, columns: x.rows, device: x.device)
    // In tiles, so that what is read and what is written stay in the processor's cache.
    let tile = 64
    processor.parallel((x.columns + tile - 1) / tile) { chunk in
      let columns = chunk * tile..<min(x.columns, (chunk + 1) * tile)
      for first in stride(from: 0, to: x.rows, by: tile) {
        for row in first..<min(x.rows, first + tile) {
          let (from, to) = (x.row(row), result.pointer + row)
          for column in columns { to[column * x.rows] = from[column] }
        }
      }
    }
    return result
  }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    pass.add(Transposition(x: gradient).forward(on: pass.processor), to: x)
  }
}

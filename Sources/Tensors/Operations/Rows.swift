extension Tensor {
  /// The rows with these numbers, in their order.
  public func gatherRows(_ indices: [Int]) -> Tensor {
    device.perform(RowGathering(x: self, indices: indices))
  }

  /// The columns with these numbers, in their order.
  public func gatheringColumns(_ indices: [Int]) -> Tensor {
    device.perform(ColumnGathering(x: self, indices: indices))
  }

  /// The mean of each range of rows: one row a sequence of the packed batch.
  public func meanOfRows(in ranges: [Range<Int>]) -> Tensor {
    device.perform(MeanOfRows(x: self, ranges: ranges))
  }

  /// Each row times its own factor.
  /// - Precondition: There are as many factors as rows.
  public func scaledRows(by factors: [Float]) -> Tensor {
    precondition(factors.count == rows, "\(factors.count) factors for \(rows) rows")
    return device.perform(RowScaling(x: self, factors: factors))
  }

  /// The largest value of each column in each range of rows: one row a range.
  /// - Precondition: No range is empty, and each lies in `0..<rows`.
  public func maximumOfRows(in ranges: [Range<Int>]) -> Tensor {
    device.perform(MaximumOfRows(x: self, ranges: ranges))
  }

  /// The mean of each range of rows where the first row weighs 1, the second 2 and so on (Muennighoff 2022, "SGPT"): one
  /// row a range.
  /// - Precondition: Each range lies in `0..<rows`.
  public func positionWeightedMeanOfRows(in ranges: [Range<Int>]) -> Tensor {
    device.perform(PositionWeightedMeanOfRows(x: self, ranges: ranges))
  }
}

private struct RowGathering: RecordableOperation {
  let x: Tensor
  let indices: [Int]
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }
  var remembered: RowGathering { RowGathering(x: x.valueless, indices: indices) }

  func forward(on processor: Processor) -> Tensor {
    let result = Tensor(uninitializedRows: indices.count, columns: x.columns, device: x.device)
    for (position, index) in indices.enumerated() {
      precondition(index >= 0 && index < x.rows, "row \(index) of a tensor of \(x.rows)")
      result.row(position).update(from: x.row(index), count: x.columns)
    }
    return result
  }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    pass.accumulate(to: x, isZeroed: true) { sums, _ in
      for (position, index) in indices.enumerated() {
        pass.processor.kernels.add(sums.row(index), gradient.row(position), sums.row(index), x.columns)
      }
    }
  }
}

private struct ColumnGathering: RecordableOperation {
  let x: Tensor
  let indices: [Int]
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }
  var remembered: ColumnGathering { ColumnGathering(x: x.valueless, indices: indices) }

  func forward(on processor: Processor) -> Tensor {
    let result = Tensor(uninitializedRows: x.rows, columns: indices.count, device: x.device)
    for row in 0..<x.rows {
      for (position, index) in indices.enumerated() {
        precondition(index >= 0 && index < x.columns, "column \(index) of a tensor of \(x.columns)")
        result.row(row)[position] = x.row(row)[index]
      }
    }
    return result
  }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    pass.accumulate(to: x, isZeroed: true) { sums, _ in
      for row in 0..<x.rows {
        for (position, index) in indices.enumerated() { sums.row(row)[index] += gradient.row(row)[position] }
      }
    }
  }
}

private struct MeanOfRows: RecordableOperation {
  let x: Tensor
  let ranges: [Range<Int>]
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }
  var remembered: MeanOfRows { MeanOfRows(x: x.valueless, ranges: ranges) }

  func forward(on processor: Processor) -> Tensor {
    let (kernels, columns) = (processor.kernels, x.columns)
    let result = Tensor(uninitializedRows: ranges.count, columns: columns, device: x.device)
    let rowsPerRange = max(1, x.rows / max(1, ranges.count))
    processor.parallelRows(ranges.count, elementsPerRow: columns * rowsPerRange) { chunk in
      for index in chunk {
        let range = ranges[index]
        precondition(range.lowerBound >= 0 && range.upperBound <= x.rows, "rows outside the tensor")
        let sum = result.row(index)
        sum.update(repeating: 0, count: columns)
        for row in range { kernels.add(sum, x.row(row), sum, columns) }
        kernels.scale(sum, 1 / Float(max(1, range.count)), sum, columns)
      }
    }
    return result
  }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    pass.accumulate(to: x, isZeroed: true) { sums, _ in
      for (index, range) in ranges.enumerated() {
        let share = 1 / Float(max(1, range.count))
        for row in range {
          pass.processor.kernels.add_scaled(gradient.row(index), share, sums.row(row), x.columns)
        }
      }
    }
  }
}

private struct MaximumOfRows: RecordableOperation {
  let x: Tensor
  let ranges: [Range<Int>]
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }

  func forward(on processor: Processor) -> Tensor {
    let result = Tensor(uninitializedRows: ranges.count, columns: x.columns, device: x.device)
    for (index, range) in ranges.enumerated() {
      precondition(range.lowerBound >= 0 && range.upperBound <= x.rows && !range.isEmpty, "rows outside")
      let largest = result.row(index)
      largest.update(from: x.row(range.lowerBound), count: x.columns)
      for row in range.dropFirst() {
        let values = x.row(row)
        for column in 0..<x.columns { largest[column] = max(largest[column], values[column]) }
      }
    }
    return result
  }
}

private struct PositionWeightedMeanOfRows: RecordableOperation {
  let x: Tensor
  let ranges: [Range<Int>]
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }
  var remembered: PositionWeightedMeanOfRows {
    PositionWeightedMeanOfRows(x: x.valueless, ranges: ranges)
  }

  func forward(on processor: Processor) -> Tensor {
    let result = Tensor(uninitializedRows: ranges.count, columns: x.columns, device: x.device)
    for (index, range) in ranges.enumerated() {
      precondition(range.lowerBound >= 0 && range.upperBound <= x.rows, "rows outside the tensor")
      let sum = result.row(index)
      sum.update(repeating: 0, count: x.columns)
      for row in range {
        let (values, weight) = (x.row(row), Float(row - range.lowerBound + 1))
        for column in 0..<x.columns { sum[column] += weight * values[column] }
      }
      let total = Float(range.count) * Float(range.count + 1) / 2
      processor.kernels.scale(sum, 1 / max(1, total), sum, x.columns)
    }
    return result
  }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    pass.accumulate(to: x, isZeroed: true) { sums, _ in
      for (index, range) in ranges.enumerated() {
        let total = max(1, Float(range.count) * Float(range.count + 1) / 2)
        for row in range {
          let share = Float(row - range.lowerBound + 1) / total
          pass.processor.kernels.add_scaled(gradient.row(index), share, sums.row(row), x.columns)
        }
      }
    }
  }
}

private struct RowScaling: RecordableOperation {
  let x: Tensor
  let factors: [Float]
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }
  var remembered: RowScaling { RowScaling(x: x.valueless, factors: factors) }

  func forward(on processor: Processor) -> Tensor {
    let result = Tensor(uninitializedRows: x.rows, columns: x.columns, device: x.device)
    for row in 0..<x.rows { processor.kernels.scale(x.row(row), factors[row], result.row(row), x.columns) }
    return result
  }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    pass.add(RowScaling(x: gradient, factors: factors).forward(on: pass.processor), to: x)
  }
}

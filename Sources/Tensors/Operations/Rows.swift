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
}

private struct RowGathering: RecordableOperation {
  let x: Tensor
  let indices: [Int]
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }

  func forward(on processor: Processor) -> Tensor {
    let result = Tensor(uninitializedRows: indices.count, columns: x.columns, device: x.device)
    for (position, index) in indices.enumerated() {
      precondition(index >= 0 && index < x.rows, "row \(index) of a tensor of \(x.rows)")
      result.row(position).update(from: x.row(index), count: x.columns)
    }
    return result
  }
}

private struct ColumnGathering: RecordableOperation {
  let x: Tensor
  let indices: [Int]
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }

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
}

private struct MeanOfRows: RecordableOperation {
  let x: Tensor
  let ranges: [Range<Int>]
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }

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
}

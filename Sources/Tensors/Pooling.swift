import Kernels

extension Tensor {
  /// The mean of each range of rows: one row a sequence of the packed batch.
  public func meanOfRows(in ranges: [Range<Int>]) -> Tensor {
    let result = Tensor(uninitializedRows: ranges.count, columns: columns, device: device)
    let kernels = device.kernels
    device.parallelRows(ranges.count, elementsPerRow: columns * max(1, rows / max(1, ranges.count))) {
      chunk in
      for index in chunk {
        let range = ranges[index]
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows outside the tensor")
        let sum = result.row(index)
        sum.update(repeating: 0, count: columns)
        for row in range { kernels.add(sum, self.row(row), sum, columns) }
        kernels.scale(sum, 1 / Float(max(1, range.count)), sum, columns)
      }
    }
    return result
  }

  /// Each row divided by its Euclidean length; a row of zeros stays.
  public func normalizedRows() -> Tensor {
    let result = Tensor(uninitializedRows: rows, columns: columns, device: device)
    let kernels = device.kernels
    for index in 0..<rows {
      let length = kernels.dot(row(index), row(index), columns).squareRoot()
      kernels.scale(row(index), length > 0 ? 1 / length : 0, result.row(index), columns)
    }
    return result
  }
}

extension Tensor {
  /// The column of the largest value in a row, the first of equals.
  /// - Precondition: `index` is in `0..<rows`.
  public func argmax(row index: Int) -> Int {
    precondition(index >= 0 && index < rows, "row \(index) of a tensor of \(rows)")
    return device.kernels.argmax(row(index), columns)
  }

  /// The negative log-probability of column `targets[i]` in row i, where rows are logits: the loss of each token.
  /// - Precondition: There are as many targets as rows, each a column.
  public func crossEntropy(targets: [Int]) -> [Float] {
    precondition(targets.count == rows && targets.allSatisfy { $0 >= 0 && $0 < columns })
    let losses = Tensor(uninitializedRows: 1, columns: max(1, rows), device: device)
    device.parallelRows(rows, elementsPerRow: columns) { range in
      for index in range {
        losses.pointer[index] = device.kernels.log_sum_exp(row(index), columns) - row(index)[targets[index]]
      }
    }
    return Array(losses.values.prefix(rows))
  }
}

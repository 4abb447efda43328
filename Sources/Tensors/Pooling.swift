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

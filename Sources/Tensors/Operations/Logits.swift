extension Tensor {
  /// The column of the largest value in a row, the first of equals.
  /// - Precondition: `index` is in `0..<rows`.
  public func argmax(row index: Int) -> Int {
    precondition(index >= 0 && index < rows, "row \(index) of a tensor of \(rows)")
    return device.perform(Argmax(x: self, row: index))
  }

  /// The negative log-probability of column `targets[i]` in row i, where rows are logits: the loss of each token.
  /// - Precondition: There are as many targets as rows, each a column.
  public func crossEntropy(targets: [Int]) -> [Float] {
    precondition(targets.count == rows && targets.allSatisfy { $0 >= 0 && $0 < columns })
    return device.perform(CrossEntropy(logits: self, targets: targets)).values
  }
}

private struct Argmax: Operation {
  let x: Tensor
  let row: Int

  func forward(on processor: Processor) -> Int { processor.kernels.argmax(x.row(row), x.columns) }
}

/// One row, one column: the loss.
private struct CrossEntropy: RecordableOperation {
  let logits: Tensor
  let targets: [Int]
  var operands: [Tensor] { [logits] }
  var isRecorded: Bool { logits.isRecorded }

  func forward(on processor: Processor) -> Tensor {
    let losses = Tensor(uninitializedRows: logits.rows, columns: 1, device: logits.device)
    processor.parallelRows(logits.rows, elementsPerRow: logits.columns) { range in
      for index in range {
        let row = logits.row(index)
        losses.row(index).pointee = processor.kernels.log_sum_exp(row, logits.columns) - row[targets[index]]
      }
    }
    return losses
  }
}

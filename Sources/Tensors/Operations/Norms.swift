extension Tensor {
  /// Each row divided by its root mean square and multiplied by `weight` (Zhang and Sennrich 2019).
  public func rmsNormalized(weight: Tensor, epsilon: Float) -> Tensor {
    precondition(weight.columns == columns, "a norm of another width")
    return device.perform(RMSNormalization(x: self, weight: weight, epsilon: epsilon))
  }

  /// Each row with its mean taken away, divided by its standard deviation, times `weight` plus `bias` (Ba et al. 2016).
  public func layerNormalized(weight: Tensor, bias: Tensor, epsilon: Float) -> Tensor {
    precondition(weight.columns == columns && bias.columns == columns, "a norm of another width")
    return device.perform(LayerNormalization(x: self, weight: weight, bias: bias, epsilon: epsilon))
  }

  /// Each row divided by its Euclidean length; a row of zeros stays.
  public func normalizedRows() -> Tensor { device.perform(UnitLength(x: self)) }
}

private struct RMSNormalization: RecordableOperation {
  let x, weight: Tensor
  let epsilon: Float
  var operands: [Tensor] { [x, weight] }
  var isRecorded: Bool { x.isRecorded || weight.isRecorded }

  func forward(on processor: Processor) -> Tensor {
    processor.mapRows(of: x) { rows, out in
      for index in rows {
        processor.kernels.rms_norm(
          x.row(index), weight.pointer, epsilon, out + (index - rows.lowerBound) * x.columns, x.columns)
      }
    }
  }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    let kernel = pass.processor.kernels.rms_norm_backward
    pass.addNormGradients(gradient, x: x, weight: weight) { row, dx, normalized in
      kernel?(x.row(row), weight.pointer, gradient.row(row), epsilon, dx, normalized, x.columns)
    }
  }
}

private struct LayerNormalization: RecordableOperation {
  let x, weight, bias: Tensor
  let epsilon: Float
  var operands: [Tensor] { [x, weight, bias] }
  var isRecorded: Bool { x.isRecorded || weight.isRecorded || bias.isRecorded }

  func forward(on processor: Processor) -> Tensor {
    processor.mapRows(of: x) { rows, out in
      for index in rows {
        processor.kernels.layer_norm(
          x.row(index), weight.pointer, bias.pointer, epsilon, out + (index - rows.lowerBound) * x.columns,
          x.columns)
      }
    }
  }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    let kernel = pass.processor.kernels.layer_norm_backward
    pass.addNormGradients(gradient, x: x, weight: weight) { row, dx, normalized in
      kernel?(x.row(row), weight.pointer, gradient.row(row), epsilon, dx, normalized, x.columns)
    }
    pass.accumulate(to: bias) { sums, adds in
      pass.processor.columnSums(of: gradient, into: sums, adds: adds)
    }
  }
}

extension BackwardPass {
  /// Adds a norm's gradients by its operand and its weight.
  /// - Parameter body: Writes a row of the gradient by the operand, and where it is asked to, the row that the weight was
  ///   multiplied by.
  fileprivate func addNormGradients(
    _ gradient: Tensor, x: Tensor, weight: Tensor,
    _ body: (_ row: Int, _ dx: UnsafeMutablePointer<Float>, _ normalized: UnsafeMutablePointer<Float>?) ->
      Void
  ) {
    let byOperand = emptyTensor(like: x)
    let byWeight = weight.isRecorded ? emptyTensor(like: x) : nil
    processor.parallelRows(x.rows, elementsPerRow: x.columns) { rows in
      for row in rows {
        let normalized = byWeight?.row(row)
        body(row, byOperand.row(row), normalized)
        if let normalized { processor.kernels.multiply(normalized, gradient.row(row), normalized, x.columns) }
      }
    }
    add(byOperand, to: x)
    guard let byWeight else { return }
    accumulate(to: weight) { sums, adds in processor.columnSums(of: byWeight, into: sums, adds: adds) }
  }
}

private struct UnitLength: RecordableOperation {
  let x: Tensor
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }

  func forward(on processor: Processor) -> Tensor {
    let kernels = processor.kernels
    let result = Tensor(uninitializedRows: x.rows, columns: x.columns, device: x.device)
    for index in 0..<x.rows {
      let length = kernels.dot(x.row(index), x.row(index), x.columns).squareRoot()
      kernels.scale(x.row(index), length > 0 ? 1 / length : 0, result.row(index), x.columns)
    }
    return result
  }

  // With u the row and l its length: (dy - u (u · dy) / l²) / l.
  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    let kernels = pass.processor.kernels
    let result = pass.emptyTensor(like: x)
    for index in 0..<x.rows {
      let (row, dy, out) = (x.row(index), gradient.row(index), result.row(index))
      let square = kernels.dot(row, row, x.columns)
      let inverse = square > 0 ? 1 / square.squareRoot() : 0
      kernels.scale(dy, inverse, out, x.columns)
      kernels.add_scaled(
        row, -kernels.dot(row, dy, x.columns) * inverse * inverse * inverse, out, x.columns)
    }
    pass.add(result, to: x)
  }
}

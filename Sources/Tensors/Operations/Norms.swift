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
}

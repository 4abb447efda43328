// Element-wise operations. Each gives a new tensor of the same shape; rows are shared among threads once there is enough
// to do. Shapes that do not fit are a programmer's mistake, not an input's, and are preconditions.

extension Tensor {
  /// The sum of two tensors of one shape: a residual connection.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    precondition(a.rows == b.rows && a.columns == b.columns, "a sum of tensors of different shapes")
    return a.device.perform(Sum(a: a, b: b))
  }

  /// Every value times `factor`.
  public func scaled(by factor: Float) -> Tensor { device.perform(Scaling(x: self, factor: factor)) }

  /// Every value plus `amount`.
  public func shifted(by amount: Float) -> Tensor { device.perform(Shift(x: self, amount: amount)) }
}

private struct Sum: RecordableOperation {
  let a, b: Tensor
  var operands: [Tensor] { [a, b] }
  var isRecorded: Bool { a.isRecorded || b.isRecorded }
  var remembered: Sum { Sum(a: a.valueless, b: b.valueless) }

  func forward(on processor: Processor) -> Tensor {
    processor.mapRows(of: a) { rows, out in
      let offset = rows.lowerBound * a.columns
      processor.kernels.add(a.pointer + offset, b.pointer + offset, out, rows.count * a.columns)
    }
  }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    pass.add(gradient, to: a, isOwned: false)
    pass.add(gradient, to: b, isOwned: false)
  }
}

private struct Scaling: RecordableOperation {
  let x: Tensor
  let factor: Float
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }
  var remembered: Scaling { Scaling(x: x.valueless, factor: factor) }

  func forward(on processor: Processor) -> Tensor {
    processor.mapRows(of: x) { rows, out in
      processor.kernels.scale(x.row(rows.lowerBound), factor, out, rows.count * x.columns)
    }
  }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    pass.add(Scaling(x: gradient, factor: factor).forward(on: pass.processor), to: x)
  }
}

private struct Shift: RecordableOperation {
  let x: Tensor
  let amount: Float
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }
  var remembered: Shift { Shift(x: x.valueless, amount: amount) }

  func forward(on processor: Processor) -> Tensor {
    processor.mapRows(of: x) { rows, out in
      let values = x.row(rows.lowerBound)
      for index in 0..<rows.count * x.columns { out[index] = values[index] + amount }
    }
  }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    pass.add(gradient, to: x, isOwned: false)
  }
}

extension Processor {
  /// A tensor of the shape of `x` whose rows `body` writes, a range of them at a time.
  func mapRows(of x: Tensor, _ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void) -> Tensor {
    let result = Tensor(uninitializedRows: x.rows, columns: x.columns, device: x.device)
    parallelRows(x.rows, elementsPerRow: x.columns) { range in body(range, result.row(range.lowerBound)) }
    return result
  }
}

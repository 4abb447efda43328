#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The nonlinear functions that models put between their matrices.
public enum Activation: Sendable, Equatable, CaseIterable {
  /// The Gaussian error linear unit, exactly by the error function (Hendrycks and Gimpel 2016).
  case gelu
  /// The same, approximated with a hyperbolic tangent, as GPT-2 and Gemma have it.
  case geluTanh
  /// The same, approximated as x · sigmoid(1.702 x).
  case quickGELU
  /// x · sigmoid(x) (Elfwing et al. 2017), also called swish.
  case silu
  /// The larger of x and 0.
  case relu
  /// The hyperbolic tangent.
  case tanh
}

extension Tensor {
  /// Every value passed through `activation`.
  public func activated(by activation: Activation) -> Tensor {
    device.perform(ActivationOfValues(x: self, activation: activation))
  }

  /// `activation` of `self` times `up`: a gated linear unit (Shazeer 2020, "GLU Variants Improve Transformer").
  /// - Precondition: The two have one shape.
  public func gate(_ up: Tensor, by activation: Activation) -> Tensor {
    precondition(rows == up.rows && columns == up.columns, "a gate of another shape")
    return device.perform(Gate(gate: self, up: up, activation: activation))
  }
}

private struct ActivationOfValues: RecordableOperation {
  let x: Tensor
  let activation: Activation
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }

  func forward(on processor: Processor) -> Tensor {
    processor.mapRows(of: x) { rows, out in
      processor.apply(activation, to: x.row(rows.lowerBound), out, rows.count * x.columns)
    }
  }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    let processor = pass.processor
    let result = processor.mapRows(of: x) { rows, out in
      let first = rows.lowerBound
      processor.applySlope(
        of: activation, at: x.row(first), to: gradient.row(first), out, rows.count * x.columns)
    }
    pass.add(result, to: x)
  }
}

private struct Gate: RecordableOperation {
  let gate, up: Tensor
  let activation: Activation
  var operands: [Tensor] { [gate, up] }
  var isRecorded: Bool { gate.isRecorded || up.isRecorded }

  func forward(on processor: Processor) -> Tensor {
    processor.mapRows(of: gate) { rows, out in
      let (count, first) = (rows.count * gate.columns, rows.lowerBound)
      if activation == .silu {
        processor.kernels.silu_multiply(gate.row(first), up.row(first), out, count)
      } else {
        processor.apply(activation, to: gate.row(first), out, count)
        processor.kernels.multiply(out, up.row(first), out, count)
      }
    }
  }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    let (processor, kernels) = (pass.processor, pass.processor.kernels)
    let byUp = pass.emptyTensor(like: up)
    let byGate = processor.mapRows(of: gate) { rows, out in
      let (count, first) = (rows.count * gate.columns, rows.lowerBound)
      let (g, u, dy, second) = (gate.row(first), up.row(first), gradient.row(first), byUp.row(first))
      if activation == .silu {
        kernels.silu_multiply_backward(g, u, dy, out, second, count)
      } else {
        kernels.multiply(u, dy, second, count)
        processor.applySlope(of: activation, at: g, to: second, out, count)
        processor.apply(activation, to: g, second, count)
        kernels.multiply(second, dy, second, count)
      }
    }
    pass.add(byGate, to: gate)
    pass.add(byUp, to: up)
  }
}

extension Processor {
  /// Writes the function of `count` values to `out`, which may be their own place.
  fileprivate func apply(
    _ activation: Activation, to x: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    switch activation {
    case .gelu: kernels.gelu(x, out, count)
    case .geluTanh: kernels.gelu_tanh(x, out, count)
    // These are in no large model's inner loop.
    case .quickGELU: for index in 0..<count { out[index] = x[index] / (1 + exp(-1.702 * x[index])) }
    case .silu: for index in 0..<count { out[index] = x[index] / (1 + exp(-x[index])) }
    case .relu: for index in 0..<count { out[index] = max(0, x[index]) }
    case .tanh: for index in 0..<count { out[index] = Glibc.tanh(x[index]) }
    }
  }

  /// Writes the function's slope at `x` times `dy` to `out`, which may be the place of either.
  fileprivate func applySlope(
    of activation: Activation, at x: UnsafePointer<Float>, to dy: UnsafePointer<Float>,
    _ out: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    // x · s(k x) has the slope s + k x s (1 - s), where s is the sigmoid of k x.
    func sigmoidUnit(_ k: Float) {
      for index in 0..<count {
        let s = 1 / (1 + exp(-k * x[index]))
        out[index] = dy[index] * (s + k * x[index] * s * (1 - s))
      }
    }
    switch activation {
    case .gelu: kernels.gelu_backward(x, dy, out, count)
    case .geluTanh: kernels.gelu_tanh_backward(x, dy, out, count)
    case .quickGELU: sigmoidUnit(1.702)
    case .silu: sigmoidUnit(1)
    case .relu: for index in 0..<count { out[index] = x[index] > 0 ? dy[index] : 0 }
    case .tanh:
      for index in 0..<count {
        let t = Glibc.tanh(x[index])
        out[index] = dy[index] * (1 - t * t)
      }
    }
  }
}

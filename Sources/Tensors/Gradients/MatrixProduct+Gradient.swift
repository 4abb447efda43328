extension MatrixProduct {
  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    for (layer, gradient) in zip([a, b, c], gradients) {
      guard let layer, let gradient else { continue }
      if let bias = layer.bias {
        pass.accumulate(to: bias) { sums, adds in
          pass.processor.columnSums(of: gradient, into: sums, adds: adds)
        }
      }
      if let values = layer.weight.values {
        pass.accumulate(to: values) { sums, adds in
          pass.processor.multiplyInParallel(gradient.view.transposed, x.view, into: sums.view, adds: adds)
        }
      }
      pass.accumulate(to: x) { sums, adds in
        layer.weight.multiplyRows(gradient, into: sums, adds: adds, pass.processor)
      }
    }
  }
}

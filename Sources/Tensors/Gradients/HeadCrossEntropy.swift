import MartletKernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The loss of hidden states whose logits a linear layer gives: the sum of -log p(target) over all rows, divided by
/// `divisor`. One row, one column.
///
/// The logits are computed by strips of the vocabulary, so that they are never there as a whole (Wijmans et al. 2024, "Cut
/// Your Losses in Large-Vocabulary Language Models"). Where the head trains they are computed a second time for its
/// gradients.
/// - Parameters:
///   - hiddenStates: Rows × the layer's width.
///   - head: The output head, with its bias and adapter.
///   - targets: The row of the layer that each state is to predict.
///   - divisor: What the sum is divided by; nil for the number of rows, so that the loss is their mean. Parts of a batch
///     whose losses are added up take the number of all rows.
/// - Precondition: There is a row, as many targets as rows, and each target is a row of the layer.
public func crossEntropy(
  of hiddenStates: Tensor, head: Linear, targets: [Int], divisor: Int? = nil
) -> Tensor {
  crossEntropy(of: hiddenStates, head: head, targets: targets, divisor: divisor, rowsPerStrip: nil)
}

/// The same, by strips of `rowsPerStrip` rows of the layer, a multiple of 16; nil for what suits the sizes.
func crossEntropy(
  of hiddenStates: Tensor, head: Linear, targets: [Int], divisor: Int?, rowsPerStrip: Int?
) -> Tensor {
  precondition(!targets.isEmpty && targets.count == hiddenStates.rows, "targets for other rows")
  precondition(targets.allSatisfy { $0 >= 0 && $0 < head.weight.rows }, "a target outside the layer")
  precondition(hiddenStates.columns == head.weight.columns, "hidden states of another width")
  precondition(divisor ?? 1 > 0, "a divisor of 0")
  var terms = [HeadCrossEntropy.Term(x: hiddenStates, weight: head.weight)]
  if let adapter = head.adapter {
    terms.append(HeadCrossEntropy.Term(x: adapter.narrowed(hiddenStates), weight: adapter.b))
  }
  return hiddenStates.device.perform(
    HeadCrossEntropy(
      terms: terms, bias: head.bias, targets: targets, divisor: Float(divisor ?? targets.count),
      rowsPerStrip: rowsPerStrip, results: HeadCrossEntropy.Results()))
}

private struct HeadCrossEntropy: RecordableOperation {
  /// Logits are the sum of each term's x · Wᵀ: the layer's, and what its adapter adds.
  let terms: [Term]
  let bias: Tensor?
  let targets: [Int]
  let divisor: Float
  let rowsPerStrip: Int?
  let results: Results

  struct Term {
    let x: Tensor
    let weight: WeightMatrix
  }

  /// What the forward pass leaves to the backward pass. One thread owns it.
  final class Results: @unchecked Sendable {
    /// log Σ e^logit of each row.
    var logSums: [Float] = []
    /// Σ p W of each row, the mean of the head's rows by their probabilities, where the head does not train: the gradient
    /// by a hidden state is that less the target's row, so that nothing is computed twice.
    var meanWeights: Tensor?
  }

  var operands: [Tensor] {
    terms.map(\.x) + terms.compactMap(\.weight.values) + (bias.map { [$0] } ?? [])
  }
  var isRecorded: Bool { operands.contains(where: \.isRecorded) }

  /// Whether the hidden states alone have a gradient.
  private var isFrozen: Bool {
    terms.count == 1 && terms[0].weight.values?.isRecorded != true && bias?.isRecorded != true
  }

  func forward(on processor: Processor) -> Tensor {
    let (rows, device) = (targets.count, terms[0].x.device)
    var logSums = [Double](repeating: -.infinity, count: rows)
    var ofTargets = [Float](repeating: 0, count: rows)
    let ofStrip = TensorStorage(count: rows, device: device)
    if isRecorded && isFrozen {
      let means = Tensor(uninitializedRows: rows, columns: terms[0].x.columns, device: device)
      means.pointer.update(repeating: 0, count: means.count)
      results.meanWeights = means
    }
    forEachStrip(processor) { strip, logits, weights in
      processor.parallelRows(rows, elementsPerRow: strip.count) { range in
        for row in range {
          ofStrip.pointer[row] = processor.kernels.log_sum_exp(
            logits.start + row * logits.row, strip.count)
        }
      }
      let earlier = logSums
      for row in 0..<rows {
        let (a, b) = (logSums[row], Double(ofStrip.pointer[row]))
        // Of two sums' logarithms that of their sum; a NaN stays one.
        logSums[row] = a == -.infinity ? b : a > b ? a + log1p(exp(b - a)) : b + log1p(exp(a - b))
        if strip.contains(targets[row]) {
          ofTargets[row] = logits.start[row * logits.row + targets[row] - strip.lowerBound]
        }
      }
      if let means = results.meanWeights {
        add(logits, weights(strip)[0], to: means, earlier: earlier, now: logSums, processor)
      }
    }
    results.logSums = logSums.map(Float.init)
    let sum = zip(logSums, ofTargets).reduce(0) { $0 + ($1.0 - Double($1.1)) }
    let loss = Tensor(uninitializedRows: 1, columns: 1, device: device)
    loss.pointer.pointee = Float(sum / Double(divisor))
    return loss
  }

  /// Takes a strip into the means of the weights, as attention takes a page: what was gathered so far is scaled to the new
  /// sum (Milakov and Gimelshein 2018, "Online normalizer calculation for softmax"). The logits become probabilities.
  private func add(
    _ logits: MatrixView, _ weights: MatrixView, to means: Tensor, earlier: [Double], now: [Double],
    _ processor: Processor
  ) {
    processor.parallelRows(means.rows, elementsPerRow: logits.columns) { range in
      for row in range {
        let values = logits.start + row * logits.row
        processor.kernels.exponentials(values, 1, Float(now[row]), values, logits.columns)
        let share = Float(exp(earlier[row] - now[row]))
        processor.kernels.scale(means.row(row), share, means.row(row), means.columns)
      }
    }
    processor.multiplyInParallel(logits, weights, into: means.view, adds: true)
  }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    let factor = gradient.pointer.pointee / divisor
    if let means = results.meanWeights {
      passBack(means, factor: factor, pass)
    } else {
      passBackThroughLogits(factor: factor, pass)
    }
  }

  private func passBack(_ means: Tensor, factor: Float, _ pass: BackwardPass) {
    let ofTargets = terms[0].weight.gatherRows(targets)
    let kernels = pass.processor.kernels
    pass.accumulate(to: terms[0].x, isZeroed: true) { sums, _ in
      pass.processor.parallelRows(sums.rows, elementsPerRow: sums.columns) { range in
        for row in range {
          kernels.add_scaled(means.row(row), factor, sums.row(row), sums.columns)
          kernels.add_scaled(ofTargets.row(row), -factor, sums.row(row), sums.columns)
        }
      }
    }
  }

  private func passBackThroughLogits(factor: Float, _ pass: BackwardPass) {
    let (processor, rows, logSums) = (pass.processor, targets.count, results.logSums)
    forEachStrip(processor) { strip, logits, weights in
      // The gradient by a logit is its probability, less one for the target's.
      processor.parallelRows(rows, elementsPerRow: strip.count) { range in
        for row in range {
          let values = logits.start + row * logits.row
          processor.kernels.exponentials(values, 1, logSums[row], values, strip.count)
          if strip.contains(targets[row]) { values[targets[row] - strip.lowerBound] -= 1 }
          processor.kernels.scale(values, factor, values, strip.count)
        }
      }
      for (term, weight) in zip(terms, weights(strip)) {
        pass.accumulate(to: term.x) { sums, adds in
          processor.multiplyInParallel(logits, weight, into: sums.view, adds: adds)
        }
        guard let values = term.weight.values else { continue }
        pass.accumulate(to: values, isZeroed: true) { sums, _ in
          processor.multiplyInParallel(
            logits.transposed, term.x.view, into: sums.view.rows(strip), adds: true)
        }
      }
      if let bias {
        pass.accumulate(to: bias, isZeroed: true) { sums, _ in
          for row in 0..<rows {
            let sum = sums.pointer + strip.lowerBound
            processor.kernels.add(sum, logits.start + row * logits.row, sum, strip.count)
          }
        }
      }
    }
  }

  /// Calls `body` with each strip of the vocabulary, the logits of all rows there, and what gives each term's weights in
  /// the strip as float32. Logits and weights live as long as the call.
  private func forEachStrip(
    _ processor: Processor,
    _ body: (_ strip: Range<Int>, _ logits: MatrixView, _ weights: (Range<Int>) -> [MatrixView]) -> Void
  ) {
    let (first, device) = (terms[0], terms[0].x.device)
    let (vocabulary, rows) = (first.weight.rows, targets.count)
    let step =
      rowsPerStrip
      ?? min(WeightMatrix.rowsPerStrip(columns: first.weight.columns), Self.mostColumns(rows: rows))
    let logits = TensorStorage(count: rows * min(step, vocabulary), device: device)
    let places = terms.map { TensorStorage(count: min(step, vocabulary) * $0.weight.columns, device: device) }
    for start in stride(from: 0, to: vocabulary, by: step) {
      let strip = start..<min(vocabulary, start + step)
      let view = MatrixView(logits.pointer, rows: rows, columns: strip.count)
      MatrixProduct.multiply(first.x, by: first.weight, rows: strip, bias: bias, into: view, processor)
      for (term, place) in zip(terms, places).dropFirst() {
        let weight = term.weight.floatRows(strip, in: place, processor)
        processor.multiplyInParallel(term.x.view, weight.transposed, into: view, adds: true)
      }
      body(strip, view) { strip in
        zip(terms, places).map { $0.weight.floatRows(strip, in: $1, processor) }
      }
    }
    withExtendedLifetime((logits, places)) {}
  }

  /// Columns whose logits take some megabytes: whole panels of weights.
  private static func mostColumns(rows: Int) -> Int {
    max(WeightMatrix.panelRows, (2 << 20) / rows / WeightMatrix.panelRows * WeightMatrix.panelRows)
  }
}

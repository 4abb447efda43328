/// What the backward pass of an attention needs of its forward pass besides the operands. One thread owns it.
final class AttentionResults: @unchecked Sendable {
  /// The attention's output: tokens × (heads · headDimension).
  var output: Tensor?
  /// log Σ e^score of each head: tokens × heads. With it the weights of any tile of positions are computed again, so that
  /// they never need to be kept (Dao et al. 2022, "FlashAttention", section 3.1).
  var logSums: Tensor?
}

extension ScaledDotProductAttention {
  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    guard let output = results?.output, let logSums = results?.logSums else {
      throw .noDerivative(operation: "ScaledDotProductAttention over a cache of keys and values")
    }
    func zeros(like tensor: Tensor) -> Tensor {
      let zeros = pass.emptyTensor(like: tensor)
      zeros.pointer.update(repeating: 0, count: zeros.count)
      return zeros
    }
    let (dQueries, dKeys, dValues) = (zeros(like: queries), zeros(like: keys), zeros(like: values))
    let heads = shape.keyValueHeads
    let work = sequences.filter { !$0.rows.isEmpty }.flatMap { sequence in
      (0..<heads).map { (rows: sequence.rows, head: $0) }
    }
    pass.processor.parallel(work.count) { index in
      let share = SharedHeadGradient(
        shape: shape, head: work[index].head, rows: work[index].rows, processor: pass.processor)
      share.run(
        queries: queries, keys: keys, values: values, output: output, logSums: logSums, gradient: gradient,
        dQueries: dQueries, dKeys: dKeys, dValues: dValues)
    }
    pass.add(dQueries, to: queries)
    pass.add(dKeys, to: keys)
    pass.add(dValues, to: values)
  }
}

/// The gradients of one sequence in one key/value head and the query heads that share it: nobody else writes to their
/// place, so that threads need not agree on an order.
///
/// Tile by tile of queries and of positions, with P the weights, S the scores and D = Σ dO ∘ O:
/// dV += Pᵀ dO, dS = P ∘ (dO Vᵀ - D), dQ += scale · dS K, dK += scale · dSᵀ Q.
private struct SharedHeadGradient {
  let shape: AttentionShape
  let head: Int
  let rows: Range<Int>
  let processor: Processor

  private static let tile = 64

  func run(
    queries: Tensor, keys: Tensor, values: Tensor, output: Tensor, logSums: Tensor, gradient: Tensor,
    dQueries: Tensor, dKeys: Tensor, dValues: Tensor
  ) {
    let (tile, dimension) = (Self.tile, shape.headDimension)
    func part(_ tensor: Tensor, _ head: Int, _ range: Range<Int>) -> MatrixView {
      MatrixView(
        tensor.row(rows.lowerBound + range.lowerBound) + head * dimension, rows: range.count,
        columns: dimension, stride: tensor.columns)
    }
    let group = shape.heads / shape.keyValueHeads
    let scratch = TensorStorage(count: 2 * tile * tile + rows.count, device: queries.device)
    defer { withExtendedLifetime(scratch) {} }
    let means = scratch.pointer + 2 * tile * tile
    for queryHead in head * group..<(head + 1) * group {
      for row in 0..<rows.count {
        let (dOutput, output) = (
          part(gradient, queryHead, row..<row + 1), part(output, queryHead, row..<row + 1)
        )
        means[row] = processor.kernels.dot(dOutput.start, output.start, dimension)
      }
      for firstKey in stride(from: 0, to: rows.count, by: tile) {
        let keyRange = firstKey..<min(rows.count, firstKey + tile)
        let (key, value) = (part(keys, head, keyRange), part(values, head, keyRange))
        let (dKey, dValue) = (part(dKeys, head, keyRange), part(dValues, head, keyRange))
        for firstQuery in stride(from: 0, to: rows.count, by: tile) {
          let queryRange = firstQuery..<min(rows.count, firstQuery + tile)
          guard sees(queryRange, keyRange) else { continue }
          let (query, dQuery) = (part(queries, queryHead, queryRange), part(dQueries, queryHead, queryRange))
          let dOutput = part(gradient, queryHead, queryRange)
          let weights = MatrixView(scratch.pointer, rows: queryRange.count, columns: keyRange.count)
          let dScores = MatrixView(
            scratch.pointer + tile * tile, rows: queryRange.count, columns: keyRange.count)
          processor.multiply(query, key.transposed, into: weights, adds: false)
          processor.multiply(dOutput, value.transposed, into: dScores, adds: false)
          for (index, row) in queryRange.enumerated() {
            let logSum = logSums.row(rows.lowerBound + row)[queryHead]
            softmax(weights.rows(index..<index + 1), of: row, keyRange, logSum: logSum)
            let (y, dy) = (weights.start + index * weights.row, dScores.start + index * dScores.row)
            processor.kernels.softmax_backward(y, dy, means[row], dy, keyRange.count)
          }
          processor.multiply(weights.transposed, dOutput, into: dValue, adds: true)
          processor.kernels.scale(
            dScores.start, shape.scale, dScores.start, queryRange.count * keyRange.count)
          processor.multiply(dScores, key, into: dQuery, adds: true)
          processor.multiply(dScores.transposed, query, into: dKey, adds: true)
        }
      }
    }
  }

  /// The positions that a row sees, counted from the sequence's first.
  private func visible(_ row: Int) -> Range<Int> {
    let end = shape.isCausal ? row + 1 : rows.count
    return min(end, shape.window.map { max(0, row + 1 - $0) } ?? 0)..<end
  }

  /// Whether any of the queries sees any of the keys.
  private func sees(_ queries: Range<Int>, _ keys: Range<Int>) -> Bool {
    visible(queries.upperBound - 1).upperBound > keys.lowerBound
      && visible(queries.lowerBound).lowerBound < keys.upperBound
  }

  /// Turns a row's scores into weights; those of positions that it does not see are 0.
  private func softmax(_ scores: MatrixView, of row: Int, _ keys: Range<Int>, logSum: Float) {
    let seen = visible(row).clamped(to: keys)
    let (begin, end) = (seen.lowerBound - keys.lowerBound, seen.upperBound - keys.lowerBound)
    scores.start.update(repeating: 0, count: begin)
    let from = scores.start + begin
    processor.kernels.exponentials(from, shape.scale, logSum, from, end - begin)
    (scores.start + end).update(repeating: 0, count: keys.count - end)
  }
}

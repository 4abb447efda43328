/// Scaled dot-product attention, in both directions, with a bias on each score that depends on how far the key is from
/// the query (Raffel et al. 2019, section 2.1, as MPNet has it).
///
/// It is for encoders, which keep no keys and values, and not made for speed: scores become a row in memory.
/// - Parameters:
///   - queries: tokens × (heads · headDimension).
///   - keys: The same shape; every head has its own.
///   - values: The same shape.
///   - shape: The layer's heads, of which none is shared.
///   - bias: heads × (2 · longest − 1), where column `longest − 1 + key − query` is added to the scores of positions
///     `query` and `key`, and `longest` is the length of the longest sequence or more.
///   - batch: The sequences whose tokens the rows are.
///   - keepsWeights: Whether the weights are wanted, too.
/// - Returns: tokens × (heads · headDimension), and where they are wanted the weights as
///   ``attentionWithWeights(queries:keys:values:shape:batch:layer:)`` gives them.
public func attention(
  queries: Tensor, keys: Tensor, values: Tensor, shape: AttentionShape, bias: Tensor, batch: PackedBatch,
  keepsWeights: Bool
) -> (output: Tensor, weights: [Tensor]) {
  precondition(shape.heads == shape.keyValueHeads && bias.rows == shape.heads, "heads without keys or a bias")
  precondition(queries.columns == shape.heads * shape.headDimension, "queries of another width")
  precondition(keys.columns == queries.columns && values.columns == queries.columns)
  precondition(batch.sequences.allSatisfy { $0.rows.count * 2 - 1 <= bias.columns }, "a bias too short")
  let result = queries.device.perform(
    BiasedAttention(
      queries: queries, keys: keys, values: values, shape: shape, bias: bias,
      sequences: batch.sequences.map(\.rows), keepsWeights: keepsWeights))
  return (result.output, result.weights)
}

private struct BiasedAttention: RecordableOperation {
  let queries, keys, values: Tensor
  let shape: AttentionShape
  let bias: Tensor
  let sequences: [Range<Int>]
  let keepsWeights: Bool
  var operands: [Tensor] { [queries, keys, values, bias] }
  var isRecorded: Bool { operands.contains(where: \.isRecorded) }

  /// The attention's output, and the weights of each sequence where they are kept.
  struct Result: Recordable {
    let output: Tensor
    let weights: [Tensor]

    func remembering(_ step: Step) -> Result {
      Result(output: output.remembering(step), weights: weights)
    }
  }

  func forward(on processor: Processor) -> Result {
    let output = Tensor(uninitializedRows: queries.rows, columns: queries.columns, device: queries.device)
    var kept: [Tensor] = []
    for rows in sequences where !rows.isEmpty {
      let weights = Tensor(
        uninitializedRows: shape.heads * rows.count, columns: rows.count, device: queries.device)
      processor.parallelRows(weights.rows, elementsPerRow: rows.count * shape.headDimension * 2) { chunk in
        for row in chunk {
          attend(
            head: row / rows.count, query: row % rows.count, rows: rows, weights: weights.row(row),
            output: output, kernels: processor)
        }
      }
      if keepsWeights { kept.append(weights) }
    }
    return Result(output: output, weights: kept)
  }

  private func attend(
    head: Int, query: Int, rows: Range<Int>, weights: UnsafeMutablePointer<Float>, output: Tensor,
    kernels processor: Processor
  ) {
    let (kernels, dimension) = (processor.kernels, shape.headDimension)
    let offset = head * dimension
    let own = queries.row(rows.lowerBound + query) + offset
    let biases = bias.row(head) + (bias.columns - 1) / 2 - query
    for key in 0..<rows.count {
      let score = kernels.dot(own, keys.row(rows.lowerBound + key) + offset, dimension)
      weights[key] = score * shape.scale + biases[key]
    }
    kernels.softmax(weights, weights, rows.count)
    let out = output.row(rows.lowerBound + query) + offset
    out.update(repeating: 0, count: dimension)
    for key in 0..<rows.count {
      let value = values.row(rows.lowerBound + key) + offset
      let weight = weights[key]
      for index in 0..<dimension { out[index] += weight * value[index] }
    }
  }
}

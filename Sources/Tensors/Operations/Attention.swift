import MartletKernels

/// What an attention layer looks like, apart from its weights.
public struct AttentionShape: Sendable {
  /// Query heads.
  public var heads: Int
  /// Key/value heads; fewer than `heads` where heads share them (grouped-query attention, Ainslie et al. 2023).
  public var keyValueHeads: Int
  /// The width of one head: a multiple of 16, at most 256.
  public var headDimension: Int
  /// Whether a token sees only what came before it.
  public var isCausal: Bool
  /// How many of the last positions a token sees; nil is all.
  public var window: Int?
  /// The factor of the scores; usually 1 / √headDimension.
  public var scale: Float

  /// An attention's shape; `scale` defaults to 1 / √headDimension.
  public init(
    heads: Int, keyValueHeads: Int, headDimension: Int, isCausal: Bool, window: Int? = nil,
    scale: Float? = nil
  ) {
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headDimension = headDimension
    self.isCausal = isCausal
    self.window = window
    self.scale = scale ?? 1 / Float(headDimension).squareRoot()
  }
}

/// Scaled dot-product attention of each sequence of the batch over itself and what its cache holds
/// (Vaswani et al. 2017, section 3.2).
///
/// Keys and values are stored in the sequence's cache first, so the scores never become a matrix in memory.
/// - Parameters:
///   - queries: tokens × (heads · headDimension).
///   - keys: tokens × (keyValueHeads · headDimension), already rotated.
///   - values: The same shape as `keys`.
///   - shape: The layer's heads, and what a token sees.
///   - batch: The sequences whose tokens the rows are, with their caches.
///   - layer: The layer's index in the caches, from 0.
/// - Returns: tokens × (heads · headDimension).
public func attention(
  queries: Tensor, keys: Tensor, values: Tensor, shape: AttentionShape, batch: PackedBatch, layer: Int
) -> Tensor {
  queries.device.perform(
    ScaledDotProductAttention(
      queries: queries, keys: keys, values: values, shape: shape, batch: batch, layer: layer, weights: nil))
}

/// The same attention, and the weights that it gives each position: for those who look inside.
///
/// - Returns: Besides the attention's output, one tensor a sequence, in the batch's order:
///   (heads · new tokens) × positions, head after head. Row `head · tokens + token` holds the softmax of that token's
///   scores, and 0 for the positions that it does not see. They take memory that grows with the square of the length.
public func attentionWithWeights(
  queries: Tensor, keys: Tensor, values: Tensor, shape: AttentionShape, batch: PackedBatch, layer: Int
) -> (output: Tensor, weights: [Tensor]) {
  let weights = CapturedWeights()
  let output = queries.device.perform(
    ScaledDotProductAttention(
      queries: queries, keys: keys, values: values, shape: shape, batch: batch, layer: layer, weights: weights
    ))
  return (output, weights.tensors)
}

/// A place for weights that an attention is asked to keep. One thread owns it.
final class CapturedWeights: @unchecked Sendable {
  var tensors: [Tensor] = []
}

// Unchecked, since a sequence may have a cache, which one thread owns; what is remembered has none.
struct ScaledDotProductAttention: RecordableOperation, @unchecked Sendable {
  let queries, keys, values: Tensor
  let shape: AttentionShape
  private(set) var sequences: [PackedBatch.Sequence]
  let layer: Int
  let weights: CapturedWeights?
  /// What the backward pass needs; nil where nothing is recorded, or a cache holds some of the keys and values.
  let results: AttentionResults?
  var operands: [Tensor] { [queries, keys, values] }
  var isRecorded: Bool { queries.isRecorded || keys.isRecorded || values.isRecorded }

  init(
    queries: Tensor, keys: Tensor, values: Tensor, shape: AttentionShape, batch: PackedBatch, layer: Int,
    weights: CapturedWeights?
  ) {
    precondition(queries.columns == shape.heads * shape.headDimension, "queries of another width")
    precondition(keys.columns == shape.keyValueHeads * shape.headDimension, "keys of another width")
    precondition(values.columns == keys.columns && values.rows == keys.rows && queries.rows == keys.rows)
    (self.queries, self.keys, self.values) = (queries, keys, values)
    (self.shape, sequences, self.layer, self.weights) = (shape, batch.sequences, layer, weights)
    let isRecorded = queries.isRecorded || keys.isRecorded || values.isRecorded
    results = isRecorded && sequences.allSatisfy { $0.cache == nil } ? AttentionResults() : nil
  }

  var remembered: ScaledDotProductAttention {
    var operation = self
    operation.sequences = sequences.map {
      PackedBatch.Sequence(rows: $0.rows, firstPosition: $0.firstPosition, cache: nil)
    }
    return operation
  }

  func forward(on processor: Processor) -> Tensor {
    let output = Tensor(uninitializedRows: queries.rows, columns: queries.columns, device: queries.device)
    if let results {
      results.logSums = Tensor(uninitializedRows: queries.rows, columns: shape.heads, device: queries.device)
      results.output = output
    }
    let run = AttentionRun(self, output: output, processor: processor)
    run.store(keys: keys, values: values)
    run.attend()
    if let weights { weights.tensors = run.weights() }
    return output
  }
}

/// One attention at work: its sequences, and how they are shared out.
private struct AttentionRun {
  let shape: AttentionShape
  let processor: Processor
  let device: Device
  var sequences: [Sequence] = []
  /// The pages that the sequences point to.
  var pages: [PageTable] = []

  struct Sequence: BitwiseCopyable {
    let firstRow, rowCount: Int
    let description: martlet_attention
  }

  init(_ operation: ScaledDotProductAttention, output: Tensor, processor: Processor) {
    let (shape, queries) = (operation.shape, operation.queries)
    (self.shape, self.processor, device) = (shape, processor, queries.device)
    let pageBytes = martlet_page_bytes(MARTLET_CACHE_F32, shape.keyValueHeads, shape.headDimension)
    for sequence in operation.sequences where !sequence.rows.isEmpty {
      let length = sequence.firstPosition + sequence.rows.count
      let table: PageTable
      if let cache = sequence.cache {
        table = cache.pageTable(layer: operation.layer, positions: length)
      } else {
        let count = (length + KeyValueCache.positionsPerPage - 1) / KeyValueCache.positionsPerPage
        table = TemporaryPages(count: count, pageBytes: pageBytes, device: device).table
      }
      pages.append(table)
      let first = sequence.rows.lowerBound
      sequences.append(
        Sequence(
          firstRow: first, rowCount: sequence.rows.count,
          description: martlet_attention(
            pages: table.pointers, type: (sequence.cache?.pool.shape.type ?? .float32).kernelType,
            query_heads: shape.heads,
            kv_heads: shape.keyValueHeads, dim: shape.headDimension, queries: queries.row(first),
            query_stride: queries.columns, output: output.row(first), output_stride: output.columns,
            length: length, first_position: sequence.firstPosition, causal: shape.isCausal,
            window: shape.window ?? 0, scale: shape.scale,
            log_sums: operation.results?.logSums?.row(first))))
    }
  }

  /// Stores the keys and values of the batch's tokens in the pages of their sequences.
  func store(keys: Tensor, values: Tensor) {
    let kernels = processor.kernels
    let (page, tile) = (KeyValueCache.positionsPerPage, Self.storedTogether)
    for (sequence, table) in zip(sequences, pages) {
      let begin = sequence.description.first_position
      let end = begin + sequence.rowCount
      let firstTile = begin / tile
      processor.parallelRows((end + tile - 1) / tile - firstTile, elementsPerRow: keys.columns * 4 * tile) {
        tiles in
        for index in tiles {
          let first = max(begin, (firstTile + index) * tile)
          let row = sequence.firstRow + first - begin
          kernels.store_positions(
            sequence.description.type, table.page(first / page), shape.keyValueHeads, shape.headDimension,
            first % page, min(end, (firstTile + index + 1) * tile) - first, keys.row(row), values.row(row),
            keys.columns)
        }
      }
    }
  }

  /// Positions that the kernel stores at once; a page is whole tiles of them.
  private static let storedTogether = 16

  func attend() {
    if sequences.count == 1, sequences[0].rowCount == 1, processor.threads > 1,
      sequences[0].description.length >= 192
    {
      attendInParts(sequences[0].description)
    } else {
      attendInTiles()
    }
    withExtendedLifetime(pages) {}
  }

  /// The attention weights of each sequence; see ``attentionWithWeights(queries:keys:values:shape:batch:layer:)``.
  func weights() -> [Tensor] {
    defer { withExtendedLifetime(pages) {} }
    return sequences.map { sequence in
      let length = sequence.description.length
      let result = Tensor(
        uninitializedRows: shape.heads * sequence.rowCount, columns: length, device: device)
      processor.parallelRows(result.rows, elementsPerRow: length * shape.headDimension) { rows in
        withUnsafePointer(to: sequence.description) { description in
          for row in rows {
            martlet_attention_weights(
              description, row / sequence.rowCount, row % sequence.rowCount, result.row(row))
          }
        }
      }
      return result
    }
  }

  /// One new token over a long cache: each head's positions are cut into parts, so that all threads have work.
  private func attendInParts(_ description: martlet_attention) {
    let length = description.length
    let first = shape.window.map { max(0, length - $0) } ?? 0
    let partPositions = max(64, (length - first) / (processor.threads * 2) / 64 * 64)
    let parts = (length - first + partPositions - 1) / partPositions
    let stride = shape.heads / shape.keyValueHeads * (shape.headDimension + 2)
    let partials = TensorStorage(count: shape.keyValueHeads * parts * stride, device: device)
    let job = PartsOfPositions(
      description: description, attendPart: processor.kernels.attend_part, first: first, parts: parts,
      partPositions: partPositions, partials: partials.pointer, stride: stride)
    processor.parallel(shape.keyValueHeads * parts, sharing: job) { job, chunk in
      job?.assumingMemoryBound(to: PartsOfPositions.self).pointee.run(chunk)
    }
    withUnsafePointer(to: description) { description in
      for head in 0..<shape.keyValueHeads {
        processor.kernels.attend_join(description, head, partials.pointer + head * parts * stride, parts)
      }
    }
    withExtendedLifetime(partials) {}
  }

  private struct PartsOfPositions: BitwiseCopyable {
    var description: martlet_attention
    let attendPart:
      @convention(c) (UnsafePointer<martlet_attention>?, Int, Int, Int, UnsafeMutablePointer<Float>?) -> Void
    let first, parts, partPositions: Int
    let partials: UnsafeMutablePointer<Float>
    let stride: Int

    func run(_ chunk: Int) {
      let begin = first + chunk % parts * partPositions
      withUnsafePointer(to: description) {
        attendPart(
          $0, chunk / parts, begin, min($0.pointee.length, begin + partPositions), partials + chunk * stride)
      }
    }
  }

  /// Everything else: tiles of queries of each head of each sequence, the longest first.
  private func attendInTiles() {
    let queriesPerTile = 48
    var tiles: [Tile] = []
    for (index, sequence) in sequences.enumerated() {
      for begin in stride(from: 0, to: sequence.rowCount, by: queriesPerTile).reversed() {
        let end = min(sequence.rowCount, begin + queriesPerTile)
        for head in 0..<shape.keyValueHeads {
          tiles.append(Tile(sequence: index, head: head, begin: begin, end: end))
        }
      }
    }
    let tilesPerChunk = max(1, tiles.count / (processor.threads * 16))
    sequences.withUnsafeBufferPointer { sequences in
      tiles.withUnsafeBufferPointer { tiles in
        let job = Tiles(
          sequences: sequences, tiles: tiles, tilesPerChunk: tilesPerChunk, attend: processor.kernels.attend)
        processor.parallel((tiles.count + tilesPerChunk - 1) / tilesPerChunk, sharing: job) { job, chunk in
          job?.assumingMemoryBound(to: Tiles.self).pointee.run(chunk)
        }
      }
    }
  }

  private struct Tile: BitwiseCopyable {
    let sequence, head, begin, end: Int
  }

  private struct Tiles: BitwiseCopyable {
    let sequences: UnsafeBufferPointer<Sequence>
    let tiles: UnsafeBufferPointer<Tile>
    let tilesPerChunk: Int
    let attend: @convention(c) (UnsafePointer<martlet_attention>?, Int, Int, Int) -> Void

    func run(_ chunk: Int) {
      for index in chunk * tilesPerChunk..<min(tiles.count, (chunk + 1) * tilesPerChunk) {
        let tile = tiles[index]
        withUnsafePointer(to: sequences[tile.sequence].description) {
          attend($0, tile.head, tile.begin, tile.end)
        }
      }
    }
  }
}

import Kernels

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
///   - layer: The layer of the cache.
/// - Returns: tokens × (heads · headDimension).
public func attention(
  queries: Tensor, keys: Tensor, values: Tensor, shape: AttentionShape, batch: PackedBatch, layer: Int
) -> Tensor {
  precondition(queries.columns == shape.heads * shape.headDimension, "queries of another width")
  precondition(keys.columns == shape.keyValueHeads * shape.headDimension, "keys of another width")
  precondition(values.columns == keys.columns && values.rows == keys.rows && queries.rows == keys.rows)
  let output = Tensor(uninitializedRows: queries.rows, columns: queries.columns, device: queries.device)
  let run = AttentionRun(queries: queries, output: output, shape: shape, batch: batch, layer: layer)
  run.store(keys: keys, values: values)
  run.attend()
  return output
}

/// One call of ``attention(queries:keys:values:shape:batch:layer:)``: its sequences, and how they are shared out.
private struct AttentionRun {
  let shape: AttentionShape
  let device: Device
  var sequences: [Sequence] = []

  struct Sequence {
    let rows: Range<Int>
    let pages: PageList
    let type: martlet_cache_type
    var description: martlet_attention
  }

  init(queries: Tensor, output: Tensor, shape: AttentionShape, batch: PackedBatch, layer: Int) {
    self.shape = shape
    device = queries.device
    let pageBytes = martlet_page_bytes(MARTLET_CACHE_F32, shape.keyValueHeads, shape.headDimension)
    for sequence in batch.sequences where !sequence.rows.isEmpty {
      let length = sequence.firstPosition + sequence.rows.count
      let pages: PageList
      if let cache = sequence.cache {
        pages = cache.pageTable(layer: layer, positions: length)
      } else {
        pages = PageList(pageBytes: pageBytes)
        pages.reserve((length + KeyValueCache.positionsPerPage - 1) / KeyValueCache.positionsPerPage)
      }
      let type = (sequence.cache?.type ?? .float32).kernelType
      sequences.append(
        Sequence(
          rows: sequence.rows, pages: pages, type: type,
          description: martlet_attention(
            pages: pages.table, type: type, query_heads: shape.heads, kv_heads: shape.keyValueHeads,
            dim: shape.headDimension, queries: queries.row(sequence.rows.lowerBound),
            query_stride: queries.columns,
            output: output.row(sequence.rows.lowerBound), output_stride: output.columns, length: length,
            first_position: sequence.firstPosition, causal: shape.isCausal, window: shape.window ?? 0,
            scale: shape.scale)))
    }
  }

  /// Stores the keys and values of the batch's tokens in the pages of their sequences.
  func store(keys: Tensor, values: Tensor) {
    let kernels = device.kernels
    let pagePositions = KeyValueCache.positionsPerPage
    for sequence in sequences {
      let first = sequence.description.first_position
      device.parallelRows(sequence.rows.count, elementsPerRow: keys.columns * 4) { range in
        for index in range {
          let position = first + index
          let row = sequence.rows.lowerBound + index
          kernels.store_position(
            sequence.type, sequence.pages.page(position / pagePositions), shape.keyValueHeads,
            shape.headDimension, position % pagePositions, keys.row(row), values.row(row))
        }
      }
    }
  }

  func attend() {
    if sequences.count == 1, sequences[0].rows.count == 1, device.threads > 1,
      sequences[0].description.length >= 192
    {
      attendInParts(sequences[0])
    } else {
      attendInTiles()
    }
  }

  /// One new token over a long cache: each head's positions are cut into parts, so that all threads have work.
  private func attendInParts(_ sequence: Sequence) {
    let kernels = device.kernels
    var description = sequence.description
    let length = description.length
    let first = shape.window.map { max(0, length - $0) } ?? 0
    let group = shape.heads / shape.keyValueHeads
    let stride = group * (shape.headDimension + 2)
    let partPositions = max(64, (length - first) / (device.threads * 2) / 64 * 64)
    let parts = (length - first + partPositions - 1) / partPositions
    let partials = TensorStorage(count: shape.keyValueHeads * parts * stride, device: device)
    withUnsafePointer(to: &description) { description in
      device.parallel(shape.keyValueHeads * parts) { chunk in
        let begin = first + chunk % parts * partPositions
        kernels.attend_part(
          description, chunk / parts, begin, min(length, begin + partPositions),
          partials.pointer + chunk * stride)
      }
      for head in 0..<shape.keyValueHeads {
        kernels.attend_join(description, head, partials.pointer + head * parts * stride, parts)
      }
    }
  }

  /// Everything else: tiles of queries of each head of each sequence, the longest first.
  private func attendInTiles() {
    let kernels = device.kernels
    let queriesPerTile = 48
    var tiles: [(sequence: Int, head: Int, queries: Range<Int>)] = []
    for (index, sequence) in sequences.enumerated() {
      for begin in stride(from: 0, to: sequence.rows.count, by: queriesPerTile).reversed() {
        let queries = begin..<min(sequence.rows.count, begin + queriesPerTile)
        for head in 0..<shape.keyValueHeads { tiles.append((index, head, queries)) }
      }
    }
    let tilesPerChunk = max(1, tiles.count / (device.threads * 16))
    device.parallel((tiles.count + tilesPerChunk - 1) / tilesPerChunk) { chunk in
      for tile in tiles[chunk * tilesPerChunk..<min(tiles.count, (chunk + 1) * tilesPerChunk)] {
        var description = sequences[tile.sequence].description
        kernels.attend(&description, tile.head, tile.queries.lowerBound, tile.queries.upperBound)
      }
    }
  }
}

import Kernels

/// The product of activations with the weights of one or more linear layers, shared among threads.
///
/// Activations are rounded to 8 bits once, however many layers read them, and all layers' panels form one list of
/// chunks, so that threads meet once instead of once a layer.
struct MatrixProduct {
  private let x: Tensor
  private var device: Device { x.device }

  init(_ x: Tensor) { self.x = x }

  func apply(_ layer: Linear) -> Tensor {
    let y = result(of: layer)
    run(Part(layer, y), nil, nil)
    return y
  }

  func apply(_ a: Linear, _ b: Linear) -> (Tensor, Tensor) {
    let (y, z) = (result(of: a), result(of: b))
    run(Part(a, y), Part(b, z), nil)
    return (y, z)
  }

  func apply(_ a: Linear, _ b: Linear, _ c: Linear) -> (Tensor, Tensor, Tensor) {
    let (x, y, z) = (result(of: a), result(of: b), result(of: c))
    run(Part(a, x), Part(b, y), Part(c, z))
    return (x, y, z)
  }

  private func result(of layer: Linear) -> Tensor {
    precondition(layer.weight.columns == x.columns, "activations of another width than the layer's")
    return Tensor(uninitializedRows: x.rows, columns: layer.weight.rows, device: device)
  }

  /// One layer's share of the work: its panels, and where its result goes.
  private struct Part {
    let weight: WeightMatrix
    let bias: UnsafeMutablePointer<Float>?
    let y: UnsafeMutablePointer<Float>
    let panelCount: Int

    init(_ layer: Linear, _ result: Tensor) {
      weight = layer.weight
      bias = layer.bias?.pointer
      y = result.pointer
      panelCount = (weight.rows + WeightMatrix.panelRows - 1) / WeightMatrix.panelRows
    }
  }

  private func run(_ a: Part, _ b: Part?, _ c: Part?) {
    guard x.rows > 0 else { return }
    let quantized = QuantizedActivations(x, for: a.weight)
    if let b, !quantized.suits(b.weight) || !(c.map { quantized.suits($0.weight) } ?? true) {
      // A file may mix formats within a layer; each then gets activations of its own.
      run(a, nil, nil)
      run(b, c, nil)
      return
    }
    let bytes = a.weight.byteCount + (b?.weight.byteCount ?? 0) + (c?.weight.byteCount ?? 0)
    let panels = a.panelCount + (b?.panelCount ?? 0) + (c?.panelCount ?? 0)
    let panelsPerChunk = panelsPerChunk(panels: panels, panelBytes: bytes / max(1, panels))
    let chunksOf = { (part: Part?) in
      part.map { ($0.panelCount + panelsPerChunk - 1) / panelsPerChunk } ?? 0
    }
    let (chunksA, chunksB, chunksC) = (chunksOf(a), chunksOf(b), chunksOf(c))
    let tokensPerChunk = min(x.rows, Self.tokensPerChunk)
    let tokenChunks = (x.rows + tokensPerChunk - 1) / tokensPerChunk
    device.parallel((chunksA + chunksB + chunksC) * tokenChunks) { chunk in
      var index = chunk / tokenChunks
      var part = a
      if index >= chunksA, let b {
        index -= chunksA
        part = b
        if index >= chunksB, let c {
          index -= chunksB
          part = c
        }
      }
      let first = index * panelsPerChunk
      let tokens = chunk % tokenChunks * tokensPerChunk
      multiply(
        part, panels: first..<min(part.panelCount, first + panelsPerChunk),
        tokens: tokens..<min(x.rows, tokens + tokensPerChunk), quantized)
    }
  }

  /// A multiple of the tokens that kernels take at once.
  private static let tokensPerChunk = 96

  /// Chunks are long enough that claiming one costs nothing, and enough of them that a slow thread is outrun.
  private func panelsPerChunk(panels: Int, panelBytes: Int) -> Int {
    if x.rows >= 16 { return max(1, panels / (device.threads * (x.rows > Self.tokensPerChunk ? 4 : 8))) }
    let enough = max(1, 40_960 / max(1, panelBytes))
    return min(enough, max(1, panels / device.threads))
  }

  private func multiply(
    _ part: Part, panels: Range<Int>, tokens: Range<Int>, _ quantized: QuantizedActivations
  ) {
    let weight = part.weight
    let firstRow = panels.lowerBound * WeightMatrix.panelRows
    let rows = min(weight.rows, panels.upperBound * WeightMatrix.panelRows) - firstRow
    var activations = quantized.slice(tokens)
    activations.rounds_bfloat16 = weight.roundsToBFloat16
    device.kernels.matmul(
      weight.layout, weight.panels + panels.lowerBound * weight.panelBytes, rows, &activations,
      part.bias.map { UnsafePointer($0 + firstRow) }, part.y + tokens.lowerBound * weight.rows + firstRow,
      weight.rows)
  }
}

/// Activations as the kernels take them: float32, and in 8 bits where the weights ask for that.
private struct QuantizedActivations {
  private let x: Tensor
  private let form: Form
  /// The 8-bit values, then the scales, the totals and the sums, in one buffer.
  private let storage: TensorStorage?
  private let scales: UnsafeMutablePointer<Float>?
  private let totals: UnsafeMutablePointer<Float>?
  private let sums: UnsafeMutablePointer<Int16>?
  private let scalesPerToken, sumsPerToken: Int

  private enum Form { case plain, blocks, rows }

  init(_ x: Tensor, for weight: WeightMatrix) {
    self.x = x
    form = Self.form(weight)
    let (tokens, columns) = (x.rows, x.columns)
    switch form {
    case .plain:
      (storage, scales, totals, sums) = (nil, nil, nil, nil)
      (scalesPerToken, sumsPerToken) = (0, 0)
      return
    case .blocks:
      (scalesPerToken, sumsPerToken) = (columns / 32, columns / 16)
    case .rows:
      let groups = (columns + Self.rowGroup - 1) / Self.rowGroup
      (scalesPerToken, sumsPerToken) = (groups, groups)
    }
    let valueFloats = (tokens * columns + 3) / 4
    let sumFloats = (tokens * sumsPerToken + 1) / 2
    let scaleFloats = tokens * scalesPerToken
    let storage = TensorStorage(count: valueFloats + 2 * scaleFloats + sumFloats, device: x.device)
    self.storage = storage
    let scales = storage.pointer + valueFloats
    self.scales = scales
    let totals = scales + scaleFloats
    self.totals = form == .blocks ? totals : nil
    let sums = UnsafeMutableRawPointer(totals + scaleFloats)
      .bindMemory(to: Int16.self, capacity: sumFloats * 2)
    self.sums = sums
    let values = UnsafeMutableRawPointer(storage.pointer).bindMemory(to: Int8.self, capacity: valueFloats * 4)
    let kernels = x.device.kernels
    let (form, scaleStride, sumStride) = (form, scalesPerToken, sumsPerToken)
    x.device.parallelRows(tokens, elementsPerRow: columns) { range in
      for token in range {
        let (scales, sums) = (scales + token * scaleStride, sums + token * sumStride)
        let out = values + token * columns
        if form == .blocks {
          kernels.quantize_blocks(x.row(token), columns, out, scales, sums, totals + token * scaleStride)
        } else {
          kernels.quantize_row(x.row(token), columns, out, scales, sums)
        }
      }
    }
  }

  private static let rowGroup = Int(MARTLET_ROW_GROUP_COLUMNS)

  private static func form(_ weight: WeightMatrix) -> Form {
    guard weight.quantizesActivations else { return .plain }
    return weight.layout.kind == UInt8(MARTLET_LAYOUT_BLOCKS.rawValue) ? .blocks : .rows
  }

  func suits(_ weight: WeightMatrix) -> Bool { Self.form(weight) == form }

  func slice(_ tokens: Range<Int>) -> martlet_activations {
    let columns = x.columns
    let first = tokens.lowerBound
    return martlet_activations(
      tokens: tokens.count, columns: columns, values: UnsafePointer(x.row(first)),
      quantized: storage.map {
        UnsafeRawPointer($0.pointer).assumingMemoryBound(to: Int8.self) + first * columns
      },
      scales: scales.map { UnsafePointer($0 + first * scalesPerToken) },
      sums: sums.map { UnsafePointer($0 + first * sumsPerToken) },
      totals: totals.map { UnsafePointer($0 + first * scalesPerToken) }, rounds_bfloat16: false)
  }
}

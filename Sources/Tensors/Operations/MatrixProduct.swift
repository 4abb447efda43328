import MartletKernels

/// The product of activations with the weights of one, two or three linear layers, shared among threads.
///
/// Activations are rounded to 8 bits once, however many layers read them, and all layers' panels form one list of
/// chunks, so that threads meet once instead of once a layer.
struct MatrixProduct: RecordableOperation {
  let x: Tensor
  let a: Linear
  let b, c: Linear?
  var operands: [Tensor] { [x] + [a, b, c].flatMap { $0?.floats ?? [] } }
  var isRecorded: Bool {
    x.isRecorded || a.isRecorded || (b?.isRecorded ?? false) || (c?.isRecorded ?? false)
  }

  init(_ x: Tensor, _ a: Linear, _ b: Linear? = nil, _ c: Linear? = nil) {
    (self.x, self.a, self.b, self.c) = (x, a, b, c)
  }

  /// A matrix that trains needs the activations that it met; a gradient through a frozen one does not.
  var remembered: MatrixProduct {
    let trains = [a, b, c].contains { $0?.weight.values?.isRecorded ?? false }
    return trains ? self : MatrixProduct(x.valueless, a, b, c)
  }

  /// The layers' results, each tokens × the layer's rows.
  struct Products: Recordable {
    let a: Tensor
    let b, c: Tensor?

    func remembering(_ step: Step) -> Products {
      func remembering(_ tensor: Tensor, _ index: Int) -> Tensor {
        Tensor(tensor, origin: Origin(step: step, index: index))
      }
      return Products(a: remembering(a, 0), b: b.map { remembering($0, 1) }, c: c.map { remembering($0, 2) })
    }
  }

  func forward(on processor: Processor) -> Products {
    let products = Products(a: result(of: a), b: b.map(result), c: c.map(result))
    if a.weight.isPacked, b?.weight.isPacked ?? true, c?.weight.isPacked ?? true {
      run(processor, (a, products.a), pair(b, products.b), pair(c, products.c))
    } else {
      for case (let layer, let result)? in [(a, products.a), pair(b, products.b), pair(c, products.c)] {
        Self.multiply(
          x, by: layer.weight, rows: 0..<layer.weight.rows, bias: layer.bias, into: result.view, processor)
      }
    }
    return products
  }

  /// Writes x · Wᵀ + b to `y`, for some rows of W: from the first one of a panel on.
  static func multiply(
    _ x: Tensor, by weight: WeightMatrix, rows: Range<Int>, bias: Tensor?, into y: MatrixView,
    _ processor: Processor
  ) {
    guard x.rows > 0 else { return }
    guard let values = weight.values else {
      let quantized = QuantizedActivations(x, for: weight, processor)
      share(Part(weight, bias, y.start, rows: rows), nil, nil, of: quantized, processor)
      return
    }
    if let bias {
      for row in 0..<y.rows {
        (y.start + row * y.row).update(from: bias.pointer + rows.lowerBound, count: rows.count)
      }
    }
    processor.multiplyInParallel(
      x.view, values.view.rows(rows).transposed, into: y, adds: bias != nil)
  }

  private func pair(_ layer: Linear?, _ result: Tensor?) -> (Linear, Tensor)? {
    guard let layer, let result else { return nil }
    return (layer, result)
  }

  private func result(of layer: Linear) -> Tensor {
    precondition(layer.weight.columns == x.columns, "activations of another width than the layer's")
    return Tensor(uninitializedRows: x.rows, columns: layer.weight.rows, device: x.device)
  }

  /// One layer's share of the work: its panels, and where its result goes. Its owner keeps layer and result alive.
  fileprivate struct Part: BitwiseCopyable {
    let layout: martlet_layout
    let panels: UnsafeMutableRawPointer
    let panelBytes, panelCount, rows: Int
    let roundsToBFloat16: Bool
    let bias: UnsafeMutablePointer<Float>?
    let y: UnsafeMutablePointer<Float>

    init(_ layer: Linear, _ result: Tensor) {
      self.init(layer.weight, layer.bias, result.pointer, rows: 0..<layer.weight.rows)
    }

    /// Some rows of a matrix, from the first one of a panel on.
    init(_ weight: WeightMatrix, _ bias: Tensor?, _ y: UnsafeMutablePointer<Float>, rows range: Range<Int>) {
      (layout, panelBytes) = (weight.layout, weight.panelBytes)
      panels = weight.panels + range.lowerBound / WeightMatrix.panelRows * panelBytes
      panelCount = (range.count + WeightMatrix.panelRows - 1) / WeightMatrix.panelRows
      (rows, roundsToBFloat16) = (range.count, weight.roundsToBFloat16)
      self.bias = bias.map { $0.pointer + range.lowerBound }
      self.y = y
    }
  }

  private func run(
    _ processor: Processor, _ a: (Linear, Tensor), _ b: (Linear, Tensor)?, _ c: (Linear, Tensor)?
  ) {
    guard x.rows > 0 else { return }
    let quantized = QuantizedActivations(x, for: a.0.weight, processor)
    if let b, !quantized.suits(b.0.weight) || !(c.map { quantized.suits($0.0.weight) } ?? true) {
      // A file may mix formats within a layer; each then gets activations of its own.
      run(processor, a, nil, nil)
      run(processor, b, c, nil)
      return
    }
    Self.share(
      Part(a.0, a.1), b.map { Part($0.0, $0.1) }, c.map { Part($0.0, $0.1) }, of: quantized, processor)
    withExtendedLifetime((a, b, c)) {}
  }

  private static func share(
    _ a: Part, _ b: Part?, _ c: Part?, of quantized: QuantizedActivations, _ processor: Processor
  ) {
    let shares = SharedProduct(
      a, b, c, activations: quantized.activations, strides: quantized.strides,
      matmul: processor.kernels.matmul, threads: processor.threads)
    processor.parallel(shares.chunks, sharing: shares, stream: shares.stream) { job, chunk in
      if let job { SharedProduct.run(UnsafePointer(job.assumingMemoryBound(to: SharedProduct.self)), chunk) }
    }
    withExtendedLifetime(quantized) {}
  }
}

/// A product as chunks of panels by tokens. Plain values alone, so that threads need not count references to share it.
private struct SharedProduct: BitwiseCopyable {
  let a: MatrixProduct.Part
  let b, c: MatrixProduct.Part?
  let activations: martlet_activations
  let strides: QuantizedActivations.Strides
  let matmul: Matmul
  let panels: PanelShares
  let tokensPerChunk, tokenChunks: Int

  typealias Matmul =
    @convention(c) (
      martlet_layout, UnsafeRawPointer?, Int, UnsafePointer<martlet_activations>?, UnsafePointer<Float>?,
      UnsafeMutablePointer<Float>?, Int
    ) -> Void

  init(
    _ a: MatrixProduct.Part, _ b: MatrixProduct.Part?, _ c: MatrixProduct.Part?,
    activations: martlet_activations, strides: QuantizedActivations.Strides, matmul: @escaping Matmul,
    threads: Int
  ) {
    (self.a, self.b, self.c) = (a, b, c)
    (self.activations, self.strides, self.matmul) = (activations, strides, matmul)
    let count = a.panelCount + (b?.panelCount ?? 0) + (c?.panelCount ?? 0)
    tokensPerChunk = min(activations.tokens, Self.mostTokensPerChunk)
    tokenChunks = (activations.tokens + tokensPerChunk - 1) / tokensPerChunk
    panels =
      activations.tokens < 16
      ? PanelShares(streaming: count, panelBytes: a.panelBytes, threads: threads)
      : PanelShares(count, parts: (threads * 8 + tokenChunks - 1) / tokenChunks, threads: threads)
  }

  /// A multiple of the tokens that kernels take at once.
  private static let mostTokensPerChunk = 96

  var chunks: Int { panels.shares * tokenChunks }

  /// Where the threads begin to read, if memory sets the pace and they all begin in the first layer.
  var stream: martlet_stream {
    let share = panels.firstShare
    guard share > 0, share * panels.threads <= a.panelCount else { return martlet_stream() }
    return martlet_stream(start: a.panels, share: share * a.panelBytes)
  }

  /// A pointer to the job, since a method would have it copied for each chunk.
  static func run(_ job: UnsafePointer<SharedProduct>, _ chunk: Int) {
    let tokenChunks = job.pointee.tokenChunks
    let range = job.pointee.panels.range(of: chunk / tokenChunks)
    let firstToken = chunk % tokenChunks * job.pointee.tokensPerChunk
    var share = job.pointee.strides.slice(
      job.pointee.activations, from: firstToken, count: job.pointee.tokensPerChunk)
    let matmul = job.pointee.matmul
    var end = 0
    func multiply(_ part: MatrixProduct.Part) {
      let begin = end
      end += part.panelCount
      let first = max(range.lowerBound, begin) - begin
      let last = min(range.upperBound, end) - begin
      guard first < last else { return }
      let row = first * WeightMatrix.panelRows
      let rows = min(part.rows, last * WeightMatrix.panelRows) - row
      share.rounds_bfloat16 = part.roundsToBFloat16
      matmul(
        part.layout, part.panels + first * part.panelBytes, rows, &share,
        part.bias.map { UnsafePointer($0 + row) }, part.y + firstToken * part.rows + row, part.rows)
    }
    multiply(job.pointee.a)
    if let b = job.pointee.b { multiply(b) }
    if let c = job.pointee.c { multiply(c) }
  }
}

/// How the panels of a product are cut for the threads.
private struct PanelShares: BitwiseCopyable {
  private let panels, levels: Int
  let threads, shares: Int

  /// How many panels each thread's first share has, when memory sets the pace; else 0.
  var firstShare: Int { levels == 0 ? 0 : (levels > 1 ? panels - panels >> 1 : panels) / threads }

  /// As many equal shares, each of whole pairs of panels, which kernels take at once.
  init(_ panels: Int, parts: Int, threads: Int) {
    (self.panels, self.threads, levels) = (panels, threads, 0)
    shares = min((panels + 1) / 2, parts)
  }

  /// For few tokens, when memory sets the pace: long shares, since each start of a stream costs, then ever shorter ones,
  /// so that all threads end together. A level has a share for each thread, and leaves half of what was left.
  init(streaming panels: Int, panelBytes: Int, threads: Int) {
    (self.panels, self.threads) = (panels, threads)
    var levels = 1
    while (panels >> levels) * panelBytes >= threads * Self.shortestShare { levels += 1 }
    self.levels = levels
    shares = levels * threads
  }

  /// Bytes: some two microseconds of one processor's memory.
  private static let shortestShare = 80_000

  func range(of share: Int) -> Range<Int> {
    if levels == 0 {
      let pairs = (panels + 1) / 2
      return pairs * share / shares * 2..<min(panels, pairs * (share + 1) / shares * 2)
    }
    let (level, index) = (share / threads, share % threads)
    let left = panels >> level
    let here = level + 1 < levels ? left - panels >> (level + 1) : left
    let start = panels - left
    return start + here * index / threads..<start + here * (index + 1) / threads
  }
}

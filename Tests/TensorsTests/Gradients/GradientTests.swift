import MartletSeededRandom
import Testing

@testable import MartletTensors

/// Each operation's gradients against differences of the same computation in double precision.
@Suite("Gradients of operations")
struct GradientTests {
  let device: Device
  init() throws { device = try Device(threads: 2) }

  @Test("Sums, scalings and shifts")
  func elementwise() throws {
    try check([(3, 20), (3, 20)]) {
      ($0[0] + $0[1]).scaled(by: 3).shifted(by: 1) + $0[0]
    } _: { x in
      zip(x[0], x[1]).map { 3 * ($0 + $1) + 1 + $0 }
    }
  }

  @Test("Every activation, alone and as a gate", arguments: Activation.allCases)
  func activations(activation: Activation) throws {
    try check([(2, 37)]) {
      $0[0].activated(by: activation)
    } _: { x in
      x[0].map(Reference.function(activation))
    }
    try check([(2, 37), (2, 37)]) {
      $0[0].gate($0[1], by: activation)
    } _: { x in
      zip(x[0], x[1]).map { Reference.function(activation)($0) * $1 }
    }
  }

  @Test("RMS norm, by its operand and its weight")
  func rmsNorm() throws {
    try check([(5, 33), (1, 33)]) {
      $0[0].rmsNormalized(weight: $0[1], epsilon: 1e-3)
    } _: { x in
      Reference.rows(x[0], 33).flatMap { row in
        let factor = 1 / (row.reduce(0) { $0 + $1 * $1 } / 33 + Double(Float(1e-3))).squareRoot()
        return zip(row, x[1]).map { $0 * factor * $1 }
      }
    }
  }

  @Test("Layer norm, by its operand, its weight and its bias")
  func layerNorm() throws {
    try check([(4, 33), (1, 33), (1, 33)]) {
      $0[0].layerNormalized(weight: $0[1], bias: $0[2], epsilon: 1e-3)
    } _: { x in
      Reference.rows(x[0], 33).flatMap { row in
        let mean = row.reduce(0, +) / 33
        let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 33
        let factor = 1 / (variance + Double(Float(1e-3))).squareRoot()
        return row.indices.map { (row[$0] - mean) * factor * x[1][$0] + x[2][$0] }
      }
    }
  }

  @Test("Rows of unit length")
  func unitLength() throws {
    try check([(3, 17)]) {
      $0[0].normalizedRows()
    } _: { x in
      Reference.rows(x[0], 17).flatMap { row in
        let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return row.map { $0 / length }
      }
    }
  }

  @Test("Rows, columns and shapes are given back to where they come from")
  func rearranged() throws {
    try check([(4, 6)]) {
      $0[0].gatherRows([2, 0, 2])
    } _: { x in
      [2, 0, 2].flatMap { Reference.rows(x[0], 6)[$0] }
    }
    try check([(4, 6)]) {
      $0[0].gatheringColumns([5, 1, 1])
    } _: { x in
      Reference.rows(x[0], 6).flatMap { row in [5, 1, 1].map { row[$0] } }
    }
    try check([(4, 6)]) {
      $0[0].columns(1..<3) + $0[0].columns(2..<4)
    } _: { x in
      Reference.rows(x[0], 6).flatMap { [$0[1] + $0[2], $0[2] + $0[3]] }
    }
    try check([(4, 6), (8, 3)]) {
      $0[0].reshaped(rows: 8, columns: 3) + $0[1]
    } _: {
      zip($0[0], $0[1]).map(+)
    }
    try check([(70, 3)]) {
      $0[0].transposed()
    } _: { x in
      (0..<3).flatMap { column in (0..<70).map { x[0][$0 * 3 + column] } }
    }
  }

  @Test("Means of rows and rows times factors")
  func means() throws {
    let ranges = [0..<2, 2..<5]
    try check([(5, 7)]) {
      $0[0].meanOfRows(in: ranges)
    } _: { x in
      ranges.flatMap { range in
        (0..<7).map { column in
          range.reduce(0) { $0 + x[0][$1 * 7 + column] } / Double(range.count)
        }
      }
    }
    try check([(5, 7)]) {
      $0[0].positionWeightedMeanOfRows(in: ranges)
    } _: { x in
      ranges.flatMap { range in
        (0..<7).map { column in
          let total = Double(range.count * (range.count + 1) / 2)
          return range.enumerated().reduce(0) { $0 + Double($1.offset + 1) * x[0][$1.element * 7 + column] }
            / total
        }
      }
    }
    try check([(2, 3)]) {
      $0[0].scaledRows(by: [2, -1])
    } _: { x in
      x[0].enumerated().map { $0.offset < 3 ? 2 * $0.element : -$0.element }
    }
  }

  @Test("Rotation by rotary angles, of a part of each head, too", arguments: [8, 6])
  func rotation(half: Int) throws {
    let frequencies = (0..<half).map { 1 / Float($0 + 1) }
    let angles = RotaryAngles(
      [RotaryAngles.Run(positions: [0, 5, 9], inverseFrequencies: frequencies)], scale: 1.5, device: device)
    try check([(3, 32)]) {
      angles.rotate($0[0], headDimension: 16)
    } _: { x in
      var out = x[0]
      for (row, position) in [0, 5, 9].enumerated() {
        for head in 0..<2 {
          for i in 0..<half {
            let (a, b) = (row * 32 + head * 16 + i, row * 32 + head * 16 + i + half)
            let angle = Float(position) * frequencies[i]
            let (c, s) = (1.5 * Reference.cosine(angle), 1.5 * Reference.sine(angle))
            (out[a], out[b]) = (x[0][a] * c - x[0][b] * s, x[0][b] * c + x[0][a] * s)
          }
        }
      }
      return out
    }
  }

  @Test("Linear layers: by the activations, the matrix and the bias, alone and several together")
  func linear() throws {
    try check([(7, 20), (24, 20), (1, 24)]) {
      try Linear(weight: WeightMatrix(values: $0[1]), bias: $0[2])($0[0])
    } _: { x in
      Reference.linear(x[0], x[1], columns: 20, bias: x[2])
    }
    let packed = try Linear(weight: matrix(16, 20, seed: 3))
    let weights = packed.weight.floatValues.values.map(Double.init)
    try check([(7, 20), (16, 20), (16, 20)]) {
      let layers = ($0[1], $0[2])
      let (a, b, c) = project(
        $0[0], packed, Linear(weight: WeightMatrix(values: layers.0)),
        Linear(weight: WeightMatrix(values: layers.1)))
      return a + b.gate(c, by: .tanh)
    } _: { x in
      let a = Reference.linear(x[0], weights, columns: 20)
      let b = Reference.linear(x[0], x[1], columns: 20), c = Reference.linear(x[0], x[2], columns: 20)
      return a.indices.map { a[$0] + Reference.function(.tanh)(b[$0]) * c[$0] }
    }
  }

  @Test(
    "Through packed matrices of every layout",
    arguments: [StorageFormat.float32, .float16, .bfloat16, .q4_0, .q5_1, .q8_0])
  func packed(format: StorageFormat) throws {
    let layer = Linear(weight: try matrix(40, 64, format: format, seed: 4))
    let weights = layer.weight.floatValues.values.map(Double.init)
    try check([(5, 64)]) {
      layer($0[0])
    } _: {
      Reference.linear($0[0], weights, columns: 64)
    }
  }

  @Test("An adapter: by the activations and by both of its matrices")
  func adapter() throws {
    let weight = try matrix(24, 20, seed: 5)
    let weights = weight.floatValues.values.map(Double.init)
    try check([(6, 20), (4, 20), (24, 4)]) {
      let adapter = try LowRankAdapter(a: $0[1], b: $0[2], scaling: 0.75)
      return try Linear(weight: weight, bias: nil, adapter: adapter)($0[0])
    } _: { x in
      let narrow = Reference.linear(x[0], x[1], columns: 20)
      let added = Reference.linear(narrow, x[2], columns: 4)
      return zip(Reference.linear(x[0], weights, columns: 20), added).map { $0 + 0.75 * $1 }
    }
  }

  @Test("A row of a table gets the gradients of all its tokens")
  func lookup() throws {
    try check([(5, 8)]) {
      WeightMatrix(values: $0[0]).gatherRows([4, 1, 4])
    } _: { x in
      [4, 1, 4].flatMap { Reference.rows(x[0], 8)[$0] }
    }
  }

  @Test(
    "Attention: causal, windowed, in both directions, with shared heads, over packed sequences",
    arguments: [
      (heads: 2, shared: 2, causal: true, window: nil), (4, 2, true, nil), (4, 1, true, 3),
      (2, 1, false, nil),
    ] as [(heads: Int, shared: Int, causal: Bool, window: Int?)])
  func attention(_ one: (heads: Int, shared: Int, causal: Bool, window: Int?)) throws {
    let shape = AttentionShape(
      heads: one.heads, keyValueHeads: one.shared, headDimension: 16, isCausal: one.causal, window: one.window
    )
    var batch = PackedBatch()
    batch.append([1, 2, 3, 4, 5])
    batch.append([6])
    batch.append([7, 8, 9])
    try check([(9, one.heads * 16), (9, one.shared * 16), (9, one.shared * 16)], entries: 60) {
      MartletTensors.attention(
        queries: $0[0], keys: $0[1], values: $0[2], shape: shape, batch: batch, layer: 0)
    } _: {
      Reference.attention($0[0], $0[1], $0[2], shape, batch.sequences.map(\.rows))
    }
  }

  @Test("Attention over more positions than a tile has")
  func longAttention() throws {
    let shape = AttentionShape(heads: 2, keyValueHeads: 1, headDimension: 16, isCausal: true, window: 100)
    let batch = PackedBatch([Int32](repeating: 1, count: 150))
    try check([(150, 32), (150, 16), (150, 16)], entries: 6) {
      MartletTensors.attention(
        queries: $0[0], keys: $0[1], values: $0[2], shape: shape, batch: batch, layer: 0)
    } _: {
      Reference.attention($0[0], $0[1], $0[2], shape, [0..<150])
    }
  }

  @Test("Dropout passes gradients where it passed values")
  func dropout() throws {
    let dropout = try Dropout(probability: 0.4, seed: 7)
    let kept = try tensor((3, 40), seed: 1).dropped(by: dropout)
    let factors = zip(kept.values, try tensor((3, 40), seed: 1).values).map { Double($0 / $1) }
    try check([(3, 40)], seed: 1) {
      $0[0].dropped(by: dropout)
    } _: {
      zip($0[0], factors).map(*)
    }
    let share = Double(factors.count { $0 == 0 }) / 120
    #expect(share > 0.2 && share < 0.6)
    #expect(throws: TensorError.invalidProbability(1)) { try Dropout(probability: 1, seed: 0) }
  }

  @Test("The loss of an output head with a bias and an adapter, over several strips of the vocabulary")
  func crossEntropy() throws {
    let targets = [3, 49, 31, 0]
    try check([(4, 12), (50, 12), (1, 50), (2, 12), (50, 2)]) {
      let adapter = try LowRankAdapter(a: $0[3], b: $0[4], scaling: 0.5)
      let head = try Linear(weight: WeightMatrix(values: $0[1]), bias: $0[2], adapter: adapter)
      return MartletTensors.crossEntropy(
        of: $0[0], head: head, targets: targets, divisor: 3, rowsPerStrip: 16)
    } _: { x in
      let added = Reference.linear(Reference.linear(x[0], x[3], columns: 12), x[4], columns: 2)
      let logits = zip(Reference.linear(x[0], x[1], columns: 12, bias: x[2]), added).map { $0 + 0.5 * $1 }
      return [Reference.crossEntropy(logits, targets) / 3]
    }
  }

  @Test("The loss of a packed head is that of its logits")
  func packedCrossEntropy() throws {
    let head = Linear(weight: try matrix(50, 32, format: .q8_0, seed: 6))
    let weights = head.weight.floatValues.values.map(Double.init)
    try check([(3, 32)]) {
      MartletTensors.crossEntropy(
        of: $0[0], head: head, targets: [49, 0, 7], divisor: nil, rowsPerStrip: 16)
    } _: { x in
      [Reference.crossEntropy(Reference.linear(x[0], weights, columns: 32), [49, 0, 7]) / 3]
    }
    let states = try tensor((3, 32), seed: 2)
    let losses = head(states).crossEntropy(targets: [49, 0, 7])
    let loss = MartletTensors.crossEntropy(of: states, head: head, targets: [49, 0, 7])
    #expect(abs(loss.values[0] - losses.reduce(0, +) / 3) < 1e-5)
  }
}

import MartletKernels
import MartletSeededRandom
import Testing

/// Activations in 8 bits, in buffers of their own.
struct Quantized {
  let values: UnsafeMutablePointer<Int8>
  let scales: UnsafeMutablePointer<Float>
  let sums: UnsafeMutablePointer<Int16>
  let totals: UnsafeMutablePointer<Float>
  let tokens: Int
  let columns: Int
  let groups: Int

  /// `tokens` tokens, rounded by a form's own function: in blocks of 32 or, with `rows`, in groups of 64 columns.
  init(_ x: [Float], tokens: Int, rows: Bool, by form: Form, in memory: Memory) {
    self.tokens = tokens
    columns = x.count / tokens
    groups = rows ? (columns + 63) / 64 : columns / 32
    values = memory.empty(x.count, of: Int8.self)
    scales = memory.empty(tokens * groups)
    sums = memory.empty(tokens * groups * (rows ? 1 : 2), of: Int16.self)
    totals = memory.empty(rows ? 0 : tokens * groups)
    for t in 0..<tokens {
      let source = memory.copy(Array(x[t * columns..<(t + 1) * columns])), out = values + t * columns
      if rows {
        form.kernels.quantize_row(source, columns, out, scales + t * groups, sums + t * groups)
      } else {
        form.kernels.quantize_blocks(
          source, columns, out, scales + t * groups, sums + t * 2 * groups, totals + t * groups)
      }
    }
  }

  var activations: martlet_activations {
    var x = martlet_activations()
    x.tokens = tokens
    x.columns = columns
    x.quantized = UnsafePointer(values)
    x.scales = UnsafePointer(scales)
    x.sums = UnsafePointer(sums)
    x.totals = UnsafePointer(totals)
    return x
  }
}

@Suite("Activations in 8 bits")
struct QuantizeTests {
  @Test("Blocks of 32 have the same bits in every form", arguments: Form.all)
  func blocks(form: Form) {
    var random = SplitMix64(500)
    for blocks in Array(1...9) + [32, 43] {
      for size: Float in [1, 1e-3, 3e-9, 1e-20, 1e4, 1e7] {
        let memory = Memory()
        defer { memory.release() }
        let x = random.floats(32 * blocks, -size...size)
        let mine = Quantized(x, tokens: 1, rows: false, by: form, in: memory)
        let portable = Quantized(x, tokens: 1, rows: false, by: .portable, in: memory)
        #expect(mine.values.first(x.count) == portable.values.first(x.count), "size \(size)")
        #expect(mine.sums.first(2 * blocks) == portable.sums.first(2 * blocks), "size \(size)")
        #expect(
          bitDifference(mine.scales.first(blocks), portable.scales.first(blocks)) == nil, "size \(size)")
        #expect(
          bitDifference(mine.totals.first(blocks), portable.totals.first(blocks)) == nil, "size \(size)")
      }
    }
  }

  @Test("The portable form rounds blocks as llama.cpp's Q8_1: scales and totals in half precision")
  func portableBlocks() {
    var random = SplitMix64(501)
    for _ in 0..<50 {
      let memory = Memory()
      defer { memory.release() }
      let x = random.floats(32, -2...2),
        block = Quantized(x, tokens: 1, rows: false, by: .portable, in: memory)
      let largest = x.map(abs).max() ?? 0, inverse = 127 / largest
      let q = x.map { Int(($0 * inverse).rounded(.toNearestOrEven)) }
      #expect(block.values.first(32).map(Int.init) == q)
      #expect(q.map(abs).max() == 127)
      let sums = [q[..<16].reduce(0, +), q[16...].reduce(0, +)]
      #expect(block.sums.first(2).map(Int.init) == sums)
      #expect(block.scales[0] == Float(Float16(largest / 127)))
      #expect(block.totals[0] == Float(Float16(largest / 127 * Float(sums[0] + sums[1]))))
    }
  }

  @Test("Ties are rounded to even", arguments: Form.all)
  func ties(form: Form) {
    let memory = Memory()
    defer { memory.release() }
    let x: [Float] = (0..<64).map { $0 % 32 == 0 ? 127 : Float($0 % 32) - 15.5 }
    let blocks = Quantized(x, tokens: 1, rows: false, by: form, in: memory)
    #expect(blocks.values.first(64).map(Int.init) == x.map { Int($0.rounded(.toNearestOrEven)) })
  }

  @Test("Rows: a scale for each 64 columns, for every number of columns", arguments: Form.all)
  func rows(form: Form) {
    var random = SplitMix64(502)
    for columns in Array(1...131) + [384, 1536] {
      let memory = Memory()
      defer { memory.release() }
      let x = random.floats(columns, -3...3), limit = form.rowLimit
      let row = Quantized(x, tokens: 1, rows: true, by: form, in: memory)
      for g in 0..<row.groups {
        let part = x[64 * g..<min(columns, 64 * g + 64)], largest = part.map(abs).max() ?? 0
        let q = part.map { Int(($0 * (Float(limit) / largest)).rounded(.toNearestOrEven)) }
        #expect(row.values.first(columns)[part.indices].map(Int.init) == q, "columns = \(columns)")
        #expect(row.scales[g] == largest / Float(limit), "columns = \(columns)")
        #expect(Int(row.sums[g]) == q.reduce(0, +), "columns = \(columns)")
      }
    }
  }

  @Test(
    "Zeros, and numbers too small to be told from them, become zeros", arguments: Form.all, [true, false])
  func nothing(form: Form, rows: Bool) {
    for size: Float in [0, .leastNonzeroMagnitude, .leastNormalMagnitude / 128, .leastNormalMagnitude, 1e-35]
    {
      let memory = Memory()
      defer { memory.release() }
      let x = (0..<64).map { $0 % 3 == 0 ? -size : size }
      let quantized = Quantized(x, tokens: 1, rows: rows, by: form, in: memory)
      #expect(quantized.values.first(64).allSatisfy { $0 == 0 }, "size \(size)")
      #expect(quantized.scales.first(quantized.groups).allSatisfy { $0 >= 0 && $0 < 1e-35 }, "size \(size)")
      #expect(quantized.sums.first(rows ? 1 : 4).allSatisfy { $0 == 0 }, "size \(size)")
    }
  }

  @Test("What is not a finite number shows in its scale", arguments: Form.all, [true, false])
  func notFinite(form: Form, rows: Bool) {
    for bad in [Float.nan, -.nan, .infinity, -.infinity] {
      for place in 0..<64 {
        let memory = Memory()
        defer { memory.release() }
        var x = [Float](repeating: 0.5, count: 64)
        x[place] = bad
        let quantized = Quantized(x, tokens: 1, rows: rows, by: form, in: memory)
        let scale = quantized.scales[rows ? 0 : place / 32]
        #expect(bad.isNaN ? scale.isNaN : scale == .infinity, "\(bad) at \(place)")
      }
    }
  }
}
